#include "models/families/qwen3moe/qwen3moe.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "models/decoder/decoder_json.h"
#include "models/decoder/decoder_model.h"
#include "models/decoder/decoder_rules.h"
#include "models/json_keys.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

constexpr PartNames kQwen3MoeParts[] = {
    {ModelPart::kTokenEmbedding, "token_embd", "embed_tokens", ""},
    {ModelPart::kOutput, "output", "lm_head", ""},
    {ModelPart::kOutputNorm, "output_norm", "norm", ""},
    {ModelPart::kAttentionNorm, "attn_norm", "input_layernorm", ""},
    {ModelPart::kQuery, "attn_q", "self_attn.q_proj", "", PartBias::kOfSome},
    {ModelPart::kKey, "attn_k", "self_attn.k_proj", "", PartBias::kOfSome},
    {ModelPart::kValue, "attn_v", "self_attn.v_proj", "", PartBias::kOfSome},
    {ModelPart::kQueryNorm, "attn_q_norm", "self_attn.q_norm", ""},
    {ModelPart::kKeyNorm, "attn_k_norm", "self_attn.k_norm", ""},
    {ModelPart::kAttentionOut, "attn_output", "self_attn.o_proj", "", PartBias::kOfSome},
    {ModelPart::kMlpNorm, "ffn_norm", "post_attention_layernorm", ""},
    {ModelPart::kGate, "ffn_gate", "mlp.gate_proj", ""},
    {ModelPart::kUp, "ffn_up", "mlp.up_proj", ""},
    {ModelPart::kDown, "ffn_down", "mlp.down_proj", ""},
    {ModelPart::kRouter, "ffn_gate_inp", "mlp.gate", ""},
    {ModelPart::kExpertGate, "ffn_gate_exps", "mlp.experts.*.gate_proj", ""},
    {ModelPart::kExpertUp, "ffn_up_exps", "mlp.experts.*.up_proj", ""},
    {ModelPart::kExpertDown, "ffn_down_exps", "mlp.experts.*.down_proj", ""},
};

constexpr RequiredSetting kQwen3MoeSettings[] = {{"hidden_act", "silu"},
                                                 {"attention_bias", "", false, true}};

// ---- GGUF --------------------------------------------------------------------------------------

// A key for which the graph supports one value only; that value is the default.
struct OnlyValue {
  const char* key;
  uint64_t value;
};
constexpr OnlyValue kQwen3MoeOnly[] = {
    {"qwen3moe.expert_shared_count", 0},       {"qwen3moe.expert_shared_feed_forward_length", 0},
    {"qwen3moe.leading_dense_block_count", 0}, {"qwen3moe.expert_group_count", 0},
    {"qwen3moe.expert_gating_func", 1},  // softmax
};

Status ReadQwen3MoeGguf(const GgufFile& file, DecoderSpec& spec) {
  for (const auto& [key, only] : kQwen3MoeOnly) {
    TARE_ASSIGN_OR_RETURN(const uint64_t value, file.GetUintOr(key, only));
    if (value == only) continue;
    return Unsupported("{}: {} is {}, which is not supported", file.path(), key, value);
  }
  constexpr char kScale[] = "qwen3moe.expert_weights_scale";
  TARE_ASSIGN_OR_RETURN(const float scale, file.GetFloatOr(kScale, 1.0f));
  if (scale != 1.0f) {
    return Unsupported("{}: {} is {}, which is not supported", file.path(), kScale, scale);
  }
  constexpr char kNorm[] = "qwen3moe.expert_weights_norm";
  TARE_ASSIGN_OR_RETURN(const bool normalises, file.GetBoolOr(kNorm, true));
  if (!normalises) {
    return Unsupported("{}: {} is false, which is not supported", file.path(), kNorm);
  }
  ModelSizes& sizes = spec.sizes;
  TARE_ASSIGN_OR_RETURN(sizes.experts, GetSize(file, "qwen3moe.expert_count"));
  TARE_ASSIGN_OR_RETURN(sizes.experts_used, GetSize(file, "qwen3moe.expert_used_count"));
  TARE_ASSIGN_OR_RETURN(sizes.expert_width,
                        GetSizeOr(file, "qwen3moe.expert_feed_forward_length",
                                  std::max<size_t>(sizes.inner_width / sizes.experts_used, 1)));
  return {};
}

Status AddQwen3MoeGguf(const DecoderSpec& spec, GgufKeyWriter& keys) {
  const ModelSizes& sizes = spec.sizes;
  if (sizes.has_attention_bias) {
    return Unsupported("GGUF has no place for the biases of this model's attention");
  }
  for (size_t layer = 0; layer < sizes.layers; ++layer) {
    if (sizes.HasExperts(layer)) continue;
    return Unsupported(
        "GGUF takes for granted that every layer of qwen3moe has experts, but layer {} has none",
        layer);
  }
  if (!spec.normalises_experts) {
    return Unsupported(
        "GGUF takes for granted that the weights of a token's experts sum to 1, but norm_topk_prob "
        "is false");
  }
  const size_t window = WindowOf(spec);
  if (window != 0 && window < sizes.max_context) {
    return Unsupported(
        "GGUF cannot express that layers see only the last {} tokens (use_sliding_window in "
        "config.json)",
        window);
  }
  keys.Uint("expert_count", sizes.experts);
  keys.Uint("expert_used_count", sizes.experts_used);
  keys.Uint("expert_feed_forward_length", sizes.expert_width);
  return {};
}

// ---- Hugging Face ------------------------------------------------------------------------------

