// GGUF's keys of the shared decoder.
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "format/quote.h"
#include "models/decoder/decoder_checks.h"
#include "models/decoder/decoder_model.h"
#include "models/gguf_keys.h"

namespace tare {
namespace {

constexpr char kLongFactorsTensor[] = "rope_factors_long.weight";
constexpr char kShortFactorsTensor[] = "rope_factors_short.weight";

class GgufDecoderReader {
 public:
  GgufDecoderReader(const Family& family, const GgufFile& file)
      : family_(family), rules_(*family.decoder), file_(file) {}

  Result<DecoderSpec> Read() {
    TARE_RETURN_IF_ERROR(RefuseVariants());
    TARE_RETURN_IF_ERROR(ReadSizes());
    SetUsualLayers(spec_);
    spec_.activation = rules_.activation;
    spec_.pairing = family_.gguf_pairing.value_or(RopePairing::kHalf);
    TARE_ASSIGN_OR_RETURN(spec_.norm_epsilon,
                          GetEpsilon(file_, Key("attention.layer_norm_rms_epsilon")));
    TARE_RETURN_IF_ERROR(ReadRope());
    if (rules_.read_gguf != nullptr) TARE_RETURN_IF_ERROR(rules_.read_gguf(file_, spec_));
    TARE_RETURN_IF_ERROR(CheckDecoder(spec_, file_.path()));
    return std::move(spec_);
  }

 private:
  std::string Key(std::string_view name) const {
    return fmt::format("{}.{}", family_.gguf_architecture, name);
  }

  Status RefuseVariants() const {
    TARE_ASSIGN_OR_RETURN(const uint64_t experts, file_.GetUintOr(Key("expert_count"), 0));
    if (experts != 0 && !rules_.has_experts) {
      return Unsupported("{}: {} is {}: mixtures of experts are not supported", file_.path(),
                         Key("expert_count"), experts);
    }
    if (rules_.has_windows) return {};
    TARE_ASSIGN_OR_RETURN(const uint64_t window,
                          file_.GetUintOr(Key("attention.sliding_window"), 0));
    TARE_ASSIGN_OR_RETURN(const uint64_t context, file_.GetUintOr(Key("context_length"), 0));
    if (window == 0 || window >= context) return {};
    return Unsupported("{}: {} is {}: sliding windows are not supported for this architecture",
                       file_.path(), Key("attention.sliding_window"), window);
  }

  Status ReadSizes() {
    ModelSizes& sizes = spec_.sizes;
    TARE_ASSIGN_OR_RETURN(sizes.layers, GetSize(file_, Key("block_count"), kMaxModelLayers));
    TARE_ASSIGN_OR_RETURN(sizes.width, GetSize(file_, Key("embedding_length")));
    TARE_ASSIGN_OR_RETURN(sizes.inner_width, GetSize(file_, Key("feed_forward_length")));
    TARE_ASSIGN_OR_RETURN(sizes.heads, GetSize(file_, Key("attention.head_count")));
    TARE_ASSIGN_OR_RETURN(sizes.kv_heads,
                          GetSizeOr(file_, Key("attention.head_count_kv"), sizes.heads));
    TARE_ASSIGN_OR_RETURN(sizes.max_context, GetSize(file_, Key("context_length")));
    TARE_ASSIGN_OR_RETURN(sizes.vocabulary, GetVocabularySize(file_, Key("vocab_size")));
    // No key says it.
    sizes.has_attention_bias =
        HasOptionalBias(family_.tensors) && file_.FindTensor("blk.0.attn_q.bias") != nullptr;
    return ReadHeadSize();
  }

  Status ReadHeadSize() {
    ModelSizes& sizes = spec_.sizes;
    const std::string key = Key("attention.key_length");
    if (sizes.width % sizes.heads != 0 && file_.FindValue(key) == nullptr) {
      return CorruptFile("{}: the width {} is not a multiple of {} heads", file_.path(),
                         sizes.width, sizes.heads);
    }
    TARE_ASSIGN_OR_RETURN(sizes.head_size, GetSizeOr(file_, key, sizes.width / sizes.heads));
    TARE_ASSIGN_OR_RETURN(const uint64_t value_size,
                          file_.GetUintOr(Key("attention.value_length"), sizes.head_size));
    if (value_size == sizes.head_size) return {};
    return Unsupported("{}: values have size {} but keys have size {}, expected one head size",
                       file_.path(), value_size, sizes.head_size);
  }

  Status ReadRope() {
    RopeSpec& rope = spec_.ropes[0];
    TARE_ASSIGN_OR_RETURN(rope.base, GetPositiveOr("rope.freq_base", 10000.0f));
    TARE_ASSIGN_OR_RETURN(rope.rotated,
                          GetSizeOr(file_, Key("rope.dimension_count"), spec_.sizes.head_size));
    if (rope.rotated != spec_.sizes.head_size && !rules_.rotates_part_of_heads) {
      return Unsupported(
          "{}: {} is {} of a head size of {}: partial rotation is not supported for this "
          "architecture",
          file_.path(), Key("rope.dimension_count"), rope.rotated, spec_.sizes.head_size);
    }
    return ReadScaling(rope);
  }

