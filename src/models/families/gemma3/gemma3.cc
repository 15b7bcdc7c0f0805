#include "models/families/gemma3/gemma3.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "models/decoder/decoder_hf_rope.h"
#include "models/decoder/decoder_json.h"
#include "models/decoder/decoder_model.h"
#include "models/decoder/decoder_rules.h"
#include "models/decoder/gemma_rules.h"
#include "models/json_keys.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

constexpr PartNames kGemma3Parts[] = {
    {ModelPart::kTokenEmbedding, "token_embd", "embed_tokens", "layers/reversible_embedding"},
    {ModelPart::kOutput, "output", "lm_head", ""},
    {ModelPart::kOutputNorm, "output_norm", "norm", "layers/rms_normalization"},
    {ModelPart::kAttentionNorm, "attn_norm", "input_layernorm", "pre_attention_norm"},
    {ModelPart::kQuery, "attn_q", "self_attn.q_proj", "attention/query_dense", PartBias::kOfSome},
    {ModelPart::kKey, "attn_k", "self_attn.k_proj", "attention/key_dense", PartBias::kOfSome},
    {ModelPart::kValue, "attn_v", "self_attn.v_proj", "attention/value_dense", PartBias::kOfSome},
    {ModelPart::kQueryNorm, "attn_q_norm", "self_attn.q_norm", "attention/query_norm"},
    {ModelPart::kKeyNorm, "attn_k_norm", "self_attn.k_norm", "attention/key_norm"},
    {ModelPart::kAttentionOut, "attn_output", "self_attn.o_proj", "attention/output_dense",
     PartBias::kOfSome},
    {ModelPart::kPostAttentionNorm, "post_attention_norm", "post_attention_layernorm",
     "post_attention_norm"},
    {ModelPart::kMlpNorm, "ffn_norm", "pre_feedforward_layernorm", "pre_ffw_norm"},
    {ModelPart::kGate, "ffn_gate", "mlp.gate_proj", "gating_ffw"},
    {ModelPart::kUp, "ffn_up", "mlp.up_proj", "gating_ffw_2"},
    {ModelPart::kDown, "ffn_down", "mlp.down_proj", "ffw_linear"},
    {ModelPart::kPostMlpNorm, "post_ffw_norm", "post_feedforward_layernorm", "post_ffw_norm"},
};

// Gemma's own name of the activation; the older one is not read.
constexpr HuggingFaceKeys kGemma3Keys = [] {
  HuggingFaceKeys keys = kUsualHuggingFaceKeys;
  keys.activation = "hidden_activation";
  return keys;
}();

constexpr RequiredSetting kGemma3Settings[] = {{"hidden_activation", "gelu_pytorch_tanh"},
                                               {"attention_bias", "", false, true},
                                               {"use_bidirectional_attention", "", false}};

constexpr std::string_view kGemma3Hosts[] = {"gemma3"};

// The 27B model has this many layers; GGUF does not say its scale of scores otherwise.
constexpr size_t kGemma3LayersOf27B = 62;
constexpr size_t kGemma3Pattern = 6;  // the last layer of as many sees all
constexpr float kGemma3LocalBase = 10000.0f;
constexpr float kGemma3GlobalBase = 1000000.0f;

bool Gemma3Slides(size_t layer) { return (layer + 1) % kGemma3Pattern != 0; }

// Sliding layers have the second rotation, which is never scaled.
void SetGemma3(float local_base, DecoderSpec& spec) {
  spec.embedding_scale = std::sqrt(static_cast<float>(spec.sizes.width));
  RopeSpec local;
  local.base = local_base;
  local.rotated = spec.ropes[0].rotated;
  spec.ropes.resize(1);
  spec.ropes.push_back(local);
}

void SetGemma3Ropes(DecoderSpec& spec) {
  for (LayerSpec& layer : spec.layers) layer.rope = layer.window != 0 ? 1 : 0;
}

Status ReadGemma3Gguf(const GgufFile& file, DecoderSpec& spec) {
  TARE_ASSIGN_OR_RETURN(const float local_base,
                        file.GetFloatOr("gemma3.rope.freq_base_swa", kGemma3LocalBase));
  SetGemma3(local_base, spec);
  spec.attention_scale = GgufScoreScale(spec.sizes, kGemma3LayersOf27B);
  TARE_ASSIGN_OR_RETURN(const uint64_t window, file.GetUint("gemma3.attention.sliding_window"));
  TARE_ASSIGN_OR_RETURN(const uint64_t pattern,
                        file.GetUintOr("gemma3.attention.sliding_window_pattern", kGemma3Pattern));
  if (pattern != kGemma3Pattern) {
    return Unsupported("{}: gemma3.attention.sliding_window_pattern is {}, expected {}",
                       file.path(), pattern, kGemma3Pattern);
  }
  TARE_ASSIGN_OR_RETURN(spec.final_cap, file.GetFloatOr("gemma3.final_logit_softcapping", 0.0f));
  for (size_t i = 0; i < spec.layers.size(); ++i)
    spec.layers[i].window = Gemma3Slides(i) ? window : 0;
  SetGemma3Ropes(spec);
  return {};
}

