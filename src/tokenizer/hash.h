#ifndef TARE_TOKENIZER_HASH_H_
#define TARE_TOKENIZER_HASH_H_

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tare {

// Spreads every bit of `x` over the high bits, which SlotOf uses.
inline uint64_t MixHash(uint64_t x) {
  x ^= x >> 32;
  x *= 0x9E3779B97F4A7C15u;
  x ^= x >> 29;
  return x * 0xBF58476D1CE4E5B9u;
}

inline uint64_t HashBytes(std::string_view bytes) {
  uint64_t hash = bytes.size();
  for (; bytes.size() > 8; bytes.remove_prefix(8)) {
    uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    hash = MixHash(hash ^ word);
  }
  uint64_t word = 0;
  if (!bytes.empty()) std::memcpy(&word, bytes.data(), bytes.size());
  return MixHash(hash ^ word);
}

// Maps a hash onto [0, slots) for any number of slots below 2^32, powers of two or not.
inline size_t SlotOf(uint64_t hash, size_t slots) { return (hash >> 32) * slots >> 32; }

}  // namespace tare

#endif  // TARE_TOKENIZER_HASH_H_