  Result<float> GetPositiveOr(std::string_view name, float fallback) const {
    TARE_ASSIGN_OR_RETURN(const float value, file_.GetFloatOr(Key(name), fallback));
    if (value > 0.0f && std::isfinite(value)) return value;
    return CorruptFile("{}: {} is {}, expected more than 0", file_.path(), Key(name), value);
  }

  Status ReadScaling(RopeSpec& rope) const {
    TARE_ASSIGN_OR_RETURN(const std::string_view type,
                          file_.GetStringOr(Key("rope.scaling.type"), "none"));
    // Older files have the factor alone.
    TARE_ASSIGN_OR_RETURN(const float old_factor, GetPositiveOr("rope.scale_linear", 1.0f));
    TARE_ASSIGN_OR_RETURN(const float factor, GetPositiveOr("rope.scaling.factor", old_factor));
    if (file_.FindTensor(kLongFactorsTensor) != nullptr) return ReadLongRope(rope);
    if (type == "yarn") {
      rope.scaling.factor = factor;
      return ReadYarn(rope);
    }
    if (type != "none" && type != "linear") {
      return Unsupported("{}: {} is {}, expected none, linear, yarn or longrope with its tensors",
                         file_.path(), Key("rope.scaling.type"), Quote(type));
    }
    const bool has_new_factor = file_.FindValue(Key("rope.scaling.factor")) != nullptr;
    if (type == "linear" || !has_new_factor) rope.linear_factor = factor;
    return {};
  }

  Status ReadYarn(RopeSpec& rope) const {
    RopeScaling& scaling = rope.scaling;
    scaling.kind = RopeScalingKind::kYarn;
    TARE_ASSIGN_OR_RETURN(scaling.original_context,
                          GetSize(file_, Key("rope.scaling.original_context_length")));
    TARE_ASSIGN_OR_RETURN(scaling.beta_fast, GetPositiveOr("rope.scaling.yarn_beta_fast", 32.0f));
    TARE_ASSIGN_OR_RETURN(scaling.beta_slow, GetPositiveOr("rope.scaling.yarn_beta_slow", 1.0f));
    // What multiplies the method's own factor.
    TARE_ASSIGN_OR_RETURN(const float more, GetPositiveOr("rope.scaling.yarn_attn_factor", 1.0f));
    if (more != 1.0f) {
      const double usual = UsualAttentionFactor(rope, spec_.sizes.max_context);
      scaling.attention_factor = static_cast<float>(static_cast<double>(more) * usual);
    }
    for (const char* const key : {"rope.scaling.yarn_log_multiplier", "rope.scaling.attn_factor",
                                  "rope.scaling.yarn_ext_factor"}) {
      const float usual = std::string_view(key).ends_with("multiplier") ? 0.0f : 1.0f;
      TARE_ASSIGN_OR_RETURN(const float value, file_.GetFloatOr(Key(key), usual));
      if (value == usual) continue;
      return Unsupported("{}: {} is {}, which is not supported", file_.path(), Key(key), value);
    }
    return {};
  }

  // The factors are tensors: ReadExtras.
  Status ReadLongRope(RopeSpec& rope) const {
    RopeScaling& scaling = rope.scaling;
    scaling.kind = RopeScalingKind::kLongRope;
    TARE_ASSIGN_OR_RETURN(
        scaling.original_context,
        GetSizeOr(file_, Key("rope.scaling.original_context_length"), spec_.sizes.max_context));
    const std::string key = Key("rope.scaling.attn_factor");
    if (file_.FindValue(key) != nullptr) {
      TARE_ASSIGN_OR_RETURN(scaling.attention_factor,
                            GetPositiveOr("rope.scaling.attn_factor", 1.0f));
    }
    scaling.short_factors.assign(rope.rotated / 2, 1.0f);
    scaling.long_factors.assign(rope.rotated / 2, 1.0f);
    return {};
  }

