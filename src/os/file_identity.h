#ifndef TARE_OS_FILE_IDENTITY_H_
#define TARE_OS_FILE_IDENTITY_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tare {

// FNV-1a, 64 bits: tells versions apart, but does not protect against intent.
inline uint64_t Fnv1a64(std::string_view bytes, uint64_t state = 0xcbf29ce484222325) {
  for (const char c : bytes) {
    state ^= static_cast<unsigned char>(c);
    state *= 0x100000001b3;
  }
  return state;
}

// "sampled-fnv1a64:SIZE:HASH": a hash of the size, the first and last 64 KiB, and 64 blocks of 4
// KiB spread evenly between. Quick for any size, and equal for equal files at any path. Misses a
// change between the samples. Errors: Io.
Result<std::string> SampledFileId(const std::string& path);

}  // namespace tare

#endif  // TARE_OS_FILE_IDENTITY_H_
