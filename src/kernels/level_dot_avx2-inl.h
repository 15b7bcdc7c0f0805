// Dot products of one token with types whose numbers are a step times a level of at most six bits:
// Q5_0, Q5_1, Q4_K, Q5_K and Q6_K, for AVX2. Included once by kernels_avx2.cc.
//
// Levels stay bytes. Activations become integers of 24 bits by 32 of them, as exact as an f32 is at
// the largest of the 32, in three planes of signed bytes. So a vector takes 32 weights, and the sum
// of a group's products is exact. Half of what widening levels to f32 takes, which bounds decoding
// on AVX2.

#include <immintrin.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/matmul.h"
#include "tensor/dtype.h"

namespace tare::TARE_SIMD_NAMESPACE {

// What is decoded together: eight groups of 32.
inline constexpr size_t kLevelGroups = 8;
inline constexpr size_t kLevelBlock = 32 * kLevelGroups;

inline __m256i LoadBytes32(const std::byte* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
inline void StoreBytes32(__m256i bytes, std::byte* to) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), bytes);
}
inline __m256i EachByte(int value) { return _mm256_set1_epi8(static_cast<char>(value)); }

// ---- Activations -------------------------------------------------------------------------------

// The largest integer: its three signed bytes are below 128 even after rounding.
inline constexpr float kMostOfPlanes = 8355000.0f;
inline constexpr size_t kPlanes = 3;

// A token's activations in scratch. Number i is scales[i / 32] times an integer, whose bytes, the
// highest first, are 32 bytes apart in `planes`. Behind them the sums of each 16 and 32
// activations. Zeros fill up the last block.
struct LevelToken {
  static size_t Padded(size_t k) { return (k + kLevelBlock - 1) / kLevelBlock * kLevelBlock; }
  static size_t Bytes(size_t k) {
    const size_t padded = Padded(k);
    return padded * kPlanes + (padded / 16 + 2 * padded / 32) * sizeof(float);
  }
  LevelToken(size_t k, std::byte* scratch)
      : planes(scratch),
        scales(reinterpret_cast<float*>(scratch + Padded(k) * kPlanes)),
        sums_of_32(scales + Padded(k) / 32),
        sums_of_16(sums_of_32 + Padded(k) / 32) {}

  std::byte* planes;
  float* scales;
  float* sums_of_32;
  float* sums_of_16;
};

// Group g of 32 activations. A number that is not finite makes the group's scale NaN.
inline void SetPlanes(const float* x, size_t g, const LevelToken& to) {
  F32 v[4], most = Zero(), sum = Zero();
  for (size_t i = 0; i < 4; ++i) {
    v[i] = Load(x + 8 * i);
    most = Max(most, Abs(v[i]));
    sum = sum + v[i];
  }
  const float largest = MaxLane(most), all = Sum(sum);
  const bool counts = largest > 1e-30f;
  const float scale = counts ? largest / kMostOfPlanes : 0.0f;
  const F32 inverse = Set(counts ? kMostOfPlanes / largest : 0.0f);
  // Bytes of the number above its smallest value, of four numbers each: lowest, middle, highest.
  const __m256i by_plane = _mm256_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, -1, -1, -1, -1,
                                            0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, -1, -1, -1, -1);
  __m256i q[4], bytes[4];
  for (size_t i = 0; i < 4; ++i) {
    q[i] = _mm256_cvtps_epi32((v[i] * inverse).v);
    bytes[i] = _mm256_shuffle_epi8(_mm256_add_epi32(q[i], _mm256_set1_epi32(0x808080)), by_plane);
  }
  const __m256i low_01 = _mm256_unpacklo_epi32(bytes[0], bytes[1]);
  const __m256i low_23 = _mm256_unpacklo_epi32(bytes[2], bytes[3]);
  const __m256i high_01 = _mm256_unpackhi_epi32(bytes[0], bytes[1]);
  const __m256i high_23 = _mm256_unpackhi_epi32(bytes[2], bytes[3]);
  const __m256i planes[kPlanes] = {_mm256_unpacklo_epi64(high_01, high_23),
                                   _mm256_unpackhi_epi64(low_01, low_23),
                                   _mm256_unpacklo_epi64(low_01, low_23)};
  const __m256i in_order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  for (size_t p = 0; p < kPlanes; ++p) {
    const __m256i plane = _mm256_permutevar8x32_epi32(planes[p], in_order);
    StoreBytes32(_mm256_xor_si256(plane, EachByte(0x80)), to.planes + (g * kPlanes + p) * 32);
  }
  const __m256i pairs =
      _mm256_hadd_epi32(_mm256_add_epi32(q[0], q[1]), _mm256_add_epi32(q[2], q[3]));
  const __m256i fours = _mm256_hadd_epi32(pairs, pairs);
  const __m128i of_16 =
      _mm_add_epi32(_mm256_castsi256_si128(fours), _mm256_extracti128_si256(fours, 1));
  const int first = _mm_cvtsi128_si32(of_16), second = _mm_extract_epi32(of_16, 1);
  to.scales[g] = scale + (all - all);
  to.sums_of_16[2 * g] = static_cast<float>(first) * to.scales[g];
  to.sums_of_16[2 * g + 1] = static_cast<float>(second) * to.scales[g];
  to.sums_of_32[g] = static_cast<float>(first + second) * to.scales[g];
}

