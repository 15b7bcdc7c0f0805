#include "models/families/gemma2/gemma2.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "models/decoder/decoder_json.h"
#include "models/decoder/decoder_model.h"
#include "models/decoder/decoder_rules.h"
#include "models/decoder/gemma_rules.h"
#include "models/json_keys.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

constexpr PartNames kGemma2Parts[] = {
    {ModelPart::kTokenEmbedding, "token_embd", "embed_tokens", "layers/reversible_embedding"},
    {ModelPart::kOutput, "output", "lm_head", ""},
    {ModelPart::kOutputNorm, "output_norm", "norm", "layers/rms_normalization"},
    {ModelPart::kAttentionNorm, "attn_norm", "input_layernorm", "pre_attention_norm"},
    {ModelPart::kQuery, "attn_q", "self_attn.q_proj", "attention/query_dense", PartBias::kOfSome},
    {ModelPart::kKey, "attn_k", "self_attn.k_proj", "attention/key_dense", PartBias::kOfSome},
    {ModelPart::kValue, "attn_v", "self_attn.v_proj", "attention/value_dense", PartBias::kOfSome},
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
constexpr HuggingFaceKeys kGemma2Keys = [] {
  HuggingFaceKeys keys = kUsualHuggingFaceKeys;
  keys.activation = "hidden_activation";
  return keys;
}();

constexpr RequiredSetting kGemma2Settings[] = {{"hidden_activation", "gelu_pytorch_tanh"},
                                               {"attention_bias", "", false, true},
                                               {"use_bidirectional_attention", "", false}};

// The 27B model has this many layers; GGUF does not say its scale of scores otherwise.
constexpr size_t kGemma2LayersOf27B = 46;

bool Gemma2Slides(size_t layer) { return layer % 2 == 0; }

void SetGemma2(DecoderSpec& spec) {
  spec.embedding_scale = std::sqrt(static_cast<float>(spec.sizes.width));
}

Status ReadGemma2Gguf(const GgufFile& file, DecoderSpec& spec) {
  SetGemma2(spec);
  spec.attention_scale = GgufScoreScale(spec.sizes, kGemma2LayersOf27B);
  TARE_ASSIGN_OR_RETURN(spec.attention_cap,
                        file.GetFloatOr("gemma2.attn_logit_softcapping", 50.0f));
  TARE_ASSIGN_OR_RETURN(spec.final_cap, file.GetFloatOr("gemma2.final_logit_softcapping", 30.0f));
  TARE_ASSIGN_OR_RETURN(const uint64_t window,
                        file.GetUintOr("gemma2.attention.sliding_window", 4096));
  for (size_t i = 0; i < spec.layers.size(); ++i)
    spec.layers[i].window = Gemma2Slides(i) ? window : 0;
  return {};
}

Status AddGemma2Gguf(const DecoderSpec& spec, GgufKeyWriter& keys) {
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    if ((spec.layers[i].window != 0) == Gemma2Slides(i)) continue;
    return Unsupported(
        "GGUF takes for granted that every other layer of gemma2 slides, the first "
        "included, but layer {} does not follow this",
        i);
  }
  if (spec.attention_scale != GgufScoreScale(spec.sizes, kGemma2LayersOf27B)) {
    return Unsupported("GGUF has no key for this model's scale of attention scores, {}",
                       spec.attention_scale);
  }
  if (spec.attention_cap == 0.0f || spec.final_cap == 0.0f) {
    return Unsupported("GGUF has no word for a gemma2 model without soft caps");
  }
  keys.Float("attn_logit_softcapping", spec.attention_cap);
  keys.Float("final_logit_softcapping", spec.final_cap);
  keys.Uint("attention.sliding_window", WindowOf(spec));
  return {};
}

