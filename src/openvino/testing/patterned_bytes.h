#ifndef TARE_OPENVINO_TESTING_PATTERNED_BYTES_H_
#define TARE_OPENVINO_TESTING_PATTERNED_BYTES_H_

#include <cstddef>
#include <span>
#include <vector>

namespace tare {

// A byte value that depends on its position, both within a page and between pages.
inline std::byte PatternAt(size_t i) { return static_cast<std::byte>((i * 31 + i / 4096) & 0xff); }

// Heap memory with the pattern, like a constant's.
inline std::vector<std::byte> PatternedBytes(size_t count) {
  std::vector<std::byte> bytes(count);
  for (size_t i = 0; i < count; ++i) bytes[i] = PatternAt(i);
  return bytes;
}

// The first position that differs from the pattern, or the size.
inline size_t FirstWrong(std::span<const std::byte> bytes) {
  size_t i = 0;
  while (i < bytes.size() && bytes[i] == PatternAt(i)) ++i;
  return i;
}

}  // namespace tare

#endif  // TARE_OPENVINO_TESTING_PATTERNED_BYTES_H_