Status AddGemma3Gguf(const DecoderSpec& spec, GgufKeyWriter& keys) {
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    if ((spec.layers[i].window != 0) == Gemma3Slides(i)) continue;
    return Unsupported(
        "GGUF takes for granted that five of six layers of gemma3 slide, but layer "
        "{} does not follow this",
        i);
  }
  if (spec.attention_scale != GgufScoreScale(spec.sizes, kGemma3LayersOf27B)) {
    return Unsupported("GGUF has no key for this model's scale of attention scores, {}",
                       spec.attention_scale);
  }
  if (spec.attention_cap != 0.0f || spec.final_cap != 0.0f) {
    return Unsupported("GGUF has no word for a gemma3 model with soft caps");
  }
  if (spec.ropes[1].base != kGemma3LocalBase || spec.ropes[1].linear_factor != 1.0f) {
    return Unsupported("GGUF takes for granted that gemma3's sliding layers rotate with base {}",
                       kGemma3LocalBase);
  }
  keys.Uint("attention.sliding_window", WindowOf(spec));
  return {};
}

// rope_parameters by the layers' type, or rope_theta, rope_local_base_freq and rope_scaling.
Status ReadGemma3Ropes(const JsonObject& json, DecoderSpec& spec) {
  TARE_ASSIGN_OR_RETURN(const float local_base,
                        GetPositiveOr(json, "rope_local_base_freq", kGemma3LocalBase));
  SetGemma3(local_base, spec);
  RopeDefaults defaults = {kGemma3GlobalBase, spec.sizes.head_size, spec.sizes.max_context};
  TARE_ASSIGN_OR_RETURN(defaults.base, GetPositiveOr(json, "rope_theta", kGemma3GlobalBase));
  std::optional<JsonObject> full, sliding;
  if (json.Has("rope_parameters")) {
    TARE_ASSIGN_OR_RETURN(const JsonObject both, json.GetObject("rope_parameters"));
    if (both.Has("full_attention")) {
      TARE_ASSIGN_OR_RETURN(full, both.GetObject("full_attention"));
    }
    if (both.Has("sliding_attention")) {
      TARE_ASSIGN_OR_RETURN(sliding, both.GetObject("sliding_attention"));
    }
  }
  TARE_ASSIGN_OR_RETURN(spec.ropes[0], ReadRopeObject(full, defaults));
  if (json.Has("rope_scaling")) {
    defaults.base = spec.ropes[0].base;
    TARE_ASSIGN_OR_RETURN(const JsonObject scaling, json.GetObject("rope_scaling"));
    TARE_ASSIGN_OR_RETURN(spec.ropes[0], ReadRopeObject(scaling, defaults));
  }
  defaults.base = local_base;
  TARE_ASSIGN_OR_RETURN(spec.ropes[1], ReadRopeObject(sliding, defaults));
  return {};
}

Status ReadGemma3(const JsonObject& json, DecoderSpec& spec) {
  TARE_RETURN_IF_ERROR(ReadGemma3Ropes(json, spec));
  TARE_ASSIGN_OR_RETURN(const float scalar, GetPositiveOr(json, "query_pre_attn_scalar", 256.0f));
  spec.attention_scale = ScoreScale(static_cast<double>(scalar));
  TARE_ASSIGN_OR_RETURN(spec.attention_cap, ReadSoftCap(json, "attn_logit_softcapping", 0.0f));
  TARE_ASSIGN_OR_RETURN(spec.final_cap, ReadSoftCap(json, "final_logit_softcapping", 0.0f));
  TARE_ASSIGN_OR_RETURN(const uint64_t window, json.GetUintOr("sliding_window", 4096));
  TARE_ASSIGN_OR_RETURN(const uint64_t pattern,
                        json.GetUintOr("sliding_window_pattern", kGemma3Pattern));
  if (pattern == 0) return CorruptFile("{}: sliding_window_pattern is 0", json.name());
  TARE_RETURN_IF_ERROR(SetWindows(
      json, window, [pattern](size_t layer) { return (layer + 1) % pattern != 0; }, spec));
  SetGemma3Ropes(spec);
  return {};
}

