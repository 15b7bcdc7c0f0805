#include "models/families/qwen2/qwen2.h"

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

constexpr PartNames kQwen2Parts[] = {
    {ModelPart::kTokenEmbedding, "token_embd", "embed_tokens", "layers/reversible_embedding"},
    {ModelPart::kOutput, "output", "lm_head", "layers/reversible_embedding"},
    {ModelPart::kOutputNorm, "output_norm", "norm", "layers/qwen_layer_norm"},
    {ModelPart::kAttentionNorm, "attn_norm", "input_layernorm", "_self_attention_layernorm"},
    {ModelPart::kQuery, "attn_q", "self_attn.q_proj", "_self_attention_layer/_query_dense",
     PartBias::kAlways},
    {ModelPart::kKey, "attn_k", "self_attn.k_proj", "_self_attention_layer/_key_dense",
     PartBias::kAlways},
    {ModelPart::kValue, "attn_v", "self_attn.v_proj", "_self_attention_layer/_value_dense",
     PartBias::kAlways},
    {ModelPart::kAttentionOut, "attn_output", "self_attn.o_proj",
     "_self_attention_layer/_output_dense"},
    {ModelPart::kMlpNorm, "ffn_norm", "post_attention_layernorm", "_feedforward_layernorm"},
    {ModelPart::kGate, "ffn_gate", "mlp.gate_proj", "_feedforward_gate_dense"},
    {ModelPart::kUp, "ffn_up", "mlp.up_proj", "_feedforward_intermediate_dense"},
    {ModelPart::kDown, "ffn_down", "mlp.down_proj", "_feedforward_output_dense"},
};

constexpr RequiredSetting kQwen2Settings[] = {{"hidden_act", "silu"}};

// Of a configuration that does not name it.
constexpr uint64_t kQwen2Window = 4096;

Status ReadQwen2(const JsonObject& json, DecoderSpec& spec) {
  TARE_ASSIGN_OR_RETURN(const bool has_windows, json.GetBoolOr("use_sliding_window", false));
  TARE_ASSIGN_OR_RETURN(const uint64_t window, json.GetUintOr("sliding_window", kQwen2Window));
  TARE_ASSIGN_OR_RETURN(const uint64_t first, json.GetUintOr("max_window_layers", 28));
  return SetWindows(
      json, has_windows ? window : 0, [first](size_t layer) { return layer >= first; }, spec);
}

Status AddQwen2(const DecoderSpec& spec, Json& json) {
  const size_t window = WindowOf(spec);
  json["use_sliding_window"] = window != 0;
  json["sliding_window"] = window == 0 ? Json() : Json(window);
  json["layer_types"] = LayerTypes(spec);
  return {};
}

Status RefuseQwen2Gguf(const DecoderSpec& spec, GgufKeyWriter& /*keys*/) {
  const size_t window = WindowOf(spec);
  if (window == 0 || window >= spec.sizes.max_context) return {};
  return Unsupported(
      "GGUF cannot express that some layers see only the last {} tokens (use_sliding_window in "
      "config.json)",
      window);
}

Status ReadQwen2Keras(const JsonObject& json, DecoderSpec& spec) {
  TARE_ASSIGN_OR_RETURN(const bool has_windows,
                        json.GetBoolOr("use_sliding_window_attention", false));
  TARE_ASSIGN_OR_RETURN(const uint64_t window, json.GetUintOr("sliding_window_size", 32768));
  for (LayerSpec& layer : spec.layers) layer.window = has_windows ? window : 0;
  return {};
}

Status CheckQwen2Keras(const DecoderSpec& spec, bool /*tied*/) {
  if (spec.ropes[0].scaling.kind != RopeScalingKind::kNone) {
    return Unsupported("QwenBackbone scales its rotation only linearly");
  }
  for (const LayerSpec& layer : spec.layers) {
    if (layer.window == spec.layers[0].window) continue;
    return Unsupported("QwenBackbone has one window for all layers, but the model has not");
  }
  return {};
}

void AddQwen2Keras(const DecoderSpec& spec, bool tied, Json& json) {
  const ModelSizes& sizes = spec.sizes;
  json["vocabulary_size"] = sizes.vocabulary;
  json["num_layers"] = sizes.layers;
  const size_t window = WindowOf(spec);
  json["num_query_heads"] = sizes.heads;
  json["hidden_dim"] = sizes.width;
  json["intermediate_dim"] = sizes.inner_width;
  json["rope_max_wavelength"] = WholeOrDecimal(spec.ropes[0].base);
  json["rope_scaling_factor"] = ShortestDecimal(spec.ropes[0].linear_factor);
  json["num_key_value_heads"] = sizes.kv_heads;
  json["layer_norm_epsilon"] = ShortestDecimal(spec.norm_epsilon);
  json["dropout"] = 0;
  json["tie_word_embeddings"] = tied;
  json["use_sliding_window_attention"] = window != 0;
  json["sliding_window_size"] = window == 0 ? sizes.max_context : window;
}

void AdaptQwen2Shape(DecoderSpec& spec) { spec.ropes[0].base = 1000000.0f; }

constexpr DecoderRules kQwen2Rules = {
    .has_windows = true,
    .default_kv_heads = 32,
    .default_context = 32768,
    .keras_keys = {.head_size = ""},
    .read_hugging_face = ReadQwen2,
    .read_keras = ReadQwen2Keras,
    .add_gguf_keys = RefuseQwen2Gguf,
    .add_hugging_face = AddQwen2,
    .check_keras = CheckQwen2Keras,
    .add_keras = AddQwen2Keras,
    .shape_name = "qwen2",
    .adapt_shape = AdaptQwen2Shape,
};

}  // namespace

constinit const Family kQwen2Family = {
    .name = "qwen2",
    .gguf_architecture = "qwen2",
    .hugging_face_type = "qwen2",
    .hugging_face_class = "Qwen2ForCausalLM",
    .keras_module = "qwen",
    .keras_classes = "Qwen",
    .keras_task = "QwenCausalLM",
    .tensors = {.parts = kQwen2Parts,
                .hugging_face_prefix = "model.",
                .hugging_face_layers = "layers.",
                .hugging_face_layout = WeightLayout::kOutIn,
                .hugging_face_ignored = {},
                .keras_layers = "qwen_transformer_decoder"},
    .hugging_face_keys = kUsualHuggingFaceKeys,
    .hugging_face_settings = kQwen2Settings,
    .keras_tokenizer = {.start = "",
                        .end = "<|endoftext|>",
                        .names_ends = false,
                        .second_end = "",
                        .demanded = {}},
    .hugging_face_tokenizer = {.name = "Qwen2Tokenizer",
                               .split = PreTokenizer::kQwen2,
                               .puts_into_nfc = true,
                               .start = "",
                               .end = "<|endoftext|>"},
    .keras_names_context = false,
    .gguf_pairing = RopePairing::kHalf,
    .pre_tokenizer = "qwen2",
    .is_rebuilt_by_workers = false,
    .decoder = &kQwen2Rules,
    .from_gguf = DecoderFromGguf,
    .from_hugging_face = DecoderFromHuggingFace,
    .from_keras = DecoderFromKeras,
    .named_shapes = DecoderShapes,
    .shape_keys = "kv_heads, tied",
    .spell_shape = SpellDecoder,
};

}  // namespace tare
