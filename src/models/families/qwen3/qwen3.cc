#include "models/families/qwen3/qwen3.h"

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

constexpr PartNames kQwen3Parts[] = {
    {ModelPart::kTokenEmbedding, "token_embd", "embed_tokens", "layers/reversible_embedding"},
    {ModelPart::kOutput, "output", "lm_head", "layers/reversible_embedding"},
    {ModelPart::kOutputNorm, "output_norm", "norm", "layers/qwen3_layer_norm"},
    {ModelPart::kAttentionNorm, "attn_norm", "input_layernorm", "_self_attention_layernorm"},
    {ModelPart::kQuery, "attn_q", "self_attn.q_proj", "_self_attention_layer/_query_dense",
     PartBias::kOfSome},
    {ModelPart::kKey, "attn_k", "self_attn.k_proj", "_self_attention_layer/_key_dense",
     PartBias::kOfSome},
    {ModelPart::kValue, "attn_v", "self_attn.v_proj", "_self_attention_layer/_value_dense",
     PartBias::kOfSome},
    {ModelPart::kQueryNorm, "attn_q_norm", "self_attn.q_norm",
     "_self_attention_layer/_query_dense_layer_norm"},
    {ModelPart::kKeyNorm, "attn_k_norm", "self_attn.k_norm",
     "_self_attention_layer/_key_dense_layer_norm"},
    {ModelPart::kAttentionOut, "attn_output", "self_attn.o_proj",
     "_self_attention_layer/_output_dense", PartBias::kOfSome},
    {ModelPart::kMlpNorm, "ffn_norm", "post_attention_layernorm", "_feedforward_layernorm"},
    {ModelPart::kGate, "ffn_gate", "mlp.gate_proj", "_feedforward_gate_dense"},
    {ModelPart::kUp, "ffn_up", "mlp.up_proj", "_feedforward_intermediate_dense"},
    {ModelPart::kDown, "ffn_down", "mlp.down_proj", "_feedforward_output_dense"},
};

constexpr RequiredSetting kQwen3Settings[] = {{"hidden_act", "silu"},
                                              {"attention_bias", "", false, true}};

// Of a configuration that does not name it.
constexpr uint64_t kQwen3Window = 4096;

Status ReadQwen3(const JsonObject& json, DecoderSpec& spec) {
  TARE_ASSIGN_OR_RETURN(const bool has_windows, json.GetBoolOr("use_sliding_window", false));
  TARE_ASSIGN_OR_RETURN(const uint64_t window, json.GetUintOr("sliding_window", kQwen3Window));
  TARE_ASSIGN_OR_RETURN(const uint64_t first, json.GetUintOr("max_window_layers", 28));
  return SetWindows(
      json, has_windows ? window : 0, [first](size_t layer) { return layer >= first; }, spec);
}

Status AddQwen3(const DecoderSpec& spec, Json& json) {
  const size_t window = WindowOf(spec);
  json["use_sliding_window"] = window != 0;
  json["sliding_window"] = window == 0 ? Json() : Json(window);
  json["layer_types"] = LayerTypes(spec);
  return {};
}

Status RefuseQwen3Gguf(const DecoderSpec& spec, GgufKeyWriter& /*keys*/) {
  if (spec.sizes.has_attention_bias) {
    return Unsupported("GGUF has no place for the biases of this model's attention");
  }
  const size_t window = WindowOf(spec);
  if (window == 0 || window >= spec.sizes.max_context) return {};
  return Unsupported(
      "GGUF cannot express that some layers see only the last {} tokens (use_sliding_window in "
      "config.json)",
      window);
}

// The backbone has a window in every layer unless it is null.
Status ReadQwen3Keras(const JsonObject& json, DecoderSpec& spec) {
  TARE_ASSIGN_OR_RETURN(const uint64_t window, json.GetUintOr("sliding_window_size", 0));
  for (LayerSpec& layer : spec.layers) layer.window = window;
  return {};
}