  const Family& family_;
  const DecoderRules& rules_;
  const GgufFile& file_;
  DecoderSpec spec_;
};

void AddScalingKeys(const DecoderSpec& spec, GgufKeyWriter& keys) {
  const RopeSpec& rope = spec.ropes[0];
  const RopeScaling& scaling = rope.scaling;
  if (rope.linear_factor != 1.0f) {
    keys.String("rope.scaling.type", "linear");
    keys.Float("rope.scaling.factor", rope.linear_factor);
  }
  switch (scaling.kind) {
    case RopeScalingKind::kNone:
    case RopeScalingKind::kWavelength:  // divisors say it
      return;
    case RopeScalingKind::kYarn:
      keys.String("rope.scaling.type", "yarn");
      keys.Float("rope.scaling.factor", scaling.factor);
      keys.Uint("rope.scaling.original_context_length", scaling.original_context);
      if (scaling.beta_fast != 32.0f) {
        keys.Float("rope.scaling.yarn_beta_fast", scaling.beta_fast);
      }
      if (scaling.beta_slow != 1.0f) keys.Float("rope.scaling.yarn_beta_slow", scaling.beta_slow);
      if (scaling.attention_factor) {
        const double usual = UsualAttentionFactor(rope, spec.sizes.max_context);
        keys.Float("rope.scaling.yarn_attn_factor",
                   static_cast<float>(static_cast<double>(*scaling.attention_factor) / usual));
      }
      return;
    case RopeScalingKind::kLongRope:
      keys.Uint("rope.scaling.original_context_length", scaling.original_context);
      keys.Float("rope.scaling.attn_factor",
                 static_cast<float>(RopeAttentionFactor(rope, spec.sizes.max_context)));
      return;
  }
}

}  // namespace

Result<DecoderSpec> DecoderSpecFromGguf(const Family& family, const GgufFile& file) {
  return GgufDecoderReader(family, file).Read();
}

Result<std::unique_ptr<FamilyModel>> DecoderFromGguf(const Family& family, const GgufFile& file) {
  TARE_ASSIGN_OR_RETURN(DecoderSpec spec, DecoderSpecFromGguf(family, file));
  return std::unique_ptr<FamilyModel>(
      std::make_unique<DecoderModel>(family, std::move(spec), NotedScaling(file)));
}

void DecoderModel::ReadExtras(TensorReader& reader, ModelFormat format) {
  if (format == ModelFormat::kKeras) CheckKerasFrequencies(reader);
  if (format != ModelFormat::kGguf) return;
  RopeSpec& rope = spec_.ropes[0];
  const size_t pairs = rope.rotated / 2;
  if (reader.Has(kRopeDivisorsTensor)) rope.divisors = reader.GetF32(kRopeDivisorsTensor, {pairs});
  if (rope.scaling.kind != RopeScalingKind::kLongRope) return;
  const auto read = [&](const char* name, std::vector<float>& factors) {
    const TensorView tensor = reader.GetF32(name, {pairs});
    if (tensor.data != nullptr) factors.assign(tensor.f32(), tensor.f32() + pairs);
  };
  read(kShortFactorsTensor, rope.scaling.short_factors);
  read(kLongFactorsTensor, rope.scaling.long_factors);
}

Status DecoderModel::AddGgufKeys(GgufKeyWriter& keys) const {
  const ModelSizes& sizes = spec_.sizes;
  keys.Uint("attention.head_count_kv", sizes.kv_heads);
  keys.Float("attention.layer_norm_rms_epsilon", spec_.norm_epsilon);
  keys.Float("rope.freq_base", spec_.ropes[0].base);
  keys.Uint("rope.dimension_count", spec_.ropes[0].rotated);
  if (sizes.head_size * sizes.heads != sizes.width) {
    keys.Uint("attention.key_length", sizes.head_size);
    keys.Uint("attention.value_length", sizes.head_size);
  }
  if (spec_.ropes[0].scaling.kind == RopeScalingKind::kYarn && !spec_.ropes[0].scaling.truncate) {
    return Unsupported(
        "GGUF cannot express yarn whose bounds are not rounded (truncate false in rope_scaling)");
  }
  AddScalingKeys(spec_, keys);
  return rules().add_gguf_keys == nullptr ? Status() : rules().add_gguf_keys(spec_, keys);
}

GgufExtras DecoderModel::MakeGgufExtras() const {
  const RopeSpec& rope = spec_.ropes[0];
  GgufExtras extras;
  if (rope.scaling.kind == RopeScalingKind::kLongRope) {
    extras.tensors.push_back({kLongFactorsTensor, rope.scaling.long_factors});
    extras.tensors.push_back({kShortFactorsTensor, rope.scaling.short_factors});
    return extras;
  }
  std::optional<RopeScaling> correction;
  std::vector<float> divisors;
  if (rope.divisors) {
    divisors.assign(rope.divisors->f32(), rope.divisors->f32() + rope.rotated / 2);
    // A file whose divisors follow from nothing known is copied as it is.
    if (const auto known = ScalingOfDivisors(rope, noted_scaling_); known.ok()) correction = *known;
  } else if (rope.scaling.kind == RopeScalingKind::kWavelength) {
    correction = rope.scaling;
    divisors = RopeDivisors(rope);
  }
  if (correction) {
    extras.keys.push_back({kRopeCorrectionKey,
                           {correction->factor, correction->low, correction->high,
                            static_cast<float>(correction->original_context)}});
  }
  if (!divisors.empty()) extras.tensors.push_back({kRopeDivisorsTensor, std::move(divisors)});
  return extras;
}

}  // namespace tare
