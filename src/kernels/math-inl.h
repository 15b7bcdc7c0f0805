// exp, tanh, sine and cosine, and the activations made of them. Polynomials are least-maximum fits
// over the reduced range; docs/numerics.md lists the errors, measured by math_test. Included once
// by each kernels_<isa>.cc after its simd header.

namespace tare::TARE_SIMD_NAMESPACE {

// 0 below -104, +inf above 88.8; NaN stays NaN.
inline F32 Exp(F32 x) {
  // The bound comes first: Max and Min return their second operand where either is NaN.
  x = Min(Set(89.0f), Max(Set(-104.0f), x));
  const F32 n = Round(x * Set(1.44269504f));
  // ln 2 in two parts, the first of nine bits, so that n times it is exact.
  F32 r = MulAdd(n, Set(-0.693359375f), x);
  r = MulAdd(n, Set(2.12194440e-4f), r);
  F32 p = MulAdd(Set(0x1.6a2352p-10f), r, Set(0x1.123a6cp-7f));
  p = MulAdd(p, r, Set(0x1.5558f4p-5f));
  p = MulAdd(p, r, Set(0x1.555490p-3f));
  p = MulAdd(p, r, Set(0x1.fffffcp-2f));
  return ScaleByPowerOf2(MulAdd(p, r * r, r) + Set(1.0f), n);
}

inline F32 Negate(F32 x) { return Set(-0.0f) - x; }

inline F32 Tanh(F32 x) {
  const F32 magnitude = Abs(x);
  const F32 far = Set(1.0f) - Set(2.0f) / (Exp(magnitude + magnitude) + Set(1.0f));
  const F32 signed_far = Select(Less(x, Zero()), Negate(far), far);
  const F32 u = x * x;
  F32 p = MulAdd(Set(0x1.0e9eaap-9f), u, Set(-0x1.09285ap-7f));
  p = MulAdd(p, u, Set(0x1.62fb3ep-6f));
  p = MulAdd(p, u, Set(-0x1.b9e190p-5f));
  p = MulAdd(p, u, Set(0x1.111026p-3f));
  p = MulAdd(p, u, Set(-0x1.555552p-2f));
  const F32 near = MulAdd(p * u, x, x);
  return Select(Less(magnitude, Set(0.625f)), near, signed_far);
}

inline F32 Silu(F32 x) { return x / (Set(1.0f) + Exp(Negate(x))); }

// (1 + tanh(u)) / 2 is the sigmoid of 2u, which does not cancel for large negative u.
inline F32 GeluTanh(F32 x) {
  constexpr float kMinusTwoRootTwoOverPi = -1.59576912f;
  const F32 cubic = MulAdd(Set(0.044715f) * x, x * x, x);
  return x / (Set(1.0f) + Exp(Set(kMinusTwoRootTwoOverPi) * cubic));
}

// x times the normal distribution function, whose lower tail is erfc(z) / 2 = exp(-z²) erfcx(z) / 2
// at z = |x| / sqrt(2), with erfcx(z) = t P(t), t = 1 / (1 + 0.4 z).
inline F32 GeluErf(F32 x) {
  const F32 magnitude = Min(Set(20.0f), Abs(x));
  const F32 t = Set(1.0f) / MulAdd(magnitude, Set(0.28284271f), Set(1.0f));
  F32 p = MulAdd(Set(-0x1.de8214p-6f), t, Set(0x1.91359ap-3f));
  p = MulAdd(p, t, Set(-0x1.f9b39cp-2f));
  p = MulAdd(p, t, Set(0x1.14e61ap-1f));
  p = MulAdd(p, t, Set(-0x1.1d8e6cp-2f));
  p = MulAdd(p, t, Set(0x1.139260p-2f));
  p = MulAdd(p, t, Set(0x1.0bac82p-3f));
  p = MulAdd(p, t, Set(0x1.b7b4eap-3f));
  p = MulAdd(p, t, Set(0x1.ccc16cp-3f));
  p = MulAdd(p, t, Set(0x1.ce3eb8p-3f));
  // The rounding of x² would be magnified by the exponential: carry it.
  const F32 square = magnitude * magnitude;
  const F32 lost = FusedMulAdd(magnitude, magnitude, Negate(square));
  const F32 bell = Exp(Set(-0.5f) * square);
  const F32 tail = Set(0.5f) * (t * p) * MulAdd(Set(-0.5f) * lost, bell, bell);
  return x * Select(Less(x, Zero()), tail, Set(1.0f) - tail);
}

// Sine and cosine of position * frequency, the product being exact: its rounding error is carried,
// and π/2 is subtracted in three parts with fused operations.
//   0 <= |position * frequency| <= 2^18.
inline void SinCosOfProduct(F32 position, F32 frequency, F32& sine, F32& cosine) {
  const F32 angle = position * frequency;
  const F32 lost = FusedMulAdd(position, frequency, Negate(angle));
  const F32 n = Round(angle * Set(0.636619772f));
  F32 r = FusedNegMulAdd(n, Set(0x1.921fb6p+0f), angle);
  r = FusedNegMulAdd(n, Set(-0x1.777a5cp-25f), r);
  r = FusedNegMulAdd(n, Set(-0x1.ee59dap-50f), r);
  r = r + lost;
  const F32 u = r * r;
  F32 s = MulAdd(Set(-0x1.994b40p-13f), u, Set(0x1.110756p-7f));
  s = MulAdd(s, u, Set(-0x1.555546p-3f));
  s = MulAdd(s * u, r, r);
  F32 c = MulAdd(Set(0x1.99ff40p-16f), u, Set(-0x1.6c0c82p-10f));
  c = MulAdd(c, u, Set(0x1.55554ap-5f));
  c = MulAdd(c * u, u, MulAdd(Set(-0.5f), u, Set(1.0f)));
  // Quadrants 0 to 3: (s, c), (c, -s), (-s, -c), (-c, s).
  const F32 quadrant = n - Set(4.0f) * Floor(n * Set(0.25f));
  const F32 half_turn = Floor(quadrant * Set(0.5f));
  const Mask even = Less(quadrant - (half_turn + half_turn), Set(0.5f));
  const Mask upper = Less(half_turn, Set(0.5f));
  const F32 sine_size = Select(even, s, c);
  const F32 cosine_size = Select(even, c, Negate(s));
  sine = Select(upper, sine_size, Negate(sine_size));
  cosine = Select(upper, cosine_size, Negate(cosine_size));
}

}  // namespace tare::TARE_SIMD_NAMESPACE