Status CheckQwen3Keras(const DecoderSpec& spec, bool /*tied*/) {
  if (spec.ropes[0].scaling.kind != RopeScalingKind::kNone) {
    return Unsupported("Qwen3Backbone scales its rotation only linearly");
  }
  for (const LayerSpec& layer : spec.layers) {
    if (layer.window == spec.layers[0].window) continue;
    return Unsupported("Qwen3Backbone has one window for all layers, but the model has not");
  }
  return {};
}

void AddQwen3Keras(const DecoderSpec& spec, bool tied, Json& json) {
  const ModelSizes& sizes = spec.sizes;
  json["vocabulary_size"] = sizes.vocabulary;
  json["num_layers"] = sizes.layers;
  const size_t window = WindowOf(spec);
  json["num_query_heads"] = sizes.heads;
  json["hidden_dim"] = sizes.width;
  json["head_dim"] = sizes.head_size;
  json["intermediate_dim"] = sizes.inner_width;
  json["rope_max_wavelength"] = WholeOrDecimal(spec.ropes[0].base);
  json["rope_scaling_factor"] = ShortestDecimal(spec.ropes[0].linear_factor);
  json["num_key_value_heads"] = sizes.kv_heads;
  json["layer_norm_epsilon"] = ShortestDecimal(spec.norm_epsilon);
  json["dropout"] = 0.0;
  json["tie_word_embeddings"] = tied;
  json["sliding_window_size"] = window == 0 ? Json() : Json(window);
}

void AdaptQwen3Shape(DecoderSpec& spec) { spec.ropes[0].base = 1000000.0f; }

constexpr DecoderRules kQwen3Rules = {
    .has_windows = true,
    .default_kv_heads = 32,
    .default_head_size = 128,
    .default_context = 32768,
    .read_hugging_face = ReadQwen3,
    .read_keras = ReadQwen3Keras,
    .add_gguf_keys = RefuseQwen3Gguf,
    .add_hugging_face = AddQwen3,
    .check_keras = CheckQwen3Keras,
    .add_keras = AddQwen3Keras,
    .shape_name = "qwen3",
    .adapt_shape = AdaptQwen3Shape,
};

constexpr std::string_view kQwen3Demanded[] = {"<|endoftext|>"};  // for padding

}  // namespace

constinit const Family kQwen3Family = {
    .name = "qwen3",
    .gguf_architecture = "qwen3",
    .hugging_face_type = "qwen3",
    .hugging_face_class = "Qwen3ForCausalLM",
    .keras_module = "qwen3",
    .keras_classes = "Qwen3",
    .keras_task = "Qwen3CausalLM",
    .tensors = {.parts = kQwen3Parts,
                .hugging_face_prefix = "model.",
                .hugging_face_layers = "layers.",
                .hugging_face_layout = WeightLayout::kOutIn,
                .hugging_face_ignored = {},
                .keras_layers = "qwen3_transformer_decoder"},
    .hugging_face_keys = kUsualHuggingFaceKeys,
    .hugging_face_settings = kQwen3Settings,
    .keras_tokenizer = {.start = "",
                        .end = "<|im_end|>",
                        .names_ends = false,
                        .second_end = "",
                        .demanded = kQwen3Demanded},
    .hugging_face_tokenizer = {.name = "Qwen2Tokenizer",
                               .split = PreTokenizer::kQwen2,
                               .puts_into_nfc = true,
                               .start = "",
                               .end = "<|endoftext|>"},
    .keras_names_context = false,
    .gguf_pairing = RopePairing::kHalf,
    .pre_tokenizer = "qwen2",
    .is_rebuilt_by_workers = false,
    .decoder = &kQwen3Rules,
    .from_gguf = DecoderFromGguf,
    .from_hugging_face = DecoderFromHuggingFace,
    .from_keras = DecoderFromKeras,
    .named_shapes = DecoderShapes,
    .shape_keys = "kv_heads, head_size, tied",
    .spell_shape = SpellDecoder,
};

}  // namespace tare
