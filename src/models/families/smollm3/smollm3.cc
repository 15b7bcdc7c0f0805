#include "models/families/smollm3/smollm3.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "models/decoder/decoder_json.h"
#include "models/decoder/decoder_model.h"
#include "models/decoder/decoder_rules.h"
#include "models/json_keys.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

constexpr PartNames kSmollm3Parts[] = {
    {ModelPart::kTokenEmbedding, "token_embd", "embed_tokens", "layers/reversible_embedding"},
    {ModelPart::kOutput, "output", "lm_head", ""},
    {ModelPart::kOutputNorm, "output_norm", "norm", "layers/rms_normalization"},
    {ModelPart::kAttentionNorm, "attn_norm", "input_layernorm", "input_layernorm"},
    {ModelPart::kQuery, "attn_q", "self_attn.q_proj", "self_attn/q_proj", PartBias::kOfSome},
    {ModelPart::kKey, "attn_k", "self_attn.k_proj", "self_attn/k_proj", PartBias::kOfSome},
    {ModelPart::kValue, "attn_v", "self_attn.v_proj", "self_attn/v_proj", PartBias::kOfSome},
    {ModelPart::kAttentionOut, "attn_output", "self_attn.o_proj", "self_attn/o_proj",
     PartBias::kOfSome},
    {ModelPart::kMlpNorm, "ffn_norm", "post_attention_layernorm", "post_attention_layernorm"},
    {ModelPart::kGate, "ffn_gate", "mlp.gate_proj", "mlp/gate_proj"},
    {ModelPart::kUp, "ffn_up", "mlp.up_proj", "mlp/up_proj"},
    {ModelPart::kDown, "ffn_down", "mlp.down_proj", "mlp/down_proj"},
};

constexpr RequiredSetting kSmollm3Settings[] = {
    {"hidden_act", "silu"}, {"attention_bias", "", false, true}, {"mlp_bias", "", false}};

constexpr float kSmollm3Base = 2000000.0f;
constexpr size_t kSmollm3Interval = 4;  // the last layer of as many is not rotated

bool Smollm3Rotates(size_t layer, size_t interval) { return (layer + 1) % interval != 0; }

void SetSmollm3Rotated(size_t layer, bool rotated, DecoderSpec& spec) {
  spec.layers[layer].rope = rotated ? std::optional<size_t>(0) : std::nullopt;
}

void SetSmollm3(size_t interval, DecoderSpec& spec) {
  for (size_t i = 0; i < spec.layers.size(); ++i)
    SetSmollm3Rotated(i, Smollm3Rotates(i, interval), spec);
}

Status ReadSmollm3Gguf(const GgufFile& /*file*/, DecoderSpec& spec) {
  SetSmollm3(kSmollm3Interval, spec);
  return {};
}

Status CheckSmollm3Gguf(const DecoderSpec& spec, GgufKeyWriter& /*keys*/) {
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    if (spec.layers[i].rope.has_value() == Smollm3Rotates(i, kSmollm3Interval)) continue;
    return Unsupported(
        "GGUF takes for granted that every fourth layer of smollm3 is not rotated, "
        "but layer {} does not follow this",
        i);
  }
  if (WindowOf(spec) != 0) return Unsupported("GGUF cannot express smollm3's sliding_window");
  return {};
}

Status SetSmollm3ByList(const std::vector<uint64_t>& rotated, const std::string& where,
                        DecoderSpec& spec) {
  if (rotated.size() != spec.layers.size()) {
    return CorruptFile("{} has {} numbers for {} layers", where, rotated.size(),
                       spec.layers.size());
  }
  for (size_t i = 0; i < rotated.size(); ++i) SetSmollm3Rotated(i, rotated[i] != 0, spec);
  return {};
}

Status ReadSmollm3(const JsonObject& json, DecoderSpec& spec) {
  if (json.Has("no_rope_layers")) {
    TARE_ASSIGN_OR_RETURN(const std::vector<uint64_t> rotated, json.GetUints("no_rope_layers"));
    TARE_RETURN_IF_ERROR(SetSmollm3ByList(rotated, json.name() + ": no_rope_layers", spec));
  } else {
    TARE_ASSIGN_OR_RETURN(const size_t interval,
                          GetSizeOr(json, "no_rope_layer_interval", kSmollm3Interval));
    SetSmollm3(interval, spec);
  }
  TARE_ASSIGN_OR_RETURN(const bool has_windows, json.GetBoolOr("use_sliding_window", false));
  TARE_ASSIGN_OR_RETURN(const uint64_t window, json.GetUintOr("sliding_window", 0));
  return SetWindows(
      json, has_windows ? window : 0,
      [&spec](size_t layer) { return !spec.layers[layer].rope.has_value(); }, spec);
}

Status AddSmollm3(const DecoderSpec& spec, Json& json) {
  Json rotated = Json::array();
  for (const LayerSpec& layer : spec.layers) rotated.push_back(layer.rope.has_value() ? 1 : 0);
  json["no_rope_layers"] = std::move(rotated);
  json["use_sliding_window"] = WindowOf(spec) != 0;
  json["sliding_window"] = WindowOf(spec) == 0 ? Json() : Json(WindowOf(spec));
  json["layer_types"] = LayerTypes(spec);
  return {};
}