// Layers with an MLP in place of experts: those listed, and all but every `step`th.
Status ReadQwen3MoeDense(const JsonObject& json, DecoderSpec& spec) {
  std::vector<uint64_t> listed;
  if (json.Has("mlp_only_layers")) {
    TARE_ASSIGN_OR_RETURN(listed, json.GetUints("mlp_only_layers"));
  }
  TARE_ASSIGN_OR_RETURN(const size_t step, GetSizeOr(json, "decoder_sparse_step", 1));
  std::vector<bool> is_dense(spec.sizes.layers);
  for (size_t i = 0; i < is_dense.size(); ++i) {
    is_dense[i] = (i + 1) % step != 0 || std::ranges::find(listed, i) != listed.end();
  }
  if (std::ranges::find(is_dense, true) != is_dense.end()) spec.sizes.is_dense = is_dense;
  return {};
}

Status ReadQwen3Moe(const JsonObject& json, DecoderSpec& spec) {
  ModelSizes& sizes = spec.sizes;
  // Transformers' rule where both are there.
  const char* const count = json.Has("num_local_experts") ? "num_local_experts" : "num_experts";
  TARE_ASSIGN_OR_RETURN(const uint64_t experts, json.GetUintOr(count, 128));
  if (experts > 0) {
    TARE_ASSIGN_OR_RETURN(sizes.experts, GetSizeOr(json, count, 128));
    TARE_ASSIGN_OR_RETURN(sizes.experts_used, GetSizeOr(json, "num_experts_per_tok", 8));
    TARE_ASSIGN_OR_RETURN(sizes.expert_width, GetSizeOr(json, "moe_intermediate_size", 768));
    TARE_RETURN_IF_ERROR(ReadQwen3MoeDense(json, spec));
  }
  TARE_ASSIGN_OR_RETURN(spec.normalises_experts, json.GetBoolOr("norm_topk_prob", false));
  TARE_ASSIGN_OR_RETURN(const bool has_windows, json.GetBoolOr("use_sliding_window", false));
  TARE_ASSIGN_OR_RETURN(const uint64_t window, json.GetUintOr("sliding_window", 4096));
  for (LayerSpec& layer : spec.layers) layer.window = has_windows ? window : 0;
  return {};
}

Status AddQwen3Moe(const DecoderSpec& spec, Json& json) {
  const ModelSizes& sizes = spec.sizes;
  Json dense = Json::array();
  for (size_t i = 0; i < sizes.layers; ++i) {
    if (!sizes.HasExperts(i)) dense.push_back(i);
  }
  json["num_experts"] = sizes.experts;
  if (sizes.experts > 0) {
    json["num_experts_per_tok"] = sizes.experts_used;
    json["moe_intermediate_size"] = sizes.expert_width;
  }
  json["norm_topk_prob"] = spec.normalises_experts;
  json["decoder_sparse_step"] = 1;
  json["mlp_only_layers"] = std::move(dense);
  const size_t window = WindowOf(spec);
  json["use_sliding_window"] = window != 0;
  json["sliding_window"] = window == 0 ? Json() : Json(window);
  return {};
}

void AdaptQwen3MoeShape(DecoderSpec& spec) { spec.ropes[0].base = 1000000.0f; }

constexpr DecoderRules kQwen3MoeRules = {
    .has_experts = true,
    .has_windows = true,
    .default_kv_heads = 4,
    .default_context = 32768,
    .read_gguf = ReadQwen3MoeGguf,
    .read_hugging_face = ReadQwen3Moe,
    .add_gguf_keys = AddQwen3MoeGguf,
    .add_hugging_face = AddQwen3Moe,
    .shape_name = "qwen3moe",
    .adapt_shape = AdaptQwen3MoeShape,
};

}  // namespace

constinit const Family kQwen3MoeFamily = {
    .name = "qwen3moe",
    .gguf_architecture = "qwen3moe",
    .hugging_face_type = "qwen3_moe",
    .hugging_face_class = "Qwen3MoeForCausalLM",
    .keras_module = "qwen3_moe",
    .keras_classes = "",
    .keras_task = "",
    .tensors = {.parts = kQwen3MoeParts,
                .hugging_face_prefix = "model.",
                .hugging_face_layers = "layers.",
                .hugging_face_layout = WeightLayout::kOutIn,
                .hugging_face_ignored = {},
                .hugging_face_stacked_gate_up = "mlp.experts.gate_up_proj",
                .hugging_face_stacked_down = "mlp.experts.down_proj",
                .keras_layers = ""},
    .hugging_face_keys = kUsualHuggingFaceKeys,
    .hugging_face_settings = kQwen3MoeSettings,
    .keras_tokenizer =
        {.start = "", .end = "", .names_ends = false, .second_end = "", .demanded = {}},
    .hugging_face_tokenizer = {.name = "Qwen2Tokenizer",
                               .split = PreTokenizer::kQwen2,
                               .puts_into_nfc = true,
                               .start = "",
                               .end = "<|endoftext|>"},
    .keras_names_context = true,
    .gguf_pairing = RopePairing::kHalf,
    .pre_tokenizer = "qwen2",
    .is_rebuilt_by_workers = false,
    .decoder = &kQwen3MoeRules,
    .from_gguf = DecoderFromGguf,
    .from_hugging_face = DecoderFromHuggingFace,
    .from_keras = DecoderFromKeras,
    .named_shapes = DecoderShapes,
    .shape_keys = "kv_heads, head_size, tied, experts, experts_used, expert_inner",
    .spell_shape = SpellDecoder,
};

}  // namespace tare