Status AddGemma3(const DecoderSpec& spec, Json& json) {
  if (spec.ropes[1].linear_factor != 1.0f) {
    return Unsupported("config.json cannot express that gemma3's sliding layers rotate slower");
  }
  json["rope_local_base_freq"] = ShortestDecimal(spec.ropes[1].base);
  json["query_pre_attn_scalar"] = QueryScalar(spec);
  json["attn_logit_softcapping"] = SoftCapJson(spec.attention_cap);
  json["final_logit_softcapping"] = SoftCapJson(spec.final_cap);
  json["sliding_window"] = WindowOf(spec) == 0 ? Json() : Json(WindowOf(spec));
  json["layer_types"] = LayerTypes(spec);
  return {};
}

Status ReadGemma3Keras(const JsonObject& json, DecoderSpec& spec) {
  TARE_RETURN_IF_ERROR(CheckGemmaKerasEpsilon(spec, json.name()));
  if (json.Has("vision_encoder")) {
    return Unsupported("{}: vision_encoder: images are not supported", json.name());
  }
  for (const char* const key :
       {"use_query_key_norm", "use_post_ffw_norm", "use_post_attention_norm"}) {
    TARE_ASSIGN_OR_RETURN(const bool on, json.GetBoolOr(key, true));
    if (!on) return Unsupported("{}: {} is false, which is not supported", json.name(), key);
  }
  for (const char* const key : {"use_bidirectional_attention", "is_embedding_model"}) {
    TARE_ASSIGN_OR_RETURN(const bool on, json.GetBoolOr(key, false));
    if (on) return Unsupported("{}: {} is true, which is not supported", json.name(), key);
  }
  spec.ropes[0].base = kGemma3GlobalBase;
  SetGemma3(kGemma3LocalBase, spec);
  TARE_ASSIGN_OR_RETURN(spec.ropes[0].linear_factor,
                        GetPositiveOr(json, "global_rope_scaling_factor", 1.0f));
  TARE_ASSIGN_OR_RETURN(spec.ropes[1].linear_factor,
                        GetPositiveOr(json, "local_rope_scaling_factor", 1.0f));
  TARE_ASSIGN_OR_RETURN(const bool by_head, json.GetBoolOr("query_head_dim_normalize", true));
  spec.attention_scale = by_head ? ScoreScaleByHead(spec.sizes) : ScoreScaleByWidth(spec.sizes);
  TARE_ASSIGN_OR_RETURN(spec.attention_cap, ReadSoftCap(json, "attention_logit_soft_cap", 0.0f));
  TARE_ASSIGN_OR_RETURN(spec.final_cap, ReadSoftCap(json, "final_logit_soft_cap", 0.0f));
  TARE_ASSIGN_OR_RETURN(const bool slides, json.GetBoolOr("use_sliding_window_attention", false));
  TARE_ASSIGN_OR_RETURN(const uint64_t window, json.GetUintOr("sliding_window_size", 1024));
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    spec.layers[i].window = slides && Gemma3Slides(i) ? window : 0;
  }
  SetGemma3Ropes(spec);
  return {};
}

Status CheckGemma3Keras(const DecoderSpec& spec, bool /*tied*/) {
  TARE_RETURN_IF_ERROR(CheckGemmaKerasEpsilon(spec, "Gemma3Backbone"));
  const ModelSizes& sizes = spec.sizes;
  const bool has_windows = WindowOf(spec) != 0;
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    if ((spec.layers[i].window != 0) == (has_windows && Gemma3Slides(i))) continue;
    return Unsupported(
        "Gemma3Backbone has a window in five of six layers, but layer {} does not "
        "follow this",
        i);
  }
  if (spec.ropes[0].base != kGemma3GlobalBase || spec.ropes[1].base != kGemma3LocalBase ||
      spec.ropes[0].scaling.kind != RopeScalingKind::kNone) {
    return Unsupported("Gemma3Backbone rotates with the bases 10000 and 1000000, scaled linearly");
  }
  if (spec.attention_scale == ScoreScaleByHead(sizes) ||
      spec.attention_scale == ScoreScaleByWidth(sizes)) {
    return {};
  }
  return Unsupported("Gemma3Backbone cannot express this model's scale of attention scores, {}",
                     spec.attention_scale);
}

