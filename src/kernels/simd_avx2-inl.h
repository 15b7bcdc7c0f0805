// Vectors of eight f32 for AVX2, FMA and F16C. Included once by kernels_avx2.cc, inside its target
// region and TARE_SIMD_NAMESPACE; simd_portable-inl.h defines what each function means.

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tare::TARE_SIMD_NAMESPACE {

#define TARE_SIMD_HAS_LEVEL_DOTS

inline constexpr size_t kLanes = 8;
inline constexpr size_t kTileRows = 6;  // 12 accumulators, 2 weights, 1 broadcast: 15 of 16

struct F32 {
  __m256 v;
};
struct Mask {
  __m256 v;
};

inline __m256i FirstLanes(size_t n) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), lane);
}

inline F32 Zero() { return {_mm256_setzero_ps()}; }
inline F32 Set(float x) { return {_mm256_set1_ps(x)}; }
inline F32 Load(const float* from) { return {_mm256_loadu_ps(from)}; }
inline F32 LoadFirst(const float* from, size_t n) {
  return {_mm256_maskload_ps(from, FirstLanes(n))};
}
inline void Store(F32 x, float* to) { _mm256_storeu_ps(to, x.v); }
inline void StoreFirst(F32 x, float* to, size_t n) { _mm256_maskstore_ps(to, FirstLanes(n), x.v); }

inline F32 operator+(F32 a, F32 b) { return {_mm256_add_ps(a.v, b.v)}; }
inline F32 operator-(F32 a, F32 b) { return {_mm256_sub_ps(a.v, b.v)}; }
inline F32 operator*(F32 a, F32 b) { return {_mm256_mul_ps(a.v, b.v)}; }
inline F32 operator/(F32 a, F32 b) { return {_mm256_div_ps(a.v, b.v)}; }
inline F32 MulAdd(F32 a, F32 b, F32 c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
inline F32 FusedMulAdd(F32 a, F32 b, F32 c) { return MulAdd(a, b, c); }
inline F32 FusedNegMulAdd(F32 a, F32 b, F32 c) { return {_mm256_fnmadd_ps(a.v, b.v, c.v)}; }
inline F32 Max(F32 a, F32 b) { return {_mm256_max_ps(a.v, b.v)}; }
inline F32 Min(F32 a, F32 b) { return {_mm256_min_ps(a.v, b.v)}; }
inline F32 Abs(F32 a) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)}; }
inline F32 Round(F32 a) {
  return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}
inline F32 Floor(F32 a) {
  return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)};
}
inline Mask Less(F32 a, F32 b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ)}; }
inline F32 Select(Mask mask, F32 yes, F32 no) { return {_mm256_blendv_ps(no.v, yes.v, mask.v)}; }

inline __m256 PowerOf2(__m256i n) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23));
}
inline F32 ScaleByPowerOf2(F32 x, F32 n) {
  // Two factors: 2^n itself may be out of range where x * 2^n is not.
  const __m256i whole = _mm256_cvtps_epi32(n.v);
  const __m256i half = _mm256_srai_epi32(whole, 1);
  const __m256 scaled = _mm256_mul_ps(x.v, PowerOf2(half));
  return {_mm256_mul_ps(scaled, PowerOf2(_mm256_sub_epi32(whole, half)))};
}

inline float Sum(F32 x) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(x.v), _mm256_extractf128_ps(x.v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}
inline float MaxLane(F32 x) {
  __m128 m = _mm_max_ps(_mm256_castps256_ps128(x.v), _mm256_extractf128_ps(x.v, 1));
  m = _mm_max_ps(m, _mm_movehl_ps(m, m));
  return _mm_cvtss_f32(_mm_max_ss(m, _mm_movehdup_ps(m)));
}

inline void Transpose(F32 (&r)[kLanes]) {
  __m256 t[kLanes];
  for (size_t i = 0; i < kLanes; i += 2) {
    t[i] = _mm256_unpacklo_ps(r[i].v, r[i + 1].v);
    t[i + 1] = _mm256_unpackhi_ps(r[i].v, r[i + 1].v);
  }
  // After this, 128-bit lane l of u[i + j] holds column 4 l + j of rows i .. i + 3.
  __m256 u[kLanes];
  for (size_t i = 0; i < kLanes; i += 4) {
    for (size_t j = 0; j < 2; ++j) {
      const __m256d low = _mm256_castps_pd(t[i + j]);
      const __m256d high = _mm256_castps_pd(t[i + j + 2]);
      u[i + 2 * j] = _mm256_castpd_ps(_mm256_unpacklo_pd(low, high));
      u[i + 2 * j + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(low, high));
    }
  }
  for (size_t j = 0; j < 4; ++j) {
    r[j].v = _mm256_permute2f128_ps(u[j], u[4 + j], 0x20);
    r[4 + j].v = _mm256_permute2f128_ps(u[j], u[4 + j], 0x31);
  }
}

inline void Prefetch(const std::byte* at) {
  _mm_prefetch(reinterpret_cast<const char*>(at), _MM_HINT_T0);
}

// Stored elements, widened.
inline F32 LoadF32(const std::byte* from) {
  return {_mm256_loadu_ps(reinterpret_cast<const float*>(from))};
}
inline F32 LoadF16(const std::byte* from) {
  return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)))};
}
inline F32 LoadBF16(const std::byte* from) {
  const __m128i bits = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16))};
}
inline F32 LoadI8(const std::byte* from) {
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
  return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes))};
}
inline F32 BroadcastF16(const std::byte* from) {
  int16_t bits;
  std::memcpy(&bits, from, sizeof(bits));
  return {_mm256_cvtph_ps(_mm_set1_epi16(bits))};
}
// Two adjacent f16, each in all lanes.
inline void BroadcastF16Pair(const std::byte* from, F32& first, F32& second) {
  int32_t bits;
  std::memcpy(&bits, from, sizeof(bits));
  const __m256 both = _mm256_cvtph_ps(_mm_set1_epi32(bits));
  first.v = _mm256_moveldup_ps(both);
  second.v = _mm256_movehdup_ps(both);
}

// 32 nibbles to w: scale * (nibble + kOffset) + min.
template <int kOffset>
inline void DecodeNibbles(const std::byte* from, F32 scale, F32 min, F32 (&w)[32 / kLanes]) {
  const __m256 base = _mm256_fmadd_ps(_mm256_set1_ps(kOffset), scale.v, min.v);
  for (size_t i = 0; i < 2; ++i) {
    const __m256i wide =
        _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from + i * kLanes)));
    const __m256i low = _mm256_and_si256(wide, _mm256_set1_epi32(15));
    const __m256i high = _mm256_srli_epi32(wide, 4);
    w[i].v = _mm256_fmadd_ps(_mm256_cvtepi32_ps(low), scale.v, base);
    w[i + 2].v = _mm256_fmadd_ps(_mm256_cvtepi32_ps(high), scale.v, base);
  }
}

}  // namespace tare::TARE_SIMD_NAMESPACE
