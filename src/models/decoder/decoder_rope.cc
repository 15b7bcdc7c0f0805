#include "models/decoder/decoder_rope.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tare {
namespace {

// Relative. A divisor is the quotient of two frequencies, each rounded to f32 by its writer.
constexpr float kDivisorTolerance = 1e-5f;

// How often a frequency turns over the context that the model was first trained with.
double TurnsOverOriginal(double frequency, const RopeScaling& scaling) {
  return static_cast<double>(scaling.original_context) * frequency / (2.0 * std::numbers::pi);
}

double ByWavelength(double frequency, const RopeScaling& scaling) {
  const double low = static_cast<double>(scaling.low);
  const double high = static_cast<double>(scaling.high);
  const double slowed = frequency / static_cast<double>(scaling.factor);
  const double turns = TurnsOverOriginal(frequency, scaling);
  if (turns > high) return frequency;
  if (turns < low) return slowed;
  const double blend = (turns - low) / (high - low);
  return (1.0 - blend) * slowed + blend * frequency;
}

// The pair, not rounded, that turns `turns` times over the original context.
double PairOfTurns(const RopeSpec& rope, double turns) {
  const double context = static_cast<double>(rope.scaling.original_context);
  return static_cast<double>(rope.rotated) * std::log(context / (turns * 2.0 * std::numbers::pi)) /
         (2.0 * std::log(static_cast<double>(rope.base)));
}

double Yarn(double frequency, const RopeSpec& rope, size_t pair) {
  const RopeScaling& scaling = rope.scaling;
  double low = PairOfTurns(rope, static_cast<double>(scaling.beta_fast));
  double high = PairOfTurns(rope, static_cast<double>(scaling.beta_slow));
  if (scaling.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, static_cast<double>(rope.rotated - 1));
  if (low == high) high += 0.001;
  const double ramp = std::clamp((static_cast<double>(pair) - low) / (high - low), 0.0, 1.0);
  return frequency / static_cast<double>(scaling.factor) * ramp + frequency * (1.0 - ramp);
}

// Without the linear factor.
double Scaled(const RopeSpec& rope, size_t pair, bool is_long) {
  const double exponent = -2.0 * static_cast<double>(pair) / static_cast<double>(rope.rotated);
  const double frequency = std::pow(static_cast<double>(rope.base), exponent);
  const RopeScaling& scaling = rope.scaling;
  switch (scaling.kind) {
    case RopeScalingKind::kNone:
      return frequency;
    case RopeScalingKind::kWavelength:
      return ByWavelength(frequency, scaling);
    case RopeScalingKind::kYarn:
      return Yarn(frequency, rope, pair);
    case RopeScalingKind::kLongRope:
      return frequency / static_cast<double>(is_long ? scaling.long_factors[pair]
                                                     : scaling.short_factors[pair]);
  }
  return frequency;
}

bool Reproduces(const RopeSpec& rope, const RopeScaling& candidate) {
  const std::vector<float> computed = RopeDivisors({rope.base, rope.rotated, 1.0f, candidate, {}});
  for (size_t i = 0; i < computed.size(); ++i) {
    const float stored = rope.divisors->f32()[i];
    if (!(std::abs(computed[i] - stored) <= kDivisorTolerance * std::abs(stored))) return false;
  }
  return true;
}

}  // namespace

double RopeFrequency(const RopeSpec& rope, size_t pair, bool is_long) {
  return Scaled(rope, pair, is_long) / static_cast<double>(rope.linear_factor);
}

double UsualAttentionFactor(const RopeSpec& rope, size_t max_context) {
  const RopeScaling& scaling = rope.scaling;
  const double factor = static_cast<double>(scaling.factor);
  if (scaling.kind == RopeScalingKind::kYarn) {
    return factor <= 1.0 ? 1.0 : 0.1 * std::log(factor) + 1.0;
  }
  if (scaling.kind != RopeScalingKind::kLongRope) return 1.0;
  const double original = static_cast<double>(scaling.original_context);
  const double longer = static_cast<double>(max_context) / original;
  return longer <= 1.0 ? 1.0 : std::sqrt(1.0 + std::log(longer) / std::log(original));
}

double RopeAttentionFactor(const RopeSpec& rope, size_t max_context) {
  if (rope.scaling.attention_factor) return static_cast<double>(*rope.scaling.attention_factor);
  return UsualAttentionFactor(rope, max_context);
}

std::vector<float> RopeDivisors(const RopeSpec& rope) {
  const RopeSpec plain = {rope.base, rope.rotated, rope.linear_factor, {}, {}};
  std::vector<float> divisors(rope.rotated / 2);
  for (size_t i = 0; i < divisors.size(); ++i) {
    divisors[i] = static_cast<float>(RopeFrequency(plain, i) / RopeFrequency(rope, i));
  }
  return divisors;
}

std::optional<RopeScaling> NotedScaling(const GgufFile& file) {
  const GgufValue* const value = file.FindValue(kRopeCorrectionKey);
  if (value == nullptr) return std::nullopt;
  const auto numbers = value->AsF32Array();
  if (!numbers.ok() || numbers->size() != 4) return std::nullopt;
  const float context = (*numbers)[3];
  if (!(context >= 1.0f) || context > 1e9f) return std::nullopt;
  RopeScaling scaling;
  scaling.kind = RopeScalingKind::kWavelength;
  scaling.factor = (*numbers)[0];
  scaling.low = (*numbers)[1];
  scaling.high = (*numbers)[2];
  scaling.original_context = static_cast<size_t>(context);
  return scaling;
}

Result<RopeScaling> ScalingOfDivisors(const RopeSpec& rope,
                                      const std::optional<RopeScaling>& noted) {
  std::vector<RopeScaling> candidates;
  if (noted) candidates.push_back(*noted);
  RopeScaling usual;
  usual.kind = RopeScalingKind::kWavelength;
  const float* const divisors = rope.divisors->f32();
  usual.factor = *std::max_element(divisors, divisors + rope.rotated / 2);
  usual.original_context = 8192;
  candidates.push_back(usual);
  for (const RopeScaling& candidate : candidates) {
    if (Reproduces(rope, candidate)) return candidate;
  }
  return Unsupported(
      "{} is not the usual correction by wavelength (low 1, high 4, 8192 tokens), the only one "
      "that other formats can express; convert to GGUF instead",
      kRopeDivisorsTensor);
}

}  // namespace tare
