#ifndef TARE_TENSOR_LITTLE_ENDIAN_H_
#define TARE_TENSOR_LITTLE_ENDIAN_H_

#include <bit>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace tare {

static_assert(std::endian::native == std::endian::little,
              "model files are little-endian and are used where they lie");

// Reads numbers of a model file: little-endian, at any alignment.
template <typename T>
requires std::is_arithmetic_v<T> T LoadLittleEndian(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

template <typename T>
requires std::is_arithmetic_v<T>
void StoreLittleEndian(T value, std::byte* to) { std::memcpy(to, &value, sizeof(T)); }

}  // namespace tare

#endif  // TARE_TENSOR_LITTLE_ENDIAN_H_
