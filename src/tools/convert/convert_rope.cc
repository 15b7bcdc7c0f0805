#include "tools/convert/convert_rope.h"

#include <algorithm>
#include <cmath>
#include <variant>

namespace tare {
namespace {

// Relative. Divisors are the quotient of two frequencies, each rounded to f32 by whoever made them.
constexpr float kTolerance = 1e-5f;

std::optional<RopeCorrection> StoredCorrection(const GgufFile& file) {
  const GgufValue* const value = file.FindValue(kRopeCorrectionKey);
  if (value == nullptr) return std::nullopt;
  const auto numbers = value->AsF32Array();
  if (!numbers.ok() || numbers->size() != 4) return std::nullopt;
  const float context = (*numbers)[3];
  if (!(context >= 1.0f) || context > 1e9f) return std::nullopt;
  return RopeCorrection{(*numbers)[0], (*numbers)[1], (*numbers)[2], static_cast<size_t>(context)};
}

bool Reproduces(LlamaConfig config, const RopeCorrection& correction, const TensorView& divisors) {
  config.rope_correction = correction;
  const std::vector<float> computed = RopeDivisors(config);
  for (size_t i = 0; i < computed.size(); ++i) {
    const float stored = divisors.f32()[i];
    if (!(std::abs(computed[i] - stored) <= kTolerance * std::abs(stored))) return false;
  }
  return true;
}

}  // namespace

std::vector<float> RopeDivisors(const LlamaConfig& config) {
  LlamaConfig plain = config;
  plain.rope_correction.reset();
  std::vector<float> divisors(config.head_size / 2);
  for (size_t i = 0; i < divisors.size(); ++i) {
    divisors[i] = static_cast<float>(RopeFrequency(plain, i) / RopeFrequency(config, i));
  }
  return divisors;
}

Result<std::optional<RopeCorrection>> RopeCorrectionOf(const Model& model) {
  const LlamaModel* const llama = std::get_if<LlamaModel>(&model.family());
  if (llama == nullptr) return std::optional<RopeCorrection>();
  if (!llama->weights.rope_divisors) return llama->config.rope_correction;
  const TensorView& divisors = *llama->weights.rope_divisors;
  std::vector<RopeCorrection> candidates;
  if (const auto stored = StoredCorrection(*model.gguf())) candidates.push_back(*stored);
  const size_t count = divisors.shape.elements();
  candidates.push_back(
      {*std::max_element(divisors.f32(), divisors.f32() + count), 1.0f, 4.0f, 8192});
  for (const RopeCorrection& candidate : candidates) {
    if (Reproduces(llama->config, candidate, divisors)) return std::optional(candidate);
  }
  return Unsupported(
      "{}: rope_freqs.weight is not Llama 3.1's correction of frequencies (low 1, high 4, 8192 "
      "tokens), which is all that other formats can say; convert to GGUF instead",
      model.info().path);
}

}  // namespace tare