// KerasHub leaves windows aside, and what the list does not reach is rotated.
Status ReadSmollm3Keras(const JsonObject& json, DecoderSpec& spec) {
  for (const char* const key : {"attention_bias", "mlp_bias"}) {
    TARE_ASSIGN_OR_RETURN(const bool on, json.GetBoolOr(key, false));
    if (on) return Unsupported("{}: {} is true, which is not supported", json.name(), key);
  }
  TARE_ASSIGN_OR_RETURN(const double part, json.GetFloatOr("partial_rotary_factor", 1.0));
  if (part != 1.0) {
    return Unsupported("{}: partial_rotary_factor is {}, expected 1", json.name(), part);
  }
  constexpr std::string_view kKey = "rope_layer_enabled_list";
  const nlohmann::json* const list = json.Find(kKey);
  if (list == nullptr || !list->is_array()) {
    return CorruptFile("{}: {}: expected a list of true and false", json.name(), kKey);
  }
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const bool is_listed = i < list->size();
    if (is_listed && !(*list)[i].is_boolean()) {
      return CorruptFile("{}: {}[{}]: expected true or false", json.name(), kKey, i);
    }
    SetSmollm3Rotated(i, !is_listed || (*list)[i].get<bool>(), spec);
  }
  return {};
}

Status CheckSmollm3Keras(const DecoderSpec& spec, bool /*tied*/) {
  const RopeSpec& rope = spec.ropes[0];
  if (rope.linear_factor != 1.0f || rope.scaling.kind != RopeScalingKind::kNone) {
    return Unsupported("SmolLM3Backbone does not scale its rotation");
  }
  if (WindowOf(spec) != 0) return Unsupported("SmolLM3Backbone has no windows");
  return {};
}

void AddSmollm3Keras(const DecoderSpec& spec, bool /*tied*/, Json& json) {
  const ModelSizes& sizes = spec.sizes;
  Json rotated = Json::array();
  for (const LayerSpec& layer : spec.layers) rotated.push_back(layer.rope.has_value());
  json["vocabulary_size"] = sizes.vocabulary;
  json["hidden_dim"] = sizes.width;
  json["intermediate_dim"] = sizes.inner_width;
  json["num_layers"] = sizes.layers;
  json["num_attention_heads"] = sizes.heads;
  json["num_key_value_heads"] = sizes.kv_heads;
  json["attention_bias"] = false;
  json["attention_dropout"] = 0;
  json["rope_layer_enabled_list"] = std::move(rotated);
  json["layer_types"] = LayerTypes(spec);
  json["mlp_bias"] = false;
  json["layer_norm_epsilon"] = ShortestDecimal(spec.norm_epsilon);
  json["max_position_embeddings"] = sizes.max_context;
  json["rope_theta"] = WholeOrDecimal(spec.ropes[0].base);
  json["partial_rotary_factor"] = 1.0;
}

void AdaptSmollm3Shape(DecoderSpec& spec) {
  spec.ropes[0].base = kSmollm3Base;
  SetSmollm3(kSmollm3Interval, spec);
}

constexpr DecoderRules kSmollm3Rules = {
    .has_windows = true,
    .default_kv_heads = 4,
    .default_context = 32768,
    .default_rope_base = kSmollm3Base,
    .keras_keys = {.heads = "num_attention_heads",
                   .head_size = "",
                   .context = "max_position_embeddings",
                   .rope_base = "rope_theta",
                   .linear_rope_factor = "",
                   .frequencies = "self_attn/rotary_embedding"},
    .read_gguf = ReadSmollm3Gguf,
    .read_hugging_face = ReadSmollm3,
    .read_keras = ReadSmollm3Keras,
    .add_gguf_keys = CheckSmollm3Gguf,
    .add_hugging_face = AddSmollm3,
    .check_keras = CheckSmollm3Keras,
    .add_keras = AddSmollm3Keras,
    .shape_name = "smollm3",
    .adapt_shape = AdaptSmollm3Shape,
};

// Its tokenizer has them, but neither begins a prompt with one nor ends a text.
constexpr std::string_view kSmollm3Demanded[] = {"<|begin_of_text|>", "<think>", "</think>"};

}  // namespace

constinit const Family kSmollm3Family = {
    .name = "smollm3",
    .gguf_architecture = "smollm3",
    .hugging_face_type = "smollm3",
    .hugging_face_class = "SmolLM3ForCausalLM",
    .hugging_face_ties = true,
    .keras_module = "smollm3",
    .keras_classes = "SmolLM3",
    .keras_task = "SmolLM3CausalLM",
    .tensors = {.parts = kSmollm3Parts,
                .hugging_face_prefix = "model.",
                .hugging_face_layers = "layers.",
                .hugging_face_layout = WeightLayout::kOutIn,
                .hugging_face_ignored = {},
                .keras_layers = "smol_lm3_decoder_layer",
                .keras_flat_heads = true},
    .hugging_face_keys = kUsualHuggingFaceKeys,
    .hugging_face_settings = kSmollm3Settings,
    .keras_tokenizer = {.start = "",
                        .end = "<|end_of_text|>",
                        .names_ends = false,
                        .second_end = "",
                        .demanded = kSmollm3Demanded},
    .keras_names_context = true,
    .gguf_pairing = RopePairing::kInterleaved,
    .pre_tokenizer = "smaug-bpe",
    .is_rebuilt_by_workers = false,
    .decoder = &kSmollm3Rules,
    .from_gguf = DecoderFromGguf,
    .from_hugging_face = DecoderFromHuggingFace,
    .from_keras = DecoderFromKeras,
    .named_shapes = DecoderShapes,
    .shape_keys = "kv_heads",
    .spell_shape = SpellDecoder,
};

}  // namespace tare
