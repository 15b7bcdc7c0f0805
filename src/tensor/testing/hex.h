#ifndef TARE_TENSOR_TESTING_HEX_H_
#define TARE_TENSOR_TESTING_HEX_H_

#include <cstddef>
#include <string>
#include <vector>

namespace tare {

// The bytes that pairs of hexadecimal digits stand for, as golden files hold them.
inline std::vector<std::byte> FromHex(const std::string& hex) {
  std::vector<std::byte> bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

}  // namespace tare

#endif  // TARE_TENSOR_TESTING_HEX_H_