Status ReadGemma2(const JsonObject& json, DecoderSpec& spec) {
  SetGemma2(spec);
  TARE_ASSIGN_OR_RETURN(const float scalar, GetPositiveOr(json, "query_pre_attn_scalar", 256.0f));
  spec.attention_scale = ScoreScale(static_cast<double>(scalar));
  TARE_ASSIGN_OR_RETURN(spec.attention_cap, ReadSoftCap(json, "attn_logit_softcapping", 50.0f));
  TARE_ASSIGN_OR_RETURN(spec.final_cap, ReadSoftCap(json, "final_logit_softcapping", 30.0f));
  TARE_ASSIGN_OR_RETURN(const uint64_t window, json.GetUintOr("sliding_window", 4096));
  return SetWindows(json, window, Gemma2Slides, spec);
}

Status AddGemma2(const DecoderSpec& spec, Json& json) {
  json["query_pre_attn_scalar"] = QueryScalar(spec);
  json["attn_logit_softcapping"] = SoftCapJson(spec.attention_cap);
  json["final_logit_softcapping"] = SoftCapJson(spec.final_cap);
  json["sliding_window"] = WindowOf(spec) == 0 ? Json() : Json(WindowOf(spec));
  json["layer_types"] = LayerTypes(spec);
  return {};
}

Status ReadGemma2Keras(const JsonObject& json, DecoderSpec& spec) {
  TARE_RETURN_IF_ERROR(CheckGemmaKerasEpsilon(spec, json.name()));
  SetGemma2(spec);
  for (const char* const key : {"use_post_ffw_norm", "use_post_attention_norm"}) {
    TARE_ASSIGN_OR_RETURN(const bool on, json.GetBoolOr(key, false));
    if (!on) return Unsupported("{}: {} is false, which is Gemma 1", json.name(), key);
  }
  // Twice the width of the matrices, as the first Gemma's gate and up were counted together.
  if (spec.sizes.inner_width % 2 != 0) {
    return CorruptFile("{}: intermediate_dim is {}, expected an even number", json.name(),
                       spec.sizes.inner_width);
  }
  spec.sizes.inner_width /= 2;
  TARE_ASSIGN_OR_RETURN(const bool by_head, json.GetBoolOr("query_head_dim_normalize", true));
  spec.attention_scale = by_head ? ScoreScaleByHead(spec.sizes) : ScoreScaleByWidth(spec.sizes);
  TARE_ASSIGN_OR_RETURN(const double attention_cap,
                        json.GetFloatOr("attention_logit_soft_cap", 0.0));
  TARE_ASSIGN_OR_RETURN(const double final_cap, json.GetFloatOr("final_logit_soft_cap", 0.0));
  spec.attention_cap = static_cast<float>(attention_cap);
  spec.final_cap = static_cast<float>(final_cap);
  TARE_ASSIGN_OR_RETURN(const bool slides, json.GetBoolOr("use_sliding_window_attention", false));
  TARE_ASSIGN_OR_RETURN(const uint64_t window, json.GetUintOr("sliding_window_size", 4096));
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    spec.layers[i].window = slides && Gemma2Slides(i) ? window : 0;
  }
  return {};
}

Status CheckGemma2Keras(const DecoderSpec& spec, bool /*tied*/) {
  TARE_RETURN_IF_ERROR(CheckGemmaKerasEpsilon(spec, "GemmaBackbone"));
  const ModelSizes& sizes = spec.sizes;
  const bool has_windows = WindowOf(spec) != 0;
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    if ((spec.layers[i].window != 0) == (has_windows && Gemma2Slides(i))) continue;
    return Unsupported(
        "GemmaBackbone has a window in every other layer, the first included, but "
        "layer {} does not follow this",
        i);
  }
  if (spec.ropes[0].base != 10000.0f || spec.ropes[0].linear_factor != 1.0f ||
      spec.ropes[0].scaling.kind != RopeScalingKind::kNone) {
    return Unsupported("GemmaBackbone rotates with the base 10000 and without scaling only");
  }
  if (spec.attention_scale == ScoreScaleByHead(sizes) ||
      spec.attention_scale == ScoreScaleByWidth(sizes)) {
    return {};
  }
  return Unsupported("GemmaBackbone cannot express this model's scale of attention scores, {}",
                     spec.attention_scale);
}

