#include "models/families/phi3/phi3.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "format/quote.h"
#include "models/decoder/decoder_json.h"
#include "models/decoder/decoder_model.h"
#include "models/decoder/decoder_rules.h"
#include "models/json_keys.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

constexpr PartNames kPhi3Parts[] = {
    {ModelPart::kTokenEmbedding, "token_embd", "embed_tokens", "layers/reversible_embedding"},
    {ModelPart::kOutput, "output", "lm_head", "layers/reversible_embedding"},
    {ModelPart::kOutputNorm, "output_norm", "norm", "layers/phi3_layer_norm"},
    {ModelPart::kAttentionNorm, "attn_norm", "input_layernorm", "pre_attention_layernorm"},
    {ModelPart::kQuery, "attn_qkv", "self_attn.qkv_proj", "attention/query_dense"},
    {ModelPart::kKey, "attn_qkv", "self_attn.qkv_proj", "attention/key_dense"},
    {ModelPart::kValue, "attn_qkv", "self_attn.qkv_proj", "attention/value_dense"},
    {ModelPart::kAttentionOut, "attn_output", "self_attn.o_proj", "attention/output_dense"},
    {ModelPart::kMlpNorm, "ffn_norm", "post_attention_layernorm", "post_attention_layernorm"},
    {ModelPart::kGate, "ffn_up", "mlp.gate_up_proj", "feedforward_gate_dense"},
    {ModelPart::kUp, "ffn_up", "mlp.gate_up_proj", "feedforward_intermediate_dense"},
    {ModelPart::kDown, "ffn_down", "mlp.down_proj", "feedforward_output_dense"},
};

constexpr RequiredSetting kPhi3Settings[] = {{"hidden_act", "silu"}};

// In config.json beside the scaling, where it wins over one inside.
constexpr char kPhi3OriginalContext[] = "original_max_position_embeddings";

void SetPhi3Window(size_t window, DecoderSpec& spec) {
  for (LayerSpec& layer : spec.layers) layer.window = window;
}

// The other readers of these files ignore the window; Transformers does not.
Status ReadPhi3Gguf(const GgufFile& file, DecoderSpec& spec) {
  TARE_ASSIGN_OR_RETURN(const uint64_t window, file.GetUintOr("phi3.attention.sliding_window", 0));
  SetPhi3Window(window, spec);
  return {};
}

Status AddPhi3Gguf(const DecoderSpec& spec, GgufKeyWriter& keys) {
  keys.Uint("attention.sliding_window", WindowOf(spec));
  return {};
}

Status ReadPhi3(const JsonObject& json, DecoderSpec& spec) {
  RopeSpec& rope = spec.ropes[0];
  if (rope.scaling.kind == RopeScalingKind::kLongRope) {
    TARE_ASSIGN_OR_RETURN(rope.scaling.original_context,
                          GetSizeOr(json, kPhi3OriginalContext, 4096));
  }
  TARE_ASSIGN_OR_RETURN(const float part, GetPositiveOr(json, "partial_rotary_factor", 1.0f));
  if (part < 1.0f) {
    rope.rotated =
        static_cast<size_t>(static_cast<double>(spec.sizes.head_size) * static_cast<double>(part));
  }
  TARE_ASSIGN_OR_RETURN(const uint64_t window, json.GetUintOr("sliding_window", 0));
  SetPhi3Window(window, spec);
  return {};
}

Status AddPhi3(const DecoderSpec& spec, Json& json) {
  const RopeSpec& rope = spec.ropes[0];
  if (rope.scaling.kind == RopeScalingKind::kLongRope) {
    json[kPhi3OriginalContext] = rope.scaling.original_context;
  }
  json["partial_rotary_factor"] =
      static_cast<double>(rope.rotated) / static_cast<double>(spec.sizes.head_size);
  json["sliding_window"] = WindowOf(spec) == 0 ? Json() : Json(WindowOf(spec));
  return {};
}

Result<std::vector<float>> Phi3Factors(const JsonObject& json, const char* key) {
  std::vector<float> factors;
  const nlohmann::json* const list = json.Find(key);
  for (const auto& number : list == nullptr ? nlohmann::json::array() : *list) {
    if (!number.is_number())
      return CorruptFile("{}: {} is not a list of numbers", json.name(), key);
    factors.push_back(number.get<float>());
  }
  return factors;
}

Status ReadPhi3Keras(const JsonObject& json, DecoderSpec& spec) {
  TARE_ASSIGN_OR_RETURN(const std::string type, json.GetStringOr("rope_scaling_type", ""));
  if (type.empty()) return {};
  if (type != "su") {
    return Unsupported("{}: rope_scaling_type is {}, expected null or su", json.name(),
                       Quote(type));
  }
  RopeScaling& scaling = spec.ropes[0].scaling;
  scaling.kind = RopeScalingKind::kLongRope;
  TARE_ASSIGN_OR_RETURN(scaling.original_context, GetSize(json, "pretraining_sequence_length"));
  TARE_ASSIGN_OR_RETURN(scaling.short_factors, Phi3Factors(json, "rope_scaling_short_factor"));
  TARE_ASSIGN_OR_RETURN(scaling.long_factors, Phi3Factors(json, "rope_scaling_long_factor"));
  return {};
}

