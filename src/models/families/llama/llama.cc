#include "models/families/llama/llama.h"

#include <nlohmann/json.hpp>

#include "models/decoder/decoder_json.h"
#include "models/decoder/decoder_model.h"
#include "models/decoder/decoder_rules.h"
#include "models/json_keys.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

constexpr PartNames kLlamaParts[] = {
    {ModelPart::kTokenEmbedding, "token_embd", "embed_tokens", "layers/reversible_embedding"},
    {ModelPart::kOutput, "output", "lm_head", "layers/reversible_embedding"},
    {ModelPart::kOutputNorm, "output_norm", "norm", "layers/llama_layer_norm"},
    {ModelPart::kAttentionNorm, "attn_norm", "input_layernorm", "_self_attention_layernorm"},
    {ModelPart::kQuery, "attn_q", "self_attn.q_proj", "_self_attention_layer/_query_dense",
     PartBias::kOfSome},
    {ModelPart::kKey, "attn_k", "self_attn.k_proj", "_self_attention_layer/_key_dense",
     PartBias::kOfSome},
    {ModelPart::kValue, "attn_v", "self_attn.v_proj", "_self_attention_layer/_value_dense",
     PartBias::kOfSome},
    {ModelPart::kAttentionOut, "attn_output", "self_attn.o_proj",
     "_self_attention_layer/_output_dense", PartBias::kOfSome},
    {ModelPart::kMlpNorm, "ffn_norm", "post_attention_layernorm", "_feedforward_layernorm"},
    {ModelPart::kGate, "ffn_gate", "mlp.gate_proj", "_feedforward_gate_dense"},
    {ModelPart::kUp, "ffn_up", "mlp.up_proj", "_feedforward_intermediate_dense"},
    {ModelPart::kDown, "ffn_down", "mlp.down_proj", "_feedforward_output_dense"},
};

constexpr RequiredSetting kLlamaSettings[] = {
    {"hidden_act", "silu"}, {"attention_bias", "", false, true}, {"mlp_bias", "", false}};

constexpr std::string_view kLlamaDemanded[] = {"<|start_header_id|>", "<|end_header_id|>"};

Status ReadLlamaKeras(const JsonObject& json, DecoderSpec& spec) {
  if (!json.Has("rope_frequency_adjustment_factor")) return {};
  RopeScaling& scaling = spec.ropes[0].scaling;
  scaling.kind = RopeScalingKind::kWavelength;
  TARE_ASSIGN_OR_RETURN(scaling.factor, GetPositive(json, "rope_frequency_adjustment_factor"));
  TARE_ASSIGN_OR_RETURN(scaling.low, GetPositive(json, "rope_low_freq_factor"));
  TARE_ASSIGN_OR_RETURN(scaling.high, GetPositive(json, "rope_high_freq_factor"));
  TARE_ASSIGN_OR_RETURN(scaling.original_context,
                        GetSize(json, "rope_pretraining_sequence_length"));
  return {};
}

Status CheckLlamaKeras(const DecoderSpec& spec, bool /*tied*/) {
  const RopeScalingKind kind = spec.ropes[0].scaling.kind;
  if (kind == RopeScalingKind::kNone || kind == RopeScalingKind::kWavelength) return {};
  return Unsupported("Llama3Backbone has no {} scaling of its rotation",
                     kind == RopeScalingKind::kYarn ? "yarn" : "longrope");
}