void AddGemma2Keras(const DecoderSpec& spec, bool /*tied*/, Json& json) {
  const ModelSizes& sizes = spec.sizes;
  json["vocabulary_size"] = sizes.vocabulary;
  json["num_layers"] = sizes.layers;
  json["num_query_heads"] = sizes.heads;
  json["num_key_value_heads"] = sizes.kv_heads;
  json["hidden_dim"] = sizes.width;
  json["intermediate_dim"] = 2 * sizes.inner_width;
  json["head_dim"] = sizes.head_size;
  json["layer_norm_epsilon"] = ShortestDecimal(spec.norm_epsilon);
  json["dropout"] = 0;
  json["query_head_dim_normalize"] = spec.attention_scale == ScoreScaleByHead(sizes);
  json["use_post_ffw_norm"] = true;
  json["use_post_attention_norm"] = true;
  json["final_logit_soft_cap"] = SoftCapJson(spec.final_cap);
  json["attention_logit_soft_cap"] = SoftCapJson(spec.attention_cap);
  json["sliding_window_size"] = WindowOf(spec) == 0 ? 4096 : WindowOf(spec);
  json["use_sliding_window_attention"] = WindowOf(spec) != 0;
}

void AdaptGemma2Shape(DecoderSpec& spec) {
  SetGemma2(spec);
  spec.attention_cap = 50.0f;
  spec.final_cap = 30.0f;
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    spec.layers[i].window = Gemma2Slides(i) ? spec.sizes.max_context / 4 : 0;
  }
  spec.attention_scale = ScoreScaleByHead(spec.sizes);
  spec.norm_epsilon = kGemmaKerasEpsilon;
}

constexpr DecoderRules kGemma2Rules = {
    .activation = GateActivation::kGeluTanh,
    .stores_norms_from_one = true,
    .has_windows = true,
    .default_kv_heads = 4,
    .default_head_size = 256,
    .default_context = 8192,
    .default_keras_context = 8192,
    .read_gguf = ReadGemma2Gguf,
    .read_hugging_face = ReadGemma2,
    .read_keras = ReadGemma2Keras,
    .add_gguf_keys = AddGemma2Gguf,
    .add_hugging_face = AddGemma2,
    .check_keras = CheckGemma2Keras,
    .add_keras = AddGemma2Keras,
    .shape_name = "gemma2",
    .adapt_shape = AdaptGemma2Shape,
};

constexpr std::string_view kGemma2Demanded[] = {"<pad>"};

}  // namespace

constinit const Family kGemma2Family = {
    .name = "gemma2",
    .gguf_architecture = "gemma2",
    .hugging_face_type = "gemma2",
    .hugging_face_class = "Gemma2ForCausalLM",
    .hugging_face_ties = true,
    .keras_module = "gemma",
    .keras_classes = "Gemma",
    .keras_task = "GemmaCausalLM",
    .tensors = {.parts = kGemma2Parts,
                .hugging_face_prefix = "model.",
                .hugging_face_layers = "layers.",
                .hugging_face_layout = WeightLayout::kOutIn,
                .hugging_face_ignored = {},
                .keras_layers = "gemma_decoder_block",
                .keras_heads_first = true},
    .hugging_face_keys = kGemma2Keys,
    .hugging_face_settings = kGemma2Settings,
    .keras_tokenizer = {.start = "<bos>",
                        .end = "<eos>",
                        .demanded = kGemma2Demanded,
                        .is_sentence_piece = true},
    .keras_names_context = false,
    .gguf_pairing = RopePairing::kHalf,
    .is_rebuilt_by_workers = false,
    .decoder = &kGemma2Rules,
    .from_gguf = DecoderFromGguf,
    .from_hugging_face = DecoderFromHuggingFace,
    .from_keras = DecoderFromKeras,
    .named_shapes = DecoderShapes,
    .shape_keys = "kv_heads, head_size",
    .spell_shape = SpellDecoder,
};

}  // namespace tare
