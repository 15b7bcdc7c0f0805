// Shapes of the shared decoder to synthesise.
#include <memory>
#include <string>
#include <utility>

#include "base/count_text.h"
#include "models/decoder/decoder_checks.h"
#include "models/decoder/decoder_model.h"

namespace tare {
namespace {

// Sets what follows from the sizes.
void Complete(const DecoderRules& rules, DecoderSpec& spec) {
  SetUsualLayers(spec);
  spec.activation = rules.activation;
  spec.norm_offset = rules.stores_norms_from_one ? 1.0f : 0.0f;
  for (RopeSpec& rope : spec.ropes) rope.rotated = spec.sizes.head_size;
  if (rules.adapt_shape != nullptr) rules.adapt_shape(spec);
}

DecoderSpec Smallest() {
  DecoderSpec spec;
  spec.sizes = {.layers = 2,
                .width = 64,
                .inner_width = 256,
                .heads = 4,
                .kv_heads = 2,
                .head_size = 16,
                .vocabulary = 1000,
                .max_context = 256};
  spec.norm_epsilon = 1e-5f;
  return spec;
}

DecoderSpec Small() {
  DecoderSpec spec = Smallest();
  spec.sizes = {.layers = 8,
                .width = 512,
                .inner_width = 1536,
                .heads = 8,
                .kv_heads = 4,
                .head_size = 64,
                .vocabulary = 16384,
                .max_context = 2048};
  return spec;
}

ModelShape ShapeOf(const Family& family, DecoderSpec spec, bool tied) {
  Complete(*family.decoder, spec);
  return {std::make_shared<DecoderModel>(family, std::move(spec)), tied};
}

Status CheckShape(const DecoderSpec& spec) {
  const ModelSizes& sizes = spec.sizes;
  if (sizes.heads % sizes.kv_heads != 0) {
    return InvalidInput("shape: {} cannot share {} evenly", CountText(sizes.heads, "head"),
                        CountText(sizes.kv_heads, "key/value head"));
  }
  if (sizes.head_size % 2 != 0) {
    return InvalidInput("shape: heads of {} (width / heads) cannot be rotated, they must be even",
                        sizes.head_size);
  }
  return {};
}

}  // namespace

// With and without an output of their own, if a preset has a place for one that is not.
std::vector<NamedShape> DecoderShapes(const Family& family) {
  const DecoderRules& rules = *family.decoder;
  // Shapes become presets.
  if (rules.add_keras == nullptr) return {};
  const bool has_output = HasName(family.tensors, ModelFormat::kKeras, ModelPart::kOutput);
  std::vector<NamedShape> shapes;
  const std::pair<const char*, DecoderSpec> sizes[] = {{"tiny", Smallest()}, {"small", Small()}};
  for (const auto& [size, spec] : sizes) {
    const std::string name = fmt::format("{}-{}", rules.shape_name, size);
    if (has_output) shapes.push_back({name, "", ShapeOf(family, spec, false)});
    if (!has_output) shapes.push_back({name, "", ShapeOf(family, spec, true)});
    if (has_output && rules.keras_may_tie) {
      shapes.push_back({name + "-tied", "", ShapeOf(family, spec, true)});
    }
  }
  return shapes;
}

Result<ModelShape> SpellDecoder(const Family& family, ShapeSettings& settings) {
  const DecoderRules& rules = *family.decoder;
  if (rules.add_keras == nullptr) {
    return InvalidInput("shape: {} models cannot be synthesised, as shapes become presets",
                        family.name);
  }
  DecoderSpec spec = Smallest();
  bool tied = !HasName(family.tensors, ModelFormat::kKeras, ModelPart::kOutput);
  TARE_RETURN_IF_ERROR(settings.TakeCommonSizes(spec.sizes));
  ModelSizes& sizes = spec.sizes;
  sizes.head_size = sizes.width / sizes.heads;
  if (!rules.keras_keys.head_size.empty()) {
    TARE_RETURN_IF_ERROR(settings.TakeSize("head_size", sizes.head_size));
  }
  sizes.kv_heads = sizes.heads % 2 == 0 ? sizes.heads / 2 : sizes.heads;
  TARE_RETURN_IF_ERROR(settings.TakeSize("kv_heads", sizes.kv_heads));
  if (!tied && rules.keras_may_tie) TARE_RETURN_IF_ERROR(settings.TakeBool("tied", tied));
  Complete(rules, spec);
  if (rules.spell_shape != nullptr) TARE_RETURN_IF_ERROR(rules.spell_shape(settings, spec));
  TARE_RETURN_IF_ERROR(settings.ExpectNoMore(family.shape_keys));
  TARE_RETURN_IF_ERROR(CheckShape(spec));
  return ModelShape{std::make_shared<DecoderModel>(family, std::move(spec)), tied};
}

}  // namespace tare