// x: K numbers, a multiple of 32.
inline void SetPlanesOfAll(const float* x, size_t k, const LevelToken& to) {
  static constexpr float kNone[32] = {};
  for (size_t i = 0; i < LevelToken::Padded(k); i += 32)
    SetPlanes(i < k ? x + i : kNone, i / 32, to);
}

// ---- Levels ------------------------------------------------------------------------------------

// 16 bytes of nibbles: low ones, then high ones.
inline __m256i LoadNibbles(const std::byte* from) {
  const __m128i both = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  const __m256i shifts = _mm256_setr_epi64x(0, 0, 4, 4);
  const __m256i wide = _mm256_srlv_epi64(_mm256_broadcastsi128_si256(both), shifts);
  return _mm256_and_si256(wide, EachByte(15));
}

// 32 bits: 16 in each byte whose bit is set, else 0.
inline __m256i LoadFifthBits(const std::byte* from) {
  int32_t bits;
  std::memcpy(&bits, from, sizeof(bits));
  const __m256i byte_of_lane = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2,
                                                2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
  const __m256i bit_of_byte = _mm256_set1_epi64x(static_cast<int64_t>(0x8040201008040201));
  const __m256i spread = _mm256_shuffle_epi8(_mm256_set1_epi32(bits), byte_of_lane);
  const __m256i is_set = _mm256_cmpeq_epi8(_mm256_and_si256(spread, bit_of_byte), bit_of_byte);
  return _mm256_and_si256(is_set, EachByte(16));
}

// Eight f16 that are `stride` bytes apart; those of groups that do not exist are zero. Put together
// in a register: two bytes stored would not be forwarded to a load of sixteen.
inline __m256 LoadScales(const std::byte* from, size_t stride, size_t groups) {
  const auto at = [=](size_t g) {
    int16_t bits = 0;
    if (g < groups) std::memcpy(&bits, from + g * stride, sizeof(bits));
    return bits;
  };
  return _mm256_cvtph_ps(_mm_setr_epi16(at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)));
}

// A block of eight groups: Levels(g) has those of group g as bytes. step and low, what is added to
// every number, are those of the groups, or of their halves.
template <DType kType>
struct LevelBlock;

// Q5_0 and Q5_1: each group is a block of its own, kHead bytes of f16, then fifth bits and nibbles.
template <DType kType, size_t kHead>
struct FiveBitLevelBlock {
  static constexpr bool kBy16 = false;
  static constexpr size_t kBytes = BlockBytes(kType);

  FiveBitLevelBlock(const std::byte* block, size_t groups) : from(block) {
    step[0] = LoadScales(from, kBytes, groups);
  }
  __m256i Levels(size_t g) const {
    const std::byte* const bits = from + g * kBytes + kHead;
    return _mm256_or_si256(LoadNibbles(bits + 4), LoadFifthBits(bits));
  }

  const std::byte* from;
  __m256 step[1], low[1];
};

template <>
struct LevelBlock<DType::kQ5_0> : FiveBitLevelBlock<DType::kQ5_0, 2> {
  LevelBlock(const std::byte* block, size_t groups) : FiveBitLevelBlock(block, groups) {
    low[0] = _mm256_mul_ps(step[0], _mm256_set1_ps(-16.0f));
  }
};

template <>
struct LevelBlock<DType::kQ5_1> : FiveBitLevelBlock<DType::kQ5_1, 4> {
  LevelBlock(const std::byte* block, size_t groups) : FiveBitLevelBlock(block, groups) {
    low[0] = LoadScales(from + 2, kBytes, groups);
  }
};

// The head that Q4_K and Q5_K share: two f16, then 6-bit steps and minima of eight groups.
struct AffineLevelBlock {
  static constexpr bool kBy16 = false;

  explicit AffineLevelBlock(const std::byte* block) : from(block) {
    const SixBits fields(from);
    F32 unit, low_unit;
    BroadcastF16Pair(from, unit, low_unit);
    step[0] = _mm256_mul_ps(unit.v, Widened(fields.bytes[0], fields.bytes[1]));
    low[0] = _mm256_mul_ps((Zero() - low_unit).v, Widened(fields.bytes[2], fields.bytes[3]));
  }

