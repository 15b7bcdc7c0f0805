// KerasHub's backbone configurations of the shared decoder.
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/count_text.h"
#include "models/decoder/decoder_checks.h"
#include "models/decoder/decoder_model.h"
#include "models/json_keys.h"
#include "models/keras_names.h"
#include "models/tensor_reader.h"

namespace tare {
namespace {

class KerasDecoderReader {
 public:
  KerasDecoderReader(const Family& family, const JsonObject& config)
      : rules_(*family.decoder), keys_(rules_.keras_keys), config_(config) {}

  Result<DecoderSpec> Read(std::optional<size_t> context) {
    TARE_RETURN_IF_ERROR(ReadSizes(context));
    SetUsualLayers(spec_);
    spec_.activation = rules_.activation;
    spec_.norm_offset = rules_.stores_norms_from_one ? 1.0f : 0.0f;
    TARE_ASSIGN_OR_RETURN(spec_.norm_epsilon, GetPositiveOr(config_, "layer_norm_epsilon", 1e-6f));
    RopeSpec& rope = spec_.ropes[0];
    rope.rotated = spec_.sizes.head_size;
    rope.base = rules_.default_rope_base;
    TARE_ASSIGN_OR_RETURN(rope.base, GetPositiveOr(config_, keys_.rope_base, rope.base));
    TARE_ASSIGN_OR_RETURN(rope.linear_factor,
                          GetPositiveOr(config_, keys_.linear_rope_factor, 1.0f));
    if (rules_.read_keras != nullptr) TARE_RETURN_IF_ERROR(rules_.read_keras(config_, spec_));
    TARE_RETURN_IF_ERROR(CheckDecoder(spec_, config_.name()));
    return std::move(spec_);
  }

 private:
  Status ReadSizes(std::optional<size_t> context) {
    ModelSizes& sizes = spec_.sizes;
    TARE_ASSIGN_OR_RETURN(sizes.vocabulary, GetSize(config_, "vocabulary_size"));
    TARE_ASSIGN_OR_RETURN(sizes.layers, GetSize(config_, "num_layers", kMaxModelLayers));
    TARE_ASSIGN_OR_RETURN(sizes.heads, GetSize(config_, keys_.heads));
    TARE_ASSIGN_OR_RETURN(sizes.kv_heads, GetSize(config_, "num_key_value_heads"));
    TARE_ASSIGN_OR_RETURN(sizes.width, GetSize(config_, "hidden_dim"));
    TARE_ASSIGN_OR_RETURN(sizes.inner_width, GetSize(config_, "intermediate_dim"));
    if (!keys_.head_size.empty() && config_.Has(keys_.head_size)) {
      TARE_ASSIGN_OR_RETURN(sizes.head_size, GetSize(config_, keys_.head_size));
    } else {
      TARE_ASSIGN_OR_RETURN(sizes.head_size, HeadSizeOf(config_, sizes.width, sizes.heads));
    }
    sizes.max_context = context.value_or(rules_.default_keras_context);
    if (!keys_.context.empty()) {
      TARE_ASSIGN_OR_RETURN(sizes.max_context, GetSize(config_, keys_.context));
    }
    return {};
  }

