#include "models/families/mistral/mistral.h"

#include <nlohmann/json.hpp>

#include "models/decoder/decoder_json.h"
#include "models/decoder/decoder_model.h"
#include "models/decoder/decoder_rules.h"
#include "models/json_keys.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

constexpr PartNames kMistralParts[] = {
    {ModelPart::kTokenEmbedding, "token_embd", "embed_tokens", "layers/reversible_embedding"},
    {ModelPart::kOutput, "output", "lm_head", "layers/reversible_embedding"},
    {ModelPart::kOutputNorm, "output_norm", "norm", "layers/mistral_layer_normalization"},
    {ModelPart::kAttentionNorm, "attn_norm", "input_layernorm", "_self_attention_layernorm"},
    {ModelPart::kQuery, "attn_q", "self_attn.q_proj", "_self_attention_layer/_query_dense"},
    {ModelPart::kKey, "attn_k", "self_attn.k_proj", "_self_attention_layer/_key_dense"},
    {ModelPart::kValue, "attn_v", "self_attn.v_proj", "_self_attention_layer/_value_dense"},
    {ModelPart::kAttentionOut, "attn_output", "self_attn.o_proj",
     "_self_attention_layer/_output_dense"},
    {ModelPart::kMlpNorm, "ffn_norm", "post_attention_layernorm", "_feedforward_layernorm"},
    {ModelPart::kGate, "ffn_gate", "mlp.gate_proj", "_feedforward_gate_dense"},
    {ModelPart::kUp, "ffn_up", "mlp.up_proj", "_feedforward_intermediate_dense"},
    {ModelPart::kDown, "ffn_down", "mlp.down_proj", "_feedforward_output_dense"},
};

constexpr std::string_view kMistralHosts[] = {"mistral3"};

constexpr RequiredSetting kMistralSettings[] = {{"hidden_act", "silu"}};

// Of the window where config.json does not name it; a null means that there is none.
constexpr size_t kMistralWindow = 4096;

void SetMistralWindow(size_t window, DecoderSpec& spec) {
  for (LayerSpec& layer : spec.layers) layer.window = window;
}

Status ReadMistral(const JsonObject& json, DecoderSpec& spec) {
  const size_t missing = json.HasNull("sliding_window") ? 0 : kMistralWindow;
  TARE_ASSIGN_OR_RETURN(const uint64_t window, json.GetUintOr("sliding_window", missing));
  return SetWindows(
      json, window, [](size_t /*layer*/) { return true; }, spec);
}

Status AddMistral(const DecoderSpec& spec, Json& json) {
  const size_t window = WindowOf(spec);
  json["sliding_window"] = window == 0 ? Json() : Json(window);
  json["layer_types"] = LayerTypes(spec);
  return {};
}

Status RefuseMistralGguf(const DecoderSpec& spec, GgufKeyWriter& /*keys*/) {
  const size_t window = WindowOf(spec);
  if (window == 0 || window >= spec.sizes.max_context) return {};
  return Unsupported(
      "GGUF cannot express that this model's tokens see only the last {} (sliding_window in "
      "config.json)",
      window);
}

Status ReadMistralKeras(const JsonObject& json, DecoderSpec& spec) {
  TARE_ASSIGN_OR_RETURN(const uint64_t window, json.GetUintOr("sliding_window", 0));
  SetMistralWindow(window, spec);
  return {};
}

Status CheckMistralKeras(const DecoderSpec& spec, bool /*tied*/) {
  if (spec.ropes[0].scaling.kind != RopeScalingKind::kNone) {
    return Unsupported("MistralBackbone scales its rotation only linearly");
  }
  for (const LayerSpec& layer : spec.layers) {
    if (layer.window == spec.layers[0].window) continue;
    return Unsupported("MistralBackbone has one window for all layers, but the model has not");
  }
  return {};
}

void AddMistralKeras(const DecoderSpec& spec, bool /*tied*/, Json& json) {
  const ModelSizes& sizes = spec.sizes;
  const size_t window = WindowOf(spec);
  json["vocabulary_size"] = sizes.vocabulary;
  json["num_layers"] = sizes.layers;
  json["num_query_heads"] = sizes.heads;
  json["hidden_dim"] = sizes.width;
  json["intermediate_dim"] = sizes.inner_width;
  json["rope_max_wavelength"] = WholeOrDecimal(spec.ropes[0].base);
  json["rope_scaling_factor"] = ShortestDecimal(spec.ropes[0].linear_factor);
  json["num_key_value_heads"] = sizes.kv_heads;
  json["sliding_window"] = window == 0 ? Json() : Json(window);
  json["head_dim"] = sizes.head_size;
  json["layer_norm_epsilon"] = ShortestDecimal(spec.norm_epsilon);
  json["dropout"] = 0;
}

constexpr DecoderRules kMistralRules = {
    .has_windows = true,
    .default_kv_heads = 8,
    .default_context = 131072,
    .keras_may_tie = false,
    .read_hugging_face = ReadMistral,
    .read_keras = ReadMistralKeras,
    .add_gguf_keys = RefuseMistralGguf,
    .add_hugging_face = AddMistral,
    .check_keras = CheckMistralKeras,
    .add_keras = AddMistralKeras,
    .shape_name = "mistral",
};

}  // namespace

constinit const Family kMistralFamily = {
    .name = "mistral",
    .gguf_architecture = "llama",
    .hugging_face_type = "mistral",
    .hugging_face_class = "MistralForCausalLM",
    .hugging_face_hosts = kMistralHosts,
    .keras_module = "mistral",
    .keras_classes = "Mistral",
    .keras_task = "MistralCausalLM",
    .tensors = {.parts = kMistralParts,
                .hugging_face_prefix = "model.",
                .hugging_face_layers = "layers.",
                .hugging_face_layout = WeightLayout::kOutIn,
                .hugging_face_ignored = {},
                .keras_layers = "mistral_transformer_decoder"},
    .hugging_face_keys = kUsualHuggingFaceKeys,
    .hugging_face_settings = kMistralSettings,
    .keras_tokenizer = {.start = "<s>",
                        .end = "</s>",
                        .is_sentence_piece = true,
                        .adds_space_prefix = true},
    .keras_names_context = false,
    .gguf_pairing = RopePairing::kInterleaved,
    .pre_tokenizer = "tekken",
    .is_rebuilt_by_workers = false,
    .decoder = &kMistralRules,
    .from_gguf = DecoderFromGguf,
    .from_hugging_face = DecoderFromHuggingFace,
    .from_keras = DecoderFromKeras,
    .named_shapes = DecoderShapes,
    .shape_keys = "kv_heads",
    .spell_shape = SpellDecoder,
};

}  // namespace tare