  const std::byte* from;
  __m256 step[1], low[1];

 private:
  static __m256 Widened(uint32_t first, uint32_t second) {
    const uint64_t bytes = first | static_cast<uint64_t>(second) << 32;
    const __m128i eight = _mm_cvtsi64_si128(static_cast<int64_t>(bytes));
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(eight));
  }
};

// Group g's nibbles: the low or the high ones of 32 bytes.
inline __m256i NibblesOf(const std::byte* from, size_t g) {
  const __m256i both = LoadBytes32(from + g / 2 * 32);
  return _mm256_and_si256(g % 2 == 0 ? both : _mm256_srli_epi16(both, 4), EachByte(15));
}

template <>
struct LevelBlock<DType::kQ4_K> : AffineLevelBlock {
  LevelBlock(const std::byte* block, size_t) : AffineLevelBlock(block) {}
  __m256i Levels(size_t g) const { return NibblesOf(from + 16, g); }
};

template <>
struct LevelBlock<DType::kQ5_K> : AffineLevelBlock {
  LevelBlock(const std::byte* block, size_t) : AffineLevelBlock(block) {}
  __m256i Levels(size_t g) const {
    // Bit g of each byte goes to bit 4. Shifts are of 16 bits, so the mask comes after.
    const __m256i fifths = LoadBytes32(from + 16);
    const int shift = 4 - static_cast<int>(g);
    const __m256i moved =
        shift >= 0 ? _mm256_slli_epi16(fifths, shift) : _mm256_srli_epi16(fifths, -shift);
    return _mm256_or_si256(NibblesOf(from + 48, g), _mm256_and_si256(moved, EachByte(16)));
  }
};

template <>
struct LevelBlock<DType::kQ6_K> {
  static constexpr bool kBy16 = true;

  LevelBlock(const std::byte* block, size_t) : from(block) {
    const __m256 unit = BroadcastF16(from + 208).v;
    for (size_t i = 0; i < 2; ++i) {
      step[i] = _mm256_mul_ps(unit, LoadI8(from + 192 + 8 * i).v);
      low[i] = _mm256_mul_ps(step[i], _mm256_set1_ps(-32.0f));
    }
  }
  // 128 numbers are the low nibbles of 64 bytes and then the high ones; their upper bits are the
  // four fields of 32 bytes.
  __m256i Levels(size_t g) const {
    const __m256i fours = LoadBytes32(from + g / 4 * 64 + g % 2 * 32);
    const __m256i nibbles =
        _mm256_and_si256(g % 4 < 2 ? fours : _mm256_srli_epi16(fours, 4), EachByte(15));
    const __m256i fields = LoadBytes32(from + 128 + g / 4 * 32);
    const int shift = 4 - 2 * static_cast<int>(g % 4);
    const __m256i moved =
        shift >= 0 ? _mm256_slli_epi16(fields, shift) : _mm256_srli_epi16(fields, -shift);
    return _mm256_or_si256(nibbles, _mm256_and_si256(moved, EachByte(48)));
  }

  const std::byte* from;
  __m256 step[2], low[2];
};

// ---- Products ----------------------------------------------------------------------------------

// The sums of four products each, of 32 levels with the integers at `planes`. At most 4 * 63 *
// 2^23.
inline __m256i DotPlanes(__m256i levels, const std::byte* planes) {
  const auto plane = [&](size_t p, short factor) {
    const __m256i pairs = _mm256_maddubs_epi16(levels, LoadBytes32(planes + 32 * p));
    return _mm256_madd_epi16(pairs, _mm256_set1_epi16(factor));
  };
  const __m256i upper = _mm256_add_epi32(plane(0, 256), plane(1, 1));
  return _mm256_add_epi32(_mm256_slli_epi32(upper, 8), plane(2, 1));
}

