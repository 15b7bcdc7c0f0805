// Steps of the types whose numbers have four to six bits, in one or two fields: Q5_0, Q5_1, Q4_K,
// Q5_K and Q6_K. Levels are put together as bytes, 32 at a time, in vectors of GCC and Clang that
// suit any instruction set; then widened from memory. Every product of a scale and a level is exact
// in f32, so it does not matter whether it is fused with the sum. Included once by weights-inl.h.

#include <cstdint>
#include <cstring>

#include "tensor/dtype.h"

namespace tare::TARE_SIMD_NAMESPACE {

// 32 bytes: as such for sums and comparisons, as words for shifts, which x86 has no others of.
typedef int8_t Bytes __attribute__((vector_size(32)));
typedef uint64_t Words __attribute__((vector_size(32)));
typedef uint32_t HalfWords __attribute__((vector_size(32)));

inline constexpr uint64_t kEveryByte = 0x0101010101010101;

inline void LoadWords(const std::byte* from, Words& to) { std::memcpy(&to, from, sizeof(to)); }

// Levels of kCount numbers, as signed bytes.
template <size_t kCount>
struct Levels {
  alignas(32) std::byte bytes[kCount];

  void Set(size_t group, const Words& levels) {
    std::memcpy(bytes + 32 * group, &levels, sizeof(levels));
  }
  void SetLess(size_t group, const Words& levels, int8_t offset) {
    const Bytes less = (Bytes)levels - offset;
    std::memcpy(bytes + 32 * group, &less, sizeof(less));
  }
  F32 Widened(size_t v) const { return LoadI8(bytes + v * kLanes); }
};

// ---- Q5_0 and Q5_1 -----------------------------------------------------------------------------

// Four bytes of fifth bits, then nibbles: all 32 levels.
inline void LoadFiveBits(const std::byte* from, Words& levels) {
  uint32_t fifths;
  std::memcpy(&fifths, from, sizeof(fifths));
  // Byte i gets the byte that holds bit i; a shuffle of each half of the vector.
  const HalfWords all = HalfWords{} + fifths;
  const Bytes spread =
      __builtin_shufflevector((Bytes)all, (Bytes)all, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1,
                              1, 18, 18, 18, 18, 18, 18, 18, 18, 19, 19, 19, 19, 19, 19, 19, 19);
  const Words bit_of_byte = Words{} + 0x8040201008040201;
  const Words fifth = (Words)(((Bytes)((Words)spread & bit_of_byte)) != 0) & (kEveryByte * 16);
  uint64_t nibbles[2];
  std::memcpy(nibbles, from + sizeof(fifths), sizeof(nibbles));
  constexpr uint64_t kLow = kEveryByte * 15;
  const Words fours = {nibbles[0] & kLow, nibbles[1] & kLow, nibbles[0] >> 4 & kLow,
                       nibbles[1] >> 4 & kLow};
  levels = fours | fifth;
}

template <>
class StepDecoder<DType::kQ5_0> {
 public:
  explicit StepDecoder(const std::byte* from) : from_(from) {}
  void Piece(size_t, F32 (&w)[kPieceVectors<DType::kQ5_0>]) const {
    Words raw;
    LoadFiveBits(from_ + 2, raw);
    Levels<32> levels;
    levels.SetLess(0, raw, 16);
    const F32 scale = BroadcastF16(from_);
    for (size_t v = 0; v < kPieceVectors<DType::kQ5_0>; ++v) w[v] = levels.Widened(v) * scale;
  }

 private:
  const std::byte* from_;
};

template <>
class StepDecoder<DType::kQ5_1> {
 public:
  explicit StepDecoder(const std::byte* from) : from_(from) {}
  void Piece(size_t, F32 (&w)[kPieceVectors<DType::kQ5_1>]) const {
    Words raw;
    LoadFiveBits(from_ + 4, raw);
    Levels<32> levels;
    levels.Set(0, raw);
    F32 scale, min;
    BroadcastF16Pair(from_, scale, min);
    for (size_t v = 0; v < kPieceVectors<DType::kQ5_1>; ++v) {
      w[v] = MulAdd(levels.Widened(v), scale, min);
    }
  }

 private:
  const std::byte* from_;
};

// ---- Q4_K and Q5_K -----------------------------------------------------------------------------

// The six-bit numbers of a block's head as bytes, eight scales and then eight minima.
struct SixBits {
  explicit SixBits(const std::byte* block) {
    uint32_t packed[3];
    std::memcpy(packed, block + 4, sizeof(packed));
    constexpr uint32_t kSix = 0x3f3f3f3f, kFour = 0x0f0f0f0f, kTop = 0x30303030;
    bytes[0] = packed[0] & kSix;
    bytes[1] = (packed[2] & kFour) | (packed[0] >> 2 & kTop);
    bytes[2] = packed[1] & kSix;
    bytes[3] = (packed[2] >> 4 & kFour) | (packed[1] >> 2 & kTop);
  }
  uint32_t bytes[4];
};

// The steps and the negated minima of the eight groups of 32.
class AffineGroups {
 public:
  explicit AffineGroups(const std::byte* block) {
    const SixBits fields(block);
    alignas(16) std::byte whole[16];
    std::memcpy(whole, fields.bytes, sizeof(whole));
    // The factors of both, eight each, overlap where vectors are longer.
    F32 unit, min_unit;
    BroadcastF16Pair(block, unit, min_unit);
    alignas(64) float units[16 + 8];
    for (size_t i = 0; i < 8; i += kLanes) Store(unit, units + i);
    for (size_t i = 0; i < 8; i += kLanes) Store(Zero() - min_unit, units + 8 + i);
    for (size_t i = 0; i < 16; i += kLanes) Store(LoadI8(whole + i) * Load(units + i), steps_ + i);
  }