void AddGemma3Keras(const DecoderSpec& spec, bool /*tied*/, Json& json) {
  const ModelSizes& sizes = spec.sizes;
  json["vocabulary_size"] = sizes.vocabulary;
  json["image_size"] = nullptr;
  json["num_layers"] = sizes.layers;
  json["num_query_heads"] = sizes.heads;
  json["num_key_value_heads"] = sizes.kv_heads;
  json["hidden_dim"] = sizes.width;
  json["intermediate_dim"] = sizes.inner_width;
  json["head_dim"] = sizes.head_size;
  json["query_head_dim_normalize"] = spec.attention_scale == ScoreScaleByHead(sizes);
  json["use_query_key_norm"] = true;
  json["use_post_ffw_norm"] = true;
  json["use_post_attention_norm"] = true;
  json["attention_logit_soft_cap"] = SoftCapJson(spec.attention_cap);
  json["final_logit_soft_cap"] = SoftCapJson(spec.final_cap);
  json["use_sliding_window_attention"] = WindowOf(spec) != 0;
  json["sliding_window_size"] = WindowOf(spec) == 0 ? 1024 : WindowOf(spec);
  json["local_rope_scaling_factor"] = ShortestDecimal(spec.ropes[1].linear_factor);
  json["global_rope_scaling_factor"] = ShortestDecimal(spec.ropes[0].linear_factor);
  json["vision_encoder"] = nullptr;
  json["use_bidirectional_attention"] = false;
  json["layer_norm_epsilon"] = ShortestDecimal(spec.norm_epsilon);
  json["dropout"] = 0;
  json["is_embedding_model"] = false;
  json["pooling_intermediate_dim"] = nullptr;
  json["embedding_dim"] = nullptr;
}

void AdaptGemma3Shape(DecoderSpec& spec) {
  spec.ropes[0].base = kGemma3GlobalBase;
  SetGemma3(kGemma3LocalBase, spec);
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    spec.layers[i].window = Gemma3Slides(i) ? spec.sizes.max_context / 4 : 0;
  }
  SetGemma3Ropes(spec);
  spec.attention_scale = ScoreScaleByHead(spec.sizes);
  spec.norm_epsilon = kGemmaKerasEpsilon;
}

constexpr DecoderRules kGemma3Rules = {
    .activation = GateActivation::kGeluTanh,
    .stores_norms_from_one = true,
    .has_windows = true,
    .default_vocabulary = 262208,
    .default_heads = 8,
    .default_kv_heads = 4,
    .default_head_size = 256,
    .default_context = 131072,
    .default_rope_base = kGemma3GlobalBase,
    .default_keras_context = 32768,
    .read_gguf = ReadGemma3Gguf,
    .read_hugging_face = ReadGemma3,
    .read_keras = ReadGemma3Keras,
    .add_gguf_keys = AddGemma3Gguf,
    .add_hugging_face = AddGemma3,
    .check_keras = CheckGemma3Keras,
    .add_keras = AddGemma3Keras,
    .shape_name = "gemma3",
    .adapt_shape = AdaptGemma3Shape,
};

constexpr std::string_view kGemma3Demanded[] = {"<pad>"};

}  // namespace

constinit const Family kGemma3Family = {
    .name = "gemma3",
    .gguf_architecture = "gemma3",
    .hugging_face_type = "gemma3_text",
    .hugging_face_class = "Gemma3ForCausalLM",
    .hugging_face_hosts = kGemma3Hosts,
    .hugging_face_ties = true,
    .keras_module = "gemma3",
    .keras_classes = "Gemma3",
    .keras_task = "Gemma3CausalLM",
    .tensors = {.parts = kGemma3Parts,
                .hugging_face_prefix = "model.",
                .hugging_face_layers = "layers.",
                .hugging_face_layout = WeightLayout::kOutIn,
                .hugging_face_ignored = {},
                .keras_layers = "gemma3_decoder_block",
                .keras_heads_first = true},
    .hugging_face_keys = kGemma3Keys,
    .hugging_face_settings = kGemma3Settings,
    .keras_tokenizer = {.start = "<bos>",
                        .end = "<eos>",
                        .demanded = kGemma3Demanded,
                        .is_sentence_piece = true,
                        .switched_off = "has_vision_tokens"},
    .keras_names_context = false,
    .gguf_pairing = RopePairing::kHalf,
    .is_rebuilt_by_workers = false,
    .decoder = &kGemma3Rules,
    .from_gguf = DecoderFromGguf,
    .from_hugging_face = DecoderFromHuggingFace,
    .from_keras = DecoderFromKeras,
    .named_shapes = DecoderShapes,
    .shape_keys = "kv_heads, head_size",
    .spell_shape = SpellDecoder,
};

}  // namespace tare
