#ifndef TARE_MODELS_FAMILIES_LLAMA_LLAMA_ROPE_H_
#define TARE_MODELS_FAMILIES_LLAMA_LLAMA_ROPE_H_

#include <optional>
#include <vector>

#include "format/gguf/gguf.h"
#include "models/families/llama/llama.h"

namespace tare {

// GGUF keeps Llama 3.1's correction of rotary frequencies as what each frequency is divided by; the
// other formats keep the four numbers it follows from.

inline constexpr char kRopeDivisorsTensor[] = "rope_freqs.weight";
// A key of Tare's own beside the divisors: factor, low, high, original context, as f32.
inline constexpr char kRopeCorrectionKey[] = "tare.rope_correction";

// The frequency of rotary pair `pair` in [0, D / 2), in radians a token: with the correction and
// the linear factor, in double.
double RopeFrequency(const LlamaConfig& config, size_t pair);

// [D / 2]. Precondition: the configuration has a correction.
std::vector<float> RopeDivisors(const LlamaConfig& config);

// What a file's own key says; none where it says nothing that could be.
std::optional<RopeCorrection> NotedCorrection(const GgufFile& file);

// The correction that a file's divisors follow from: the noted one, or Llama 3.1's own numbers
// (low 1, high 4, 8192 tokens).
//   Errors  Unsupported where neither gives them.
Result<std::optional<RopeCorrection>> CorrectionOf(const LlamaConfig& config,
                                                   const TensorView& divisors,
                                                   const std::optional<RopeCorrection>& noted);

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_LLAMA_LLAMA_ROPE_H_
