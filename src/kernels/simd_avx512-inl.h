// Vectors of sixteen f32 for AVX-512. Included once by kernels_avx512.cc, inside its target region
// and TARE_SIMD_NAMESPACE; simd_portable-inl.h defines what each function means.

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tare::TARE_SIMD_NAMESPACE {

inline constexpr size_t kLanes = 16;
inline constexpr size_t kTileRows = 12;  // 24 accumulators, 2 weights, 1 broadcast: 27 of 32

struct F32 {
  __m512 v;
};
struct Mask {
  __mmask16 v;
};

inline __mmask16 FirstLanes(size_t n) { return static_cast<__mmask16>((uint32_t{1} << n) - 1); }

inline F32 Zero() { return {_mm512_setzero_ps()}; }
inline F32 Set(float x) { return {_mm512_set1_ps(x)}; }
inline F32 Load(const float* from) { return {_mm512_loadu_ps(from)}; }
inline F32 LoadFirst(const float* from, size_t n) {
  return {_mm512_maskz_loadu_ps(FirstLanes(n), from)};
}
inline void Store(F32 x, float* to) { _mm512_storeu_ps(to, x.v); }
inline void StoreFirst(F32 x, float* to, size_t n) {
  _mm512_mask_storeu_ps(to, FirstLanes(n), x.v);
}

inline F32 operator+(F32 a, F32 b) { return {_mm512_add_ps(a.v, b.v)}; }
inline F32 operator-(F32 a, F32 b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline F32 operator*(F32 a, F32 b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline F32 operator/(F32 a, F32 b) { return {_mm512_div_ps(a.v, b.v)}; }
inline F32 MulAdd(F32 a, F32 b, F32 c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
inline F32 FusedMulAdd(F32 a, F32 b, F32 c) { return MulAdd(a, b, c); }
inline F32 FusedNegMulAdd(F32 a, F32 b, F32 c) { return {_mm512_fnmadd_ps(a.v, b.v, c.v)}; }
inline F32 Max(F32 a, F32 b) { return {_mm512_max_ps(a.v, b.v)}; }
inline F32 Min(F32 a, F32 b) { return {_mm512_min_ps(a.v, b.v)}; }
inline F32 Abs(F32 a) { return {_mm512_abs_ps(a.v)}; }
inline F32 Round(F32 a) {
  return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}
inline F32 Floor(F32 a) {
  return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)};
}
inline Mask Less(F32 a, F32 b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
inline F32 Select(Mask mask, F32 yes, F32 no) {
  return {_mm512_mask_blend_ps(mask.v, no.v, yes.v)};
}
inline F32 ScaleByPowerOf2(F32 x, F32 n) { return {_mm512_scalef_ps(x.v, n.v)}; }

inline float Sum(F32 x) {
  const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(x.v), _mm512_extractf32x8_ps(x.v, 1));
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}
inline float MaxLane(F32 x) {
  const __m256 half = _mm256_max_ps(_mm512_castps512_ps256(x.v), _mm512_extractf32x8_ps(x.v, 1));
  __m128 m = _mm_max_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
  m = _mm_max_ps(m, _mm_movehl_ps(m, m));
  return _mm_cvtss_f32(_mm_max_ss(m, _mm_movehdup_ps(m)));
}

inline void Transpose(F32 (&r)[kLanes]) {
  __m512 t[kLanes];
  for (size_t i = 0; i < kLanes; i += 2) {
    t[i] = _mm512_unpacklo_ps(r[i].v, r[i + 1].v);
    t[i + 1] = _mm512_unpackhi_ps(r[i].v, r[i + 1].v);
  }
  // After this, 128-bit lane l of u[i + j] holds column 4 l + j of rows i .. i + 3.
  __m512 u[kLanes];
  for (size_t i = 0; i < kLanes; i += 4) {
    for (size_t j = 0; j < 2; ++j) {
      const __m512d low = _mm512_castps_pd(t[i + j]);
      const __m512d high = _mm512_castps_pd(t[i + j + 2]);
      u[i + 2 * j] = _mm512_castpd_ps(_mm512_unpacklo_pd(low, high));
      u[i + 2 * j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low, high));
    }
  }
  for (size_t j = 0; j < 4; ++j) {
    const __m512 even_01 = _mm512_shuffle_f32x4(u[j], u[4 + j], 0x88);
    const __m512 odd_01 = _mm512_shuffle_f32x4(u[j], u[4 + j], 0xdd);
    const __m512 even_23 = _mm512_shuffle_f32x4(u[8 + j], u[12 + j], 0x88);
    const __m512 odd_23 = _mm512_shuffle_f32x4(u[8 + j], u[12 + j], 0xdd);
    r[j].v = _mm512_shuffle_f32x4(even_01, even_23, 0x88);
    r[4 + j].v = _mm512_shuffle_f32x4(odd_01, odd_23, 0x88);
    r[8 + j].v = _mm512_shuffle_f32x4(even_01, even_23, 0xdd);
    r[12 + j].v = _mm512_shuffle_f32x4(odd_01, odd_23, 0xdd);
  }
}

inline void Prefetch(const std::byte* at) {
  _mm_prefetch(reinterpret_cast<const char*>(at), _MM_HINT_T0);
}

// Stored elements, widened.
inline F32 LoadF32(const std::byte* from) { return {_mm512_loadu_ps(from)}; }
inline F32 LoadF16(const std::byte* from) {
  return {_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)))};
}
inline F32 LoadBF16(const std::byte* from) {
  const __m256i bits = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16))};
}
inline F32 LoadI8(const std::byte* from) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return {_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes))};
}
inline F32 BroadcastF16(const std::byte* from) {
  int16_t bits;
  std::memcpy(&bits, from, sizeof(bits));
  return {_mm512_cvtph_ps(_mm256_set1_epi16(bits))};
}
// Two adjacent f16, each in all lanes.
inline void BroadcastF16Pair(const std::byte* from, F32& first, F32& second) {
  int32_t bits;
  std::memcpy(&bits, from, sizeof(bits));
  const __m512 both = _mm512_cvtph_ps(_mm256_set1_epi32(bits));
  first.v = _mm512_moveldup_ps(both);
  second.v = _mm512_movehdup_ps(both);
}

// 32 nibbles to w: scale * (nibble + kOffset) + min. One look-up a vector: the sixteen values a
// nibble can take are made once a block, and the permutation reads the low four bits of its index.
template <int kOffset>
inline void DecodeNibbles(const std::byte* from, F32 scale, F32 min, F32 (&w)[32 / kLanes]) {
  const __m512 nibbles =
      _mm512_setr_ps(kOffset + 0, kOffset + 1, kOffset + 2, kOffset + 3, kOffset + 4, kOffset + 5,
                     kOffset + 6, kOffset + 7, kOffset + 8, kOffset + 9, kOffset + 10, kOffset + 11,
                     kOffset + 12, kOffset + 13, kOffset + 14, kOffset + 15);
  const __m512 values = _mm512_fmadd_ps(nibbles, scale.v, min.v);
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  const __m512i wide = _mm512_cvtepu8_epi32(bytes);
  w[0].v = _mm512_permutexvar_ps(wide, values);
  w[1].v = _mm512_permutexvar_ps(_mm512_srli_epi32(wide, 4), values);
}

}  // namespace tare::TARE_SIMD_NAMESPACE