void AddLlamaKeras(const DecoderSpec& spec, bool tied, Json& json) {
  const ModelSizes& sizes = spec.sizes;
  const RopeSpec& rope = spec.ropes[0];
  json["vocabulary_size"] = sizes.vocabulary;
  json["num_layers"] = sizes.layers;
  json["num_query_heads"] = sizes.heads;
  json["hidden_dim"] = sizes.width;
  json["intermediate_dim"] = sizes.inner_width;
  json["rope_max_wavelength"] = WholeOrDecimal(rope.base);
  json["rope_position_scaling_factor"] = ShortestDecimal(rope.linear_factor);
  const RopeScaling& scaling = rope.scaling;
  const bool is_scaled = scaling.kind == RopeScalingKind::kWavelength;
  const auto number = [&](float value) {
    return is_scaled ? Json(ShortestDecimal(value)) : Json();
  };
  json["rope_frequency_adjustment_factor"] = number(scaling.factor);
  json["rope_low_freq_factor"] = number(scaling.low);
  json["rope_high_freq_factor"] = number(scaling.high);
  json["rope_pretraining_sequence_length"] = is_scaled ? Json(scaling.original_context) : Json();
  json["num_key_value_heads"] = sizes.kv_heads;
  json["layer_norm_epsilon"] = ShortestDecimal(spec.norm_epsilon);
  json["dropout"] = 0;
  // KerasHub 0.32 reads it but loses it while saving; without it, it cannot load the weights.
  if (tied) json["tie_word_embeddings"] = true;
}

void AdaptLlamaShape(DecoderSpec& spec) {
  RopeSpec& rope = spec.ropes[0];
  rope.base = 500000.0f;
  rope.scaling.kind = RopeScalingKind::kWavelength;
  rope.scaling.factor = 8.0f;
  rope.scaling.original_context = 8192;
}

Status SpellLlama(ShapeSettings& settings, DecoderSpec& spec) {
  RopeSpec& rope = spec.ropes[0];
  TARE_RETURN_IF_ERROR(settings.TakePositive("rope_base", rope.base));
  TARE_RETURN_IF_ERROR(settings.TakePositive("rope_scale", rope.linear_factor));
  TARE_RETURN_IF_ERROR(settings.TakePositive("rope_factor", rope.scaling.factor));
  TARE_RETURN_IF_ERROR(settings.TakeSize("rope_context", rope.scaling.original_context));
  if (rope.scaling.factor == 1.0f) rope.scaling = {};
  return {};
}

constexpr DecoderRules kLlamaRules = {
    .default_keras_context = 131072,
    .keras_keys = {.head_size = "", .linear_rope_factor = "rope_position_scaling_factor"},
    .read_keras = ReadLlamaKeras,
    .check_keras = CheckLlamaKeras,
    .add_keras = AddLlamaKeras,
    .shape_name = "llama3",
    .adapt_shape = AdaptLlamaShape,
    .spell_shape = SpellLlama,
};

// For Llama 2 and all with its kind of tokenizer.
constexpr KerasClasses kLlamaSentencePieceClasses = {
    .module = "llama",
    .classes = "Llama",
    .tokenizer = {
        .start = "<s>", .end = "</s>", .is_sentence_piece = true, .adds_space_prefix = true}};

}  // namespace

constinit const Family kLlamaFamily = {
    .name = "llama",
    .gguf_architecture = "llama",
    .hugging_face_type = "llama",
    .hugging_face_class = "LlamaForCausalLM",
    .keras_module = "llama3",
    .keras_classes = "Llama3",
    .keras_task = "LlamaCausalLM",
    .tensors = {.parts = kLlamaParts,
                .hugging_face_prefix = "model.",
                .hugging_face_layers = "layers.",
                .hugging_face_layout = WeightLayout::kOutIn,
                .hugging_face_ignored = {},
                .keras_layers = "llama_transformer_decoder"},
    .hugging_face_keys = kUsualHuggingFaceKeys,
    .hugging_face_settings = kLlamaSettings,
    .keras_tokenizer = {.start = "<|begin_of_text|>",
                        .end = "<|end_of_text|>",
                        .names_ends = true,
                        .second_end = "<|eot_id|>",
                        .demanded = kLlamaDemanded},
    .other_keras = &kLlamaSentencePieceClasses,
    .keras_names_context = false,
    .gguf_pairing = RopePairing::kInterleaved,
    .pre_tokenizer = "llama-bpe",
    .decoder = &kLlamaRules,
    .from_gguf = DecoderFromGguf,
    .from_hugging_face = DecoderFromHuggingFace,
    .from_keras = DecoderFromKeras,
    .named_shapes = DecoderShapes,
    .shape_keys = "kv_heads, tied, rope_base, rope_scale, rope_factor (1: none), rope_context",
    .spell_shape = SpellDecoder,
};

}  // namespace tare
