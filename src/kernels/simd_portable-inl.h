// Vectors of four f32 in plain C++: what every instruction set's vectors mean. Included once by
// kernels_portable.cc.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "tensor/half.h"
#include "tensor/little_endian.h"

namespace tare::TARE_SIMD_NAMESPACE {

inline constexpr size_t kLanes = 4;
inline constexpr size_t kTileRows = 4;  // rows of a register tile of 2 * kLanes columns

// A vector of GCC and Clang, which either lowers to what the machine has.
typedef float FourFloats __attribute__((vector_size(16)));

struct F32 {
  FourFloats v;
};
struct Mask {
  bool v[kLanes];
};

template <typename Function>
inline F32 Lanewise(Function function) {
  F32 out = {};
  for (size_t i = 0; i < kLanes; ++i) out.v[i] = function(i);
  return out;
}

inline F32 Set(float x) { return {FourFloats{x, x, x, x}}; }
inline F32 Zero() { return Set(0.0f); }
inline F32 Load(const float* from) {
  F32 out;
  std::memcpy(&out.v, from, sizeof(out.v));
  return out;
}
// The first n <= kLanes lanes; the others are 0 and their memory is not touched.
inline F32 LoadFirst(const float* from, size_t n) {
  F32 out = Zero();
  std::memcpy(&out.v, from, n * sizeof(float));
  return out;
}
inline void Store(F32 x, float* to) { std::memcpy(to, &x.v, sizeof(x.v)); }
inline void StoreFirst(F32 x, float* to, size_t n) { std::memcpy(to, &x.v, n * sizeof(float)); }

inline F32 operator+(F32 a, F32 b) { return {a.v + b.v}; }
inline F32 operator-(F32 a, F32 b) { return {a.v - b.v}; }
inline F32 operator*(F32 a, F32 b) { return {a.v * b.v}; }
inline F32 operator/(F32 a, F32 b) { return {a.v / b.v}; }
// a * b + c, with one rounding or two.
inline F32 MulAdd(F32 a, F32 b, F32 c) { return a * b + c; }
// a * b + c and c - a * b with one rounding.
inline F32 FusedMulAdd(F32 a, F32 b, F32 c) {
  return Lanewise([&](size_t i) { return std::fma(a.v[i], b.v[i], c.v[i]); });
}
inline F32 FusedNegMulAdd(F32 a, F32 b, F32 c) {
  return Lanewise([&](size_t i) { return std::fma(-a.v[i], b.v[i], c.v[i]); });
}
// b where either is NaN.
inline F32 Max(F32 a, F32 b) {
  return Lanewise([&](size_t i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
}
inline F32 Min(F32 a, F32 b) {
  return Lanewise([&](size_t i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; });
}
inline F32 Abs(F32 a) {
  return Lanewise([&](size_t i) { return std::fabs(a.v[i]); });
}
// To the nearest integer, ties to even.
inline F32 Round(F32 a) {
  return Lanewise([&](size_t i) { return std::nearbyint(a.v[i]); });
}
inline F32 Floor(F32 a) {
  return Lanewise([&](size_t i) { return std::floor(a.v[i]); });
}
inline Mask Less(F32 a, F32 b) {
  Mask mask;
  for (size_t i = 0; i < kLanes; ++i) mask.v[i] = a.v[i] < b.v[i];
  return mask;
}
inline F32 Select(Mask mask, F32 yes, F32 no) {
  return Lanewise([&](size_t i) { return mask.v[i] ? yes.v[i] : no.v[i]; });
}
// x * 2^n for an integer n in [-252, 254], rounded once more if the result is subnormal.
inline F32 ScaleByPowerOf2(F32 x, F32 n) {
  return Lanewise([&](size_t i) {
    return n.v[i] == n.v[i] ? std::ldexp(x.v[i], static_cast<int>(n.v[i])) : n.v[i];
  });
}

inline float Sum(F32 x) { return (x.v[0] + x.v[2]) + (x.v[1] + x.v[3]); }
inline float MaxLane(F32 x) {
  float max = x.v[0];
  for (size_t i = 1; i < kLanes; ++i) max = x.v[i] > max ? x.v[i] : max;
  return max;
}

inline void Transpose(F32 (&r)[kLanes]) {
  for (size_t i = 0; i < kLanes; ++i) {
    for (size_t j = 0; j < i; ++j) {
      const float below = r[i].v[j];
      r[i].v[j] = r[j].v[i];
      r[j].v[i] = below;
    }
  }
}

inline void Prefetch(const std::byte*) {}

// Stored elements, widened.
inline F32 LoadF32(const std::byte* from) {
  F32 out;
  std::memcpy(&out.v, from, sizeof(out.v));
  return out;
}
inline F32 LoadF16(const std::byte* from) {
  return Lanewise(
      [&](size_t i) { return Float16ToFloat(LoadLittleEndian<uint16_t>(from + 2 * i)); });
}
inline F32 LoadBF16(const std::byte* from) {
  return Lanewise(
      [&](size_t i) { return BFloat16ToFloat(LoadLittleEndian<uint16_t>(from + 2 * i)); });
}
inline F32 LoadI8(const std::byte* from) {
  return Lanewise([&](size_t i) { return static_cast<float>(LoadLittleEndian<int8_t>(from + i)); });
}
inline F32 BroadcastF16(const std::byte* from) {
  return Set(Float16ToFloat(LoadLittleEndian<uint16_t>(from)));
}
// Two adjacent f16, each in all lanes.
inline void BroadcastF16Pair(const std::byte* from, F32& first, F32& second) {
  first = BroadcastF16(from);
  second = BroadcastF16(from + 2);
}

// 32 nibbles to w: scale * (nibble + kOffset) + min. Nibble i < 16 is the low half of byte i,
// nibble i >= 16 the high half of byte i - 16.
template <int kOffset>
inline void DecodeNibbles(const std::byte* from, F32 scale, F32 min, F32 (&w)[32 / kLanes]) {
  float nibbles[32];
  for (size_t i = 0; i < 16; ++i) {
    const int byte = std::to_integer<int>(from[i]);
    nibbles[i] = static_cast<float>((byte & 15) + kOffset);
    nibbles[i + 16] = static_cast<float>((byte >> 4) + kOffset);
  }
  for (size_t v = 0; v < 32 / kLanes; ++v) w[v] = MulAdd(Load(nibbles + v * kLanes), scale, min);
}

}  // namespace tare::TARE_SIMD_NAMESPACE