// Adds block b of one row to sums [8].
template <DType kType>
inline void AddLevelBlock(const std::byte* from, size_t groups, const LevelToken& token, size_t b,
                          float* sums) {
  using Block = LevelBlock<kType>;
  const Block block(from, groups);
  const std::byte* const planes = token.planes + b * kLevelBlock * kPlanes;
  const __m256 scales = _mm256_loadu_ps(token.scales + b * kLevelGroups);
  // Of a step and a scale; for groups, or for halves of them.
  alignas(32) float factors[2 * kLevelGroups];
  F32 even = Load(sums), odd;
  if constexpr (Block::kBy16) {
    const float* const of_16 = token.sums_of_16 + 2 * b * kLevelGroups;
    odd.v = _mm256_mul_ps(block.low[0], _mm256_loadu_ps(of_16));
    odd.v = _mm256_fmadd_ps(block.low[1], _mm256_loadu_ps(of_16 + 8), odd.v);
    const __m256i first = _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3);
    const __m256i second = _mm256_setr_epi32(4, 4, 5, 5, 6, 6, 7, 7);
    _mm256_store_ps(factors, _mm256_mul_ps(block.step[0], _mm256_permutevar8x32_ps(scales, first)));
    _mm256_store_ps(factors + 8,
                    _mm256_mul_ps(block.step[1], _mm256_permutevar8x32_ps(scales, second)));
  } else {
    odd.v = _mm256_mul_ps(block.low[0], _mm256_loadu_ps(token.sums_of_32 + b * kLevelGroups));
    _mm256_store_ps(factors, _mm256_mul_ps(block.step[0], scales));
  }
  const auto add_group = [&](size_t g, F32& sum) {
    const __m256i dots = DotPlanes(block.Levels(g), planes + 32 * kPlanes * g);
    __m256 factor;
    if constexpr (Block::kBy16) {
      factor =
          _mm256_set_m128(_mm_broadcast_ss(factors + 2 * g + 1), _mm_broadcast_ss(factors + 2 * g));
    } else {
      factor = _mm256_broadcast_ss(factors + g);
    }
    sum.v = _mm256_fmadd_ps(_mm256_cvtepi32_ps(dots), factor, sum.v);
  };
  if (groups == kLevelGroups) {
    TARE_UNROLL
    for (size_t g = 0; g < kLevelGroups; g += 2) {
      add_group(g, even);
      add_group(g + 1, odd);
    }
  } else {
    for (size_t g = 0; g < groups; ++g) add_group(g, even);
  }
  Store(even + odd, sums);
}

// Rows whose blocks are read in turn; a row alone is too short for the hardware's prefetching.
inline constexpr size_t kLevelRows = 4;

template <DType kType>
inline void LevelDotRows(const MatMulArgs& args, const LevelToken& token, size_t n, size_t rows) {
  const size_t row_bytes = StoredBytes(kType, args.k);
  constexpr size_t kBytes = StoredBytes(kType, kLevelBlock);
  const std::byte* const w = args.weight + n * row_bytes;
  alignas(32) float sums[kLevelRows][8] = {};
  for (size_t b = 0; b * kLevelBlock < args.k; ++b) {
    const std::byte* const ahead = w + kPrefetchBytes + b * kBytes * rows;
    for (size_t line = 0; line < rows * kBytes; line += 64) Prefetch(ahead + line);
    const size_t groups = std::min(kLevelGroups, (args.k - b * kLevelBlock) / 32);
    for (size_t r = 0; r < rows; ++r) {
      AddLevelBlock<kType>(w + r * row_bytes + b * kBytes, groups, token, b, sums[r]);
    }
  }
  for (size_t r = 0; r < rows; ++r) args.y[n + r] = Sum(Load(sums[r]));
}

template <DType kType>
inline void LevelDots(const MatMulArgs& args, IndexRange columns, const LevelToken& token) {
  for (size_t n = columns.begin; n < columns.end; n += kLevelRows) {
    LevelDotRows<kType>(args, token, n, std::min(kLevelRows, columns.end - n));
  }
}

inline bool HasLevelDots(const MatMulArgs& args) {
  switch (args.weight_type) {
    case DType::kQ5_0:
    case DType::kQ5_1:
    case DType::kQ4_K:
    case DType::kQ5_K:
    case DType::kQ6_K:
      return args.t == 1 && args.layout == WeightLayout::kOutIn;
    default:
      return false;
  }
}

inline size_t LevelDotScratchBytes(const MatMulArgs& args) { return LevelToken::Bytes(args.k); }

// Precondition: HasLevelDots(args).
inline void RunLevelDots(const MatMulArgs& args, IndexRange columns, std::byte* scratch) {
  const LevelToken token(args.k, scratch);
  SetPlanesOfAll(args.x, args.k, token);
  switch (args.weight_type) {
    case DType::kQ5_0:
      return LevelDots<DType::kQ5_0>(args, columns, token);
    case DType::kQ5_1:
      return LevelDots<DType::kQ5_1>(args, columns, token);
    case DType::kQ4_K:
      return LevelDots<DType::kQ4_K>(args, columns, token);
    case DType::kQ5_K:
      return LevelDots<DType::kQ5_K>(args, columns, token);
    case DType::kQ6_K:
      return LevelDots<DType::kQ6_K>(args, columns, token);
    default:
      TARE_CHECK(false);
  }
}

}  // namespace tare::TARE_SIMD_NAMESPACE