  // Groups 2 p and 2 p + 1.
  void Scale(size_t p, const Levels<64>& levels, F32 (&w)[64 / kLanes]) const {
    TARE_UNROLL
    for (size_t half = 0; half < 2; ++half) {
      const F32 step = Set(steps_[2 * p + half]);
      const F32 minus_low = Set(steps_[8 + 2 * p + half]);
      TARE_UNROLL
      for (size_t i = 0; i < 32 / kLanes; ++i) {
        const size_t v = half * (32 / kLanes) + i;
        w[v] = MulAdd(levels.Widened(v), step, minus_low);
      }
    }
  }

 private:
  alignas(64) float steps_[16];
};

template <>
class StepDecoder<DType::kQ4_K> {
 public:
  explicit StepDecoder(const std::byte* from) : from_(from), groups_(from) {}
  void Piece(size_t p, F32 (&w)[kPieceVectors<DType::kQ4_K>]) const {
    Words nibbles;
    LoadWords(from_ + 16 + 32 * p, nibbles);
    Levels<64> levels;
    levels.Set(0, nibbles & (kEveryByte * 15));
    levels.Set(1, nibbles >> 4 & (kEveryByte * 15));
    groups_.Scale(p, levels, w);
  }

 private:
  const std::byte* from_;
  AffineGroups groups_;
};

template <>
class StepDecoder<DType::kQ5_K> {
 public:
  explicit StepDecoder(const std::byte* from) : from_(from), groups_(from) {
    LoadWords(from + 16, fifths_);
  }
  void Piece(size_t p, F32 (&w)[kPieceVectors<DType::kQ5_K>]) const {
    Words nibbles;
    LoadWords(from_ + 48 + 32 * p, nibbles);
    const Words fifths = fifths_ >> (2 * p);  // bits 0 and 1 of each byte are this piece's
    Levels<64> levels;
    levels.Set(0, (nibbles & (kEveryByte * 15)) | (fifths & kEveryByte) << 4);
    levels.Set(1, (nibbles >> 4 & (kEveryByte * 15)) | (fifths & (kEveryByte * 2)) << 3);
    groups_.Scale(p, levels, w);
  }

 private:
  const std::byte* from_;
  AffineGroups groups_;
  Words fifths_;
};

// ---- Q6_K --------------------------------------------------------------------------------------

template <>
class StepDecoder<DType::kQ6_K> {
 public:
  explicit StepDecoder(const std::byte* from) : from_(from) {
    const F32 unit = BroadcastF16(from + 208);
    for (size_t v = 0; v < 16 / kLanes; ++v) {
      Store(LoadI8(from + 192 + v * kLanes) * unit, steps_ + v * kLanes);
    }
  }
  // Pieces are 64 numbers: the low or the high nibbles of 64 bytes. Their upper bits are two fields
  // of 32 bytes.
  void Piece(size_t p, F32 (&w)[kPieceVectors<DType::kQ6_K>]) const {
    const std::byte* const low = from_ + p / 2 * 64;
    const size_t low_shift = p % 2 * 4;
    Words fours[2], upper;
    LoadWords(low, fours[0]);
    LoadWords(low + 32, fours[1]);
    LoadWords(from_ + 128 + p / 2 * 32, upper);
    upper = upper >> low_shift;  // fields 0 and 1, or 2 and 3
    Levels<64> levels;
    levels.SetLess(0, (fours[0] >> low_shift & (kEveryByte * 15)) | (upper & (kEveryByte * 3)) << 4,
                   32);
    levels.SetLess(
        1, (fours[1] >> low_shift & (kEveryByte * 15)) | (upper & (kEveryByte * 12)) << 2, 32);
    TARE_UNROLL
    for (size_t group = 0; group < 4; ++group) {
      const F32 step = Set(steps_[4 * p + group]);
      TARE_UNROLL
      for (size_t i = 0; i < 16 / kLanes; ++i) {
        const size_t v = group * (16 / kLanes) + i;
        w[v] = levels.Widened(v) * step;
      }
    }
  }

 private:
  const std::byte* from_;
  alignas(64) float steps_[16];
};

}  // namespace tare::TARE_SIMD_NAMESPACE
