#include "models/families/granite/granite.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "models/decoder/decoder_json.h"
#include "models/decoder/decoder_model.h"
#include "models/decoder/decoder_rules.h"
#include "models/json_keys.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

constexpr PartNames kGraniteParts[] = {
    {ModelPart::kTokenEmbedding, "token_embd", "embed_tokens", ""},
    {ModelPart::kOutput, "output", "lm_head", ""},
    {ModelPart::kOutputNorm, "output_norm", "norm", ""},
    {ModelPart::kAttentionNorm, "attn_norm", "input_layernorm", ""},
    {ModelPart::kQuery, "attn_q", "self_attn.q_proj", "", PartBias::kOfSome},
    {ModelPart::kKey, "attn_k", "self_attn.k_proj", "", PartBias::kOfSome},
    {ModelPart::kValue, "attn_v", "self_attn.v_proj", "", PartBias::kOfSome},
    {ModelPart::kAttentionOut, "attn_output", "self_attn.o_proj", "", PartBias::kOfSome},
    {ModelPart::kMlpNorm, "ffn_norm", "post_attention_layernorm", ""},
    {ModelPart::kGate, "ffn_gate", "mlp.gate_proj", ""},
    {ModelPart::kUp, "ffn_up", "mlp.up_proj", ""},
    {ModelPart::kDown, "ffn_down", "mlp.down_proj", ""},
};

constexpr RequiredSetting kGraniteSettings[] = {
    {"hidden_act", "silu"}, {"attention_bias", "", false, true}, {"mlp_bias", "", false}};

Status ReadGraniteGguf(const GgufFile& file, DecoderSpec& spec) {
  TARE_ASSIGN_OR_RETURN(spec.attention_scale,
                        file.GetFloatOr("granite.attention.scale", spec.attention_scale));
  TARE_ASSIGN_OR_RETURN(spec.embedding_scale, file.GetFloatOr("granite.embedding_scale", 1.0f));
  TARE_ASSIGN_OR_RETURN(spec.residual_scale, file.GetFloatOr("granite.residual_scale", 1.0f));
  TARE_ASSIGN_OR_RETURN(const float divisor, file.GetFloatOr("granite.logit_scale", 1.0f));
  spec.logit_scale = 1.0f / divisor;
  return {};
}

Status AddGraniteGguf(const DecoderSpec& spec, GgufKeyWriter& keys) {
  keys.Float("attention.scale", spec.attention_scale);
  keys.Float("embedding_scale", spec.embedding_scale);
  keys.Float("residual_scale", spec.residual_scale);
  keys.Float("logit_scale", 1.0f / spec.logit_scale);
  return {};
}

Status ReadGranite(const JsonObject& json, DecoderSpec& spec) {
  TARE_ASSIGN_OR_RETURN(spec.attention_scale, GetPositiveOr(json, "attention_multiplier", 1.0f));
  TARE_ASSIGN_OR_RETURN(spec.embedding_scale, GetPositiveOr(json, "embedding_multiplier", 1.0f));
  TARE_ASSIGN_OR_RETURN(spec.residual_scale, GetPositiveOr(json, "residual_multiplier", 1.0f));
  TARE_ASSIGN_OR_RETURN(const float divisor, GetPositiveOr(json, "logits_scaling", 1.0f));
  spec.logit_scale = 1.0f / divisor;
  return {};
}

Status AddGranite(const DecoderSpec& spec, Json& json) {
  json["attention_multiplier"] = ShortestDecimal(spec.attention_scale);
  json["embedding_multiplier"] = ShortestDecimal(spec.embedding_scale);
  json["residual_multiplier"] = ShortestDecimal(spec.residual_scale);
  json["logits_scaling"] = ShortestDecimal(1.0f / spec.logit_scale);
  return {};
}

// The multipliers of Granite 3.0's model of 2 billion parameters, whose heads have a size of 64.
void AdaptGraniteShape(DecoderSpec& spec) {
  spec.attention_scale = 1.0f / static_cast<float>(spec.sizes.head_size);
  spec.embedding_scale = 12.0f;
  spec.residual_scale = 0.22f;
  spec.logit_scale = 1.0f / 8.0f;
}

Status SpellGranite(ShapeSettings& settings, DecoderSpec& spec) {
  TARE_RETURN_IF_ERROR(settings.TakePositive("attention_multiplier", spec.attention_scale));
  TARE_RETURN_IF_ERROR(settings.TakePositive("embedding_multiplier", spec.embedding_scale));
  TARE_RETURN_IF_ERROR(settings.TakePositive("residual_multiplier", spec.residual_scale));
  float divisor = 1.0f / spec.logit_scale;
  TARE_RETURN_IF_ERROR(settings.TakePositive("logits_scaling", divisor));
  spec.logit_scale = 1.0f / divisor;
  return {};
}

constexpr DecoderRules kGraniteRules = {
    .has_multipliers = true,
    .read_gguf = ReadGraniteGguf,
    .read_hugging_face = ReadGranite,
    .add_gguf_keys = AddGraniteGguf,
    .add_hugging_face = AddGranite,
    .shape_name = "granite",
    .adapt_shape = AdaptGraniteShape,
    .spell_shape = SpellGranite,
};

}  // namespace

constinit const Family kGraniteFamily = {
    .name = "granite",
    .gguf_architecture = "granite",
    .hugging_face_type = "granite",
    .hugging_face_class = "GraniteForCausalLM",
    .keras_module = "granite",
    .keras_classes = "",
    .keras_task = "",
    .tensors = {.parts = kGraniteParts,
                .hugging_face_prefix = "model.",
                .hugging_face_layers = "layers.",
                .hugging_face_layout = WeightLayout::kOutIn,
                .hugging_face_ignored = {},
                .keras_layers = ""},
    .hugging_face_keys = kUsualHuggingFaceKeys,
    .hugging_face_settings = kGraniteSettings,
    .keras_tokenizer =
        {.start = "", .end = "", .names_ends = false, .second_end = "", .demanded = {}},
    .hugging_face_tokenizer = {.start = "<|endoftext|>", .end = "<|endoftext|>"},
    .keras_names_context = false,
    .gguf_pairing = RopePairing::kInterleaved,
    .pre_tokenizer = "refact",
    .is_rebuilt_by_workers = false,
    .decoder = &kGraniteRules,
    .from_gguf = DecoderFromGguf,
    .from_hugging_face = DecoderFromHuggingFace,
    .from_keras = DecoderFromKeras,
    .named_shapes = DecoderShapes,
    .shape_keys =
        "kv_heads, head_size, tied, attention_multiplier, embedding_multiplier, "
        "residual_multiplier, logits_scaling (logits are divided by it)",
    .spell_shape = SpellDecoder,
};

}  // namespace tare
