#include "models/families/gpt2/gpt2.h"

#include "models/families/gpt2/gpt2_shapes.h"

namespace tare {
namespace {

// GGUF and Hugging Face keep query, key and value side by side in one tensor, a preset does not.
constexpr PartNames kGpt2Parts[] = {
    {ModelPart::kTokenEmbedding, "token_embd", "wte", "layers/reversible_embedding"},
    {ModelPart::kPositionEmbedding, "position_embd", "wpe", "layers/position_embedding"},
    {ModelPart::kOutput, "output", "lm_head", ""},
    {ModelPart::kOutputNorm, "output_norm", "ln_f", "layers/layer_normalization",
     PartBias::kAlways},
    {ModelPart::kAttentionNorm, "attn_norm", "ln_1", "_self_attention_layer_norm",
     PartBias::kAlways},
    {ModelPart::kQuery, "attn_qkv", "attn.c_attn", "_self_attention_layer/query_dense",
     PartBias::kAlways},
    {ModelPart::kKey, "attn_qkv", "attn.c_attn", "_self_attention_layer/key_dense",
     PartBias::kAlways},
    {ModelPart::kValue, "attn_qkv", "attn.c_attn", "_self_attention_layer/value_dense",
     PartBias::kAlways},
    {ModelPart::kAttentionOut, "attn_output", "attn.c_proj", "_self_attention_layer/output_dense",
     PartBias::kAlways},
    {ModelPart::kMlpNorm, "ffn_norm", "ln_2", "_feedforward_layer_norm", PartBias::kAlways},
    {ModelPart::kUp, "ffn_up", "mlp.c_fc", "_feedforward_intermediate_dense", PartBias::kAlways},
    {ModelPart::kDown, "ffn_down", "mlp.c_proj", "_feedforward_output_dense", PartBias::kAlways},
};

// Causal masks.
constexpr std::string_view kGpt2Ignored[] = {"attn.bias", "attn.masked_bias"};

constexpr RequiredSetting kGpt2Settings[] = {{"activation_function", "gelu_new"},
                                             {"scale_attn_weights", "", true},
                                             {"scale_attn_by_inverse_layer_idx", "", false}};

Result<std::unique_ptr<FamilyModel>> ModelOf(const Result<Gpt2Config>& config) {
  if (!config.ok()) return config.error();
  return std::unique_ptr<FamilyModel>(std::make_unique<Gpt2Model>(*config));
}

Result<std::unique_ptr<FamilyModel>> Gpt2FromGguf(const Family& /*family*/, const GgufFile& file) {
  return ModelOf(Gpt2ConfigFromGguf(file));
}

Result<std::unique_ptr<FamilyModel>> Gpt2FromHuggingFace(const Family& /*family*/,
                                                         const JsonObject& json) {
  return ModelOf(Gpt2ConfigFromHuggingFace(json));
}

Result<std::unique_ptr<FamilyModel>> Gpt2FromKeras(const Family& /*family*/, const JsonObject& json,
                                                   std::optional<size_t> /*context*/) {
  return ModelOf(Gpt2ConfigFromKeras(json));
}

}  // namespace

constinit const Family kGpt2Family = {
    .name = "gpt2",
    .gguf_architecture = "gpt2",
    .hugging_face_type = "gpt2",
    .hugging_face_class = "GPT2LMHeadModel",
    .keras_module = "gpt2",
    .keras_classes = "GPT2",
    .keras_task = "CausalLM",
    .tensors = {.parts = kGpt2Parts,
                .hugging_face_prefix = "transformer.",
                .hugging_face_layers = "h.",
                .hugging_face_layout = WeightLayout::kInOut,  // Conv1D
                .hugging_face_ignored = kGpt2Ignored,
                .keras_layers = "transformer_decoder"},
    .hugging_face_keys = {.vocabulary = "vocab_size",
                          .context = "n_positions",
                          .width = "n_embd",
                          .inner_width = "n_inner",
                          .layers = "n_layer",
                          .heads = "n_head",
                          .kv_heads = "",
                          .head_size = "",
                          .norm_epsilon = "layer_norm_epsilon",
                          .activation = "activation_function"},
    .hugging_face_settings = kGpt2Settings,
    .keras_tokenizer = {.start = "<|endoftext|>",
                        .end = "<|endoftext|>",
                        .names_ends = false,
                        .second_end = "",
                        .demanded = {}},
    .hugging_face_tokenizer = {.name = "GPT2Tokenizer",
                               .split = PreTokenizer::kGpt2,
                               .puts_into_nfc = false,
                               .start = "<|endoftext|>",
                               .end = "<|endoftext|>"},
    .keras_names_context = true,
    .gguf_pairing = std::nullopt,
    .pre_tokenizer = "gpt-2",
    .from_gguf = Gpt2FromGguf,
    .from_hugging_face = Gpt2FromHuggingFace,
    .from_keras = Gpt2FromKeras,
    .named_shapes = Gpt2Shapes,
    .shape_keys = "",
    .spell_shape = SpellGpt2,
};

ModelSizes Gpt2Model::sizes() const {
  return {.layers = config_.layers,
          .width = config_.width,
          .inner_width = config_.inner_width,
          .heads = config_.heads,
          .kv_heads = config_.heads,
          .head_size = config_.heads == 0 ? 0 : config_.width / config_.heads,
          .vocabulary = config_.vocabulary,
          .max_context = config_.max_context};
}

}  // namespace tare
