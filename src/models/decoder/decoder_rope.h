#ifndef TARE_MODELS_DECODER_DECODER_ROPE_H_
#define TARE_MODELS_DECODER_DECODER_ROPE_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "base/error.h"
#include "format/gguf/gguf.h"
#include "models/decoder/decoder_spec.h"

namespace tare {

// The rotation's frequencies. All scalings are computed in double and rounded once.

// The frequency of pair `pair` in [0, rotated / 2), in radians per token. `is_long`: in a text of
// more than original_context tokens; only kLongRope makes a difference. RopeSpec::divisors are left
// to the graph.
//   Source  Chen et al. 2023 (linear_factor), Grattafiori et al. 2024 (kWavelength), Peng et al.
//   2023
//           (kYarn), Ding et al. 2024 (kLongRope); transformers' modeling_rope_utils does the same.
double RopeFrequency(const RopeSpec& rope, size_t pair, bool is_long = false);

// What multiplies the rotated elements.
double RopeAttentionFactor(const RopeSpec& rope, size_t max_context);
// The same without RopeScaling::attention_factor: the method's own.
double UsualAttentionFactor(const RopeSpec& rope, size_t max_context);

// GGUF stores the scaling by wavelength as one divisor per frequency. Other formats store the four
// numbers from which the divisors follow.

inline constexpr char kRopeDivisorsTensor[] = "rope_freqs.weight";
// Tare's own key besides the divisors: factor, low, high, original context, as f32.
inline constexpr char kRopeCorrectionKey[] = "tare.rope_correction";

// [rotated / 2]: by how much the scaling slows each frequency.
std::vector<float> RopeDivisors(const RopeSpec& rope);

// The kWavelength scaling in the file's kRopeCorrectionKey; nullopt if it is missing or impossible.
std::optional<RopeScaling> NotedScaling(const GgufFile& file);

// The kWavelength scaling that gives the rope's divisors: the noted one, or the usual numbers
// (low 1, high 4, 8192 tokens). Precondition: the rope has divisors.
//   Errors  Unsupported if neither gives these divisors.
Result<RopeScaling> ScalingOfDivisors(const RopeSpec& rope,
                                      const std::optional<RopeScaling>& noted);

}  // namespace tare

#endif  // TARE_MODELS_DECODER_DECODER_ROPE_H_
