#ifndef TARE_FORMAT_TESTING_RAW_SAFETENSORS_H_
#define TARE_FORMAT_TESTING_RAW_SAFETENSORS_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tare {

// The bytes of a safetensors file with this header and so many bytes of data, which count up.
//   length  claimed instead of the header's.
inline std::vector<std::byte> RawSafetensors(std::string_view header, size_t data_bytes,
                                             std::optional<uint64_t> length = std::nullopt) {
  const uint64_t claimed = length.value_or(header.size());
  std::vector<std::byte> file(sizeof(claimed) + header.size() + data_bytes);
  std::memcpy(file.data(), &claimed, sizeof(claimed));
  std::memcpy(file.data() + sizeof(claimed), header.data(), header.size());
  for (size_t i = 0; i < data_bytes; ++i) {
    file[sizeof(claimed) + header.size() + i] = static_cast<std::byte>(i);
  }
  return file;
}

}  // namespace tare

#endif  // TARE_FORMAT_TESTING_RAW_SAFETENSORS_H_
