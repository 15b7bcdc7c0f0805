#ifndef TARE_TOOLS_CONVERT_CONVERT_ROPE_H_
#define TARE_TOOLS_CONVERT_CONVERT_ROPE_H_

#include <optional>
#include <vector>

#include "base/error.h"
#include "models/model.h"

namespace tare {

// GGUF keeps Llama 3.1's correction of rotary frequencies as what each frequency is divided by
// (rope_freqs.weight); the other formats keep the four numbers it follows from.

// A key of Tare's own beside the divisors: factor, low, high, original context, as f32.
inline constexpr char kRopeCorrectionKey[] = "tare.rope_correction";

// [D / 2]. Precondition: the configuration has a correction.
std::vector<float> RopeDivisors(const LlamaConfig& config);

// The correction of a model from any format; none where frequencies are as they are. Of a GGUF file
// without that key, Llama 3.1's own numbers (low 1, high 4, 8192 tokens) are tried.
//   Errors  Unsupported where the divisors do not follow from any of these.
Result<std::optional<RopeCorrection>> RopeCorrectionOf(const Model& model);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_CONVERT_ROPE_H_