  const DecoderRules& rules_;
  const KerasDecoderKeys& keys_;
  const JsonObject& config_;
  DecoderSpec spec_;
};

}  // namespace

Result<DecoderSpec> DecoderSpecFromKeras(const Family& family, const JsonObject& config,
                                         std::optional<size_t> context) {
  return KerasDecoderReader(family, config).Read(context);
}

Result<std::unique_ptr<FamilyModel>> DecoderFromKeras(const Family& family,
                                                      const JsonObject& config,
                                                      std::optional<size_t> context) {
  TARE_ASSIGN_OR_RETURN(DecoderSpec spec, DecoderSpecFromKeras(family, config, context));
  return std::unique_ptr<FamilyModel>(std::make_unique<DecoderModel>(family, std::move(spec)));
}

Result<std::shared_ptr<const FamilyModel>> DecoderModel::ForKeras() const {
  if (rules().add_keras == nullptr) {
    return Unsupported("KerasHub has no class for {} models; try --to hf or --to gguf",
                       family_.name);
  }
  TARE_ASSIGN_OR_RETURN(DecoderSpec spec, WithScaling());
  spec.pairing = RopePairing::kHalf;
  spec.norm_offset = rules().stores_norms_from_one ? 1.0f : 0.0f;
  return std::shared_ptr<const FamilyModel>(
      std::make_shared<DecoderModel>(family_, std::move(spec)));
}

Status DecoderModel::CheckKeras(bool tied) const {
  const ModelSizes& sizes = spec_.sizes;
  const std::string backbone = fmt::format("{}Backbone", family_.keras_classes);
  if (rules().keras_keys.head_size.empty() && sizes.heads * sizes.head_size != sizes.width) {
    return Unsupported(
        "{}: its head size is width / heads, but {} of size {} make {}, and the width is {}",
        backbone, CountText(sizes.heads, "head"), sizes.head_size, sizes.heads * sizes.head_size,
        sizes.width);
  }
  if (sizes.kv_heads == 0 || sizes.heads % sizes.kv_heads != 0) {
    return Unsupported("{}: {} cannot share {} evenly", backbone, CountText(sizes.heads, "head"),
                       CountText(sizes.kv_heads, "key/value head"));
  }
  if (spec_.pairing != RopePairing::kHalf) {
    return Unsupported(
        "{} rotates halves, but the model rotates neighbours; permute query and key first",
        backbone);
  }
  const bool has_output = HasName(family_.tensors, ModelFormat::kKeras, ModelPart::kOutput);
  if (tied ? !rules().keras_may_tie : !has_output) {
    return Unsupported("{}: its output {} the token embedding, but the model's {}", backbone,
                       tied ? "is never" : "is always", tied ? "is" : "is not");
  }
  if (sizes.has_attention_bias) {
    return Unsupported("{} has no biases in its attention, but the model has", backbone);
  }
  for (const RopeSpec& rope : spec_.ropes) {
    if (rope.rotated == sizes.head_size) continue;
    return Unsupported("{} rotates whole heads, but the model rotates {} of {} elements", backbone,
                       rope.rotated, sizes.head_size);
  }
  return rules().check_keras == nullptr ? Status() : rules().check_keras(spec_, tied);
}

std::vector<NamedNumbers> DecoderModel::MakeKerasExtras() const {
  const std::string_view part = rules().keras_keys.frequencies;
  if (part.empty()) return {};
  const RopeSpec& rope = spec_.ropes[0];
  std::vector<float> frequencies(rope.rotated / 2);
  for (size_t i = 0; i < frequencies.size(); ++i) {
    const double power = 2.0 * static_cast<double>(i) / static_cast<double>(rope.rotated);
    frequencies[i] = static_cast<float>(std::pow(static_cast<double>(rope.base), -power));
  }
  std::vector<NamedNumbers> extras;
  for (size_t layer = 0; layer < spec_.layers.size(); ++layer) {
    const std::string name = KerasLayerName(family_.tensors.keras_layers, layer);
    extras.push_back({KerasVariable(fmt::format("{}/{}", name, part), 0), frequencies});
  }
  return extras;
}

// KerasHub takes the stored ones, whatever the configuration's base.
void DecoderModel::CheckKerasFrequencies(TensorReader& reader) const {
  constexpr float kNear = 1e-4f;
  for (const NamedNumbers& wanted : MakeKerasExtras()) {
    const TensorView found = reader.GetF32(wanted.name, {wanted.numbers.size()});
    if (found.data == nullptr) return;
    for (size_t i = 0; i < wanted.numbers.size(); ++i) {
      const float frequency = wanted.numbers[i];
      if (std::fabs(found.f32()[i] - frequency) <= kNear * frequency) continue;
      reader.Fail(
          Unsupported("{}: frequency {} is {}, expected {} as of the configuration's base {}",
                      wanted.name, i, found.f32()[i], frequency, spec_.ropes[0].base));
      return;
    }
  }
}

void DecoderModel::AddKerasConfig(bool tied, nlohmann::ordered_json& config) const {
  rules().add_keras(spec_, tied, config);
}

}  // namespace tare