Status CheckPhi3Keras(const DecoderSpec& spec, bool /*tied*/) {
  const RopeSpec& rope = spec.ropes[0];
  const RopeScalingKind kind = rope.scaling.kind;
  if (rope.linear_factor != 1.0f ||
      (kind != RopeScalingKind::kNone && kind != RopeScalingKind::kLongRope)) {
    return Unsupported("Phi3Backbone scales its rotation only as longrope does");
  }
  const size_t context = spec.sizes.max_context;
  if (RopeAttentionFactor(rope, context) != UsualAttentionFactor(rope, context)) {
    return Unsupported("Phi3Backbone cannot express an attention_factor of its rotation");
  }
  if (WindowOf(spec) == 0 || WindowOf(spec) >= context) return {};
  return Unsupported("Phi3Backbone has no window, but the model's is {} tokens", WindowOf(spec));
}

void AddPhi3Keras(const DecoderSpec& spec, bool /*tied*/, Json& json) {
  const ModelSizes& sizes = spec.sizes;
  json["vocabulary_size"] = sizes.vocabulary;
  json["num_layers"] = sizes.layers;
  const RopeScaling& scaling = spec.ropes[0].scaling;
  const bool is_scaled = scaling.kind == RopeScalingKind::kLongRope;
  const auto factors = [&](const std::vector<float>& numbers) {
    Json list = Json::array();
    for (const float number : numbers) list.push_back(ShortestDecimal(number));
    return is_scaled ? list : Json();
  };
  json["num_query_heads"] = sizes.heads;
  json["hidden_dim"] = sizes.width;
  json["intermediate_dim"] = sizes.inner_width;
  json["num_key_value_heads"] = sizes.kv_heads;
  json["layer_norm_epsilon"] = ShortestDecimal(spec.norm_epsilon);
  json["dropout"] = 0.0;
  json["max_sequence_length"] = sizes.max_context;
  json["pretraining_sequence_length"] = is_scaled ? scaling.original_context : sizes.max_context;
  json["rope_max_wavelength"] = WholeOrDecimal(spec.ropes[0].base);
  json["rope_scaling_type"] = is_scaled ? Json("su") : Json();
  json["rope_scaling_short_factor"] = factors(scaling.short_factors);
  json["rope_scaling_long_factor"] = factors(scaling.long_factors);
}

constexpr DecoderRules kPhi3Rules = {
    .rotates_part_of_heads = true,
    .has_windows = true,
    .default_context = 4096,
    .default_epsilon = 1e-5f,
    .keras_may_tie = false,
    .keras_keys = {.head_size = "", .context = "max_sequence_length", .linear_rope_factor = ""},
    .read_gguf = ReadPhi3Gguf,
    .read_hugging_face = ReadPhi3,
    .read_keras = ReadPhi3Keras,
    .add_gguf_keys = AddPhi3Gguf,
    .add_hugging_face = AddPhi3,
    .check_keras = CheckPhi3Keras,
    .add_keras = AddPhi3Keras,
    .shape_name = "phi3",
};

}  // namespace

constinit const Family kPhi3Family = {
    .name = "phi3",
    .gguf_architecture = "phi3",
    .hugging_face_type = "phi3",
    .hugging_face_class = "Phi3ForCausalLM",
    .keras_module = "phi3",
    .keras_classes = "Phi3",
    .keras_task = "Phi3CausalLM",
    .tensors = {.parts = kPhi3Parts,
                .hugging_face_prefix = "model.",
                .hugging_face_layers = "layers.",
                .hugging_face_layout = WeightLayout::kOutIn,
                .hugging_face_ignored = {},
                .keras_layers = "phi3_decoder"},
    .hugging_face_keys = kUsualHuggingFaceKeys,
    .hugging_face_settings = kPhi3Settings,
    .keras_tokenizer = {.start = "<s>",
                        .end = "<|endoftext|>",
                        .is_sentence_piece = true,
                        .adds_space_prefix = true},
    .keras_names_context = true,
    .gguf_pairing = RopePairing::kHalf,
    .pre_tokenizer = "gpt-4o",
    .is_rebuilt_by_workers = false,
    .decoder = &kPhi3Rules,
    .from_gguf = DecoderFromGguf,
    .from_hugging_face = DecoderFromHuggingFace,
    .from_keras = DecoderFromKeras,
    .named_shapes = DecoderShapes,
    .shape_keys = "kv_heads",
    .spell_shape = SpellDecoder,
};

}  // namespace tare
