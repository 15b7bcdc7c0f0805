#ifndef TARE_MODELS_FAMILIES_LLAMA_LLAMA_ROPE_H_
#define TARE_MODELS_FAMILIES_LLAMA_LLAMA_ROPE_H_

#include <optional>
#include <vector>

#include "format/gguf/gguf.h"
#include "models/families/llama/llama.h"

namespace tare {

// GGUF stores Llama 3.1's correction of rotary frequencies as one divisor per frequency. Other
// formats store the four numbers from which the divisors follow.

inline constexpr char kRopeDivisorsTensor[] = "rope_freqs.weight";
// Tare's own key besides the divisors: factor, low, high, original context, as f32.
inline constexpr char kRopeCorrectionKey[] = "tare.rope_correction";

// The frequency of rotary pair `pair` in [0, D / 2), in radians per token, with the correction and
// the linear factor, in double.
double RopeFrequency(const LlamaConfig& config, size_t pair);

// [D / 2]. Precondition: the configuration has a correction.
std::vector<float> RopeDivisors(const LlamaConfig& config);

// The correction in the file's kRopeCorrectionKey; nullopt if it is missing or impossible.
std::optional<RopeCorrection> NotedCorrection(const GgufFile& file);

// The correction that gives the file's divisors: the noted one, or Llama 3.1's own numbers (low 1,
// high 4, 8192 tokens).
//   Errors  Unsupported if neither gives these divisors.
Result<std::optional<RopeCorrection>> CorrectionOf(const LlamaConfig& config,
                                                   const TensorView& divisors,
                                                   const std::optional<RopeCorrection>& noted);

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_LLAMA_LLAMA_ROPE_H_
