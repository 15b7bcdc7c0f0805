#include "models/decoder/decoder_checks.h"

#include <algorithm>
#include <cmath>

#include "base/count_text.h"

namespace tare {
namespace {

bool ArePositive(const std::vector<float>& numbers) {
  return std::ranges::all_of(numbers, [](float x) { return x > 0.0f && std::isfinite(x); });
}

Status CheckLongRope(const RopeSpec& rope, const std::string& where) {
  const RopeScaling& scaling = rope.scaling;
  const size_t pairs = rope.rotated / 2;
  for (const std::vector<float>* factors : {&scaling.short_factors, &scaling.long_factors}) {
    if (factors->size() != pairs || !ArePositive(*factors)) {
      return CorruptFile("{}: the rotation has {} for long or short texts, expected {} above 0",
                         where, CountText(factors->size(), "factor"), pairs);
    }
  }
  return {};
}

Status CheckRope(const RopeSpec& rope, size_t head_size, const std::string& where) {
  if (rope.rotated == 0 || rope.rotated % 2 != 0 || rope.rotated > head_size) {
    return CorruptFile("{}: the head size is {}, of which {} are rotated, expected an even number",
                       where, head_size, rope.rotated);
  }
  const RopeScaling& scaling = rope.scaling;
  const bool is_scaled = scaling.kind != RopeScalingKind::kNone;
  if (is_scaled && scaling.original_context < 2) {
    return CorruptFile("{}: the rope scaling has no original context", where);
  }
  if (scaling.kind == RopeScalingKind::kWavelength && !(scaling.low < scaling.high)) {
    return CorruptFile("{}: low_freq_factor is {}, expected less than high_freq_factor, {}", where,
                       scaling.low, scaling.high);
  }
  if (scaling.kind == RopeScalingKind::kYarn && !(rope.base > 1.0f)) {
    return CorruptFile("{}: the rope base is {}, expected more than 1 for yarn", where, rope.base);
  }
  return scaling.kind == RopeScalingKind::kLongRope ? CheckLongRope(rope, where) : Status();
}

// A configuration alone must not make Tare list more tensors than any model has.
constexpr size_t kMaxExpertsOfAllLayers = size_t{1} << 17;

Status CheckExperts(const ModelSizes& sizes, const std::string& where) {
  if (sizes.experts_used > sizes.experts) {
    return CorruptFile("{}: a token uses {} experts of {}", where, sizes.experts_used,
                       sizes.experts);
  }
  if (sizes.experts <= kMaxExpertsOfAllLayers / sizes.layers) return {};
  return Unsupported("{}: {} with {} each, expected at most {} experts in all", where,
                     CountText(sizes.layers, "layer"), CountText(sizes.experts, "expert"),
                     kMaxExpertsOfAllLayers);
}

}  // namespace

void SetUsualLayers(DecoderSpec& spec) {
  spec.layers.assign(spec.sizes.layers, {});
  spec.attention_scale = 1.0f / std::sqrt(static_cast<float>(spec.sizes.head_size));
}

Status CheckDecoder(const DecoderSpec& spec, const std::string& where) {
  const ModelSizes& sizes = spec.sizes;
  if (sizes.heads % sizes.kv_heads != 0) {
    return CorruptFile("{}: {} cannot share {} evenly", where, CountText(sizes.heads, "head"),
                       CountText(sizes.kv_heads, "key/value head"));
  }
  TARE_RETURN_IF_ERROR(CheckExperts(sizes, where));
  for (const RopeSpec& rope : spec.ropes) {
    TARE_RETURN_IF_ERROR(CheckRope(rope, sizes.head_size, where));
  }
  for (const float scale :
       {spec.attention_scale, spec.embedding_scale, spec.residual_scale, spec.logit_scale}) {
    if (scale > 0.0f && std::isfinite(scale)) continue;
    return CorruptFile("{}: a scale is {}, expected more than 0", where, scale);
  }
  for (const float cap : {spec.attention_cap, spec.final_cap}) {
    if (cap >= 0.0f && std::isfinite(cap)) continue;
    return CorruptFile("{}: a soft cap is {}, expected more than 0", where, cap);
  }
  return {};
}

}  // namespace tare
