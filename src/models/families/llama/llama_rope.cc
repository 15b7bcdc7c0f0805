#include "models/families/llama/llama_rope.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tare {
namespace {

// Relative. A divisor is the quotient of two frequencies, each rounded to f32 by its writer.
constexpr float kDivisorTolerance = 1e-5f;

double Corrected(double frequency, const RopeCorrection& correction) {
  const double low = static_cast<double>(correction.low);
  const double high = static_cast<double>(correction.high);
  const double slowed = frequency / static_cast<double>(correction.factor);
  const double turns = static_cast<double>(correction.original_context) * frequency /
                       (2.0 * std::numbers::pi);  // over the original context
  if (turns > high) return frequency;
  if (turns < low) return slowed;
  const double blend = (turns - low) / (high - low);
  return (1.0 - blend) * slowed + blend * frequency;
}

bool Reproduces(LlamaConfig config, const RopeCorrection& correction, const TensorView& divisors) {
  config.rope_correction = correction;
  const std::vector<float> computed = RopeDivisors(config);
  for (size_t i = 0; i < computed.size(); ++i) {
    const float stored = divisors.f32()[i];
    if (!(std::abs(computed[i] - stored) <= kDivisorTolerance * std::abs(stored))) return false;
  }
  return true;
}

}  // namespace

double RopeFrequency(const LlamaConfig& config, size_t pair) {
  const double exponent = -2.0 * static_cast<double>(pair) / static_cast<double>(config.head_size);
  double frequency = std::pow(static_cast<double>(config.rope_base), exponent);
  if (config.rope_correction) frequency = Corrected(frequency, *config.rope_correction);
  return frequency / static_cast<double>(config.rope_linear_factor);
}

std::vector<float> RopeDivisors(const LlamaConfig& config) {
  LlamaConfig plain = config;
  plain.rope_correction.reset();
  std::vector<float> divisors(config.head_size / 2);
  for (size_t i = 0; i < divisors.size(); ++i) {
    divisors[i] = static_cast<float>(RopeFrequency(plain, i) / RopeFrequency(config, i));
  }
  return divisors;
}

std::optional<RopeCorrection> NotedCorrection(const GgufFile& file) {
  const GgufValue* const value = file.FindValue(kRopeCorrectionKey);
  if (value == nullptr) return std::nullopt;
  const auto numbers = value->AsF32Array();
  if (!numbers.ok() || numbers->size() != 4) return std::nullopt;
  const float context = (*numbers)[3];
  if (!(context >= 1.0f) || context > 1e9f) return std::nullopt;
  return RopeCorrection{(*numbers)[0], (*numbers)[1], (*numbers)[2], static_cast<size_t>(context)};
}

Result<std::optional<RopeCorrection>> CorrectionOf(const LlamaConfig& config,
                                                   const TensorView& divisors,
                                                   const std::optional<RopeCorrection>& noted) {
  std::vector<RopeCorrection> candidates;
  if (noted) candidates.push_back(*noted);
  const size_t count = divisors.shape.elements();
  candidates.push_back(
      {*std::max_element(divisors.f32(), divisors.f32() + count), 1.0f, 4.0f, 8192});
  for (const RopeCorrection& candidate : candidates) {
    if (Reproduces(config, candidate, divisors)) return std::optional(candidate);
  }
  return Unsupported(
      "{} is not Llama 3.1's correction of frequencies (low 1, high 4, 8192 tokens), the only one "
      "that other formats can express; convert to GGUF instead",
      kRopeDivisorsTensor);
}

}  // namespace tare
