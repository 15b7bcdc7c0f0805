// Shapes of the shared decoder to synthesise.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

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

size_t UsualExpertWidth(const ModelSizes& sizes) {
  return std::max<size_t>(sizes.inner_width / sizes.experts_used, 1);
}

// The number of experts is the same in all shapes.
void AddExperts(const DecoderRules& rules, ModelSizes& sizes) {
  if (!rules.has_experts) return;
  sizes.experts = 8;
  sizes.experts_used = 2;
  sizes.expert_width = UsualExpertWidth(sizes);
}

Status TakeExperts(ShapeSettings& settings, ModelSizes& sizes) {
  TARE_RETURN_IF_ERROR(settings.TakeSize("experts", sizes.experts));
  TARE_RETURN_IF_ERROR(settings.TakeSize("experts_used", sizes.experts_used));
  sizes.expert_width = UsualExpertWidth(sizes);
  return settings.TakeSize("expert_inner", sizes.expert_width);
}

DecoderSpec Smallest(const DecoderRules& rules) {
  DecoderSpec spec;
  spec.sizes = {.layers = 2,
                .width = 64,
                .inner_width = 256,
                .heads = 4,
                .kv_heads = 2,
                .head_size = 16,
                .vocabulary = 1000,
                .max_context = 256};
  AddExperts(rules, spec.sizes);
  spec.norm_epsilon = 1e-5f;
  return spec;
}

DecoderSpec Small(const DecoderRules& rules) {
  DecoderSpec spec = Smallest(rules);
  spec.sizes = {.layers = 8,
                .width = 512,
                .inner_width = 1536,
                .heads = 8,
                .kv_heads = 4,
                .head_size = 64,
                .vocabulary = 16384,
                .max_context = 2048};
  AddExperts(rules, spec.sizes);
  return spec;
}

ModelShape ShapeOf(const Family& family, DecoderSpec spec, bool tied) {
  Complete(*family.decoder, spec);
  return {std::make_shared<DecoderModel>(family, std::move(spec)), tied};
}

Status CheckShape(const DecoderSpec& spec) {
  if (spec.sizes.head_size % 2 != 0) {
    return InvalidInput("shape: heads of {} (width / heads) cannot be rotated, they must be even",
                        spec.sizes.head_size);
  }
  // Here the numbers are not a file's but the user's.
  const Status checked = CheckDecoder(spec, "shape");
  return checked.ok() ? Status() : InvalidInput("{}", checked.error().message());
}

// What the format in which a family's shapes are written can express.
struct ShapeChoices {
  bool has_output = false;  // of its own
  bool may_tie = false;     // though it has one
  bool has_head_size = false;
};

ShapeChoices ChoicesOf(const Family& family) {
  const DecoderRules& rules = *family.decoder;
  const ModelFormat format = SynthesisFormat(family);
  const bool is_keras = format == ModelFormat::kKeras;
  return {.has_output = HasName(family.tensors, format, ModelPart::kOutput),
          .may_tie = !is_keras || rules.keras_may_tie,
          .has_head_size = is_keras ? !rules.keras_keys.head_size.empty()
                                    : !family.hugging_face_keys.head_size.empty()};
}

}  // namespace

// With and without an output of their own, if the format has a place for one.
std::vector<NamedShape> DecoderShapes(const Family& family) {
  const DecoderRules& rules = *family.decoder;
  const ShapeChoices choices = ChoicesOf(family);
  std::vector<NamedShape> shapes;
  const std::pair<const char*, DecoderSpec> sizes[] = {{"tiny", Smallest(rules)},
                                                       {"small", Small(rules)}};
  for (const auto& [size, spec] : sizes) {
    const std::string name = fmt::format("{}-{}", rules.shape_name, size);
    shapes.push_back({name, "", ShapeOf(family, spec, !choices.has_output)});
    if (choices.has_output && choices.may_tie) {
      shapes.push_back({name + "-tied", "", ShapeOf(family, spec, true)});
    }
  }
  return shapes;
}

Result<ModelShape> SpellDecoder(const Family& family, ShapeSettings& settings) {
  const DecoderRules& rules = *family.decoder;
  const ShapeChoices choices = ChoicesOf(family);
  DecoderSpec spec = Smallest(rules);
  bool tied = !choices.has_output;
  TARE_RETURN_IF_ERROR(settings.TakeCommonSizes(spec.sizes));
  ModelSizes& sizes = spec.sizes;
  sizes.head_size = sizes.width / sizes.heads;
  if (choices.has_head_size) {
    TARE_RETURN_IF_ERROR(settings.TakeSize("head_size", sizes.head_size));
  }
  sizes.kv_heads = sizes.heads % 2 == 0 ? sizes.heads / 2 : sizes.heads;
  TARE_RETURN_IF_ERROR(settings.TakeSize("kv_heads", sizes.kv_heads));
  if (rules.has_experts) TARE_RETURN_IF_ERROR(TakeExperts(settings, sizes));
  if (choices.has_output && choices.may_tie) TARE_RETURN_IF_ERROR(settings.TakeBool("tied", tied));
  Complete(rules, spec);
  if (rules.spell_shape != nullptr) TARE_RETURN_IF_ERROR(rules.spell_shape(settings, spec));
  TARE_RETURN_IF_ERROR(settings.ExpectNoMore(family.shape_keys));
  TARE_RETURN_IF_ERROR(CheckShape(spec));
  return ModelShape{std::make_shared<DecoderModel>(family, std::move(spec)), tied};
}

}  // namespace tare
