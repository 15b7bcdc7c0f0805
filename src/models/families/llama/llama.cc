#include "models/families/llama/llama.h"

#include "models/families/llama/llama_rope.h"
#include "models/families/llama/llama_shapes.h"

namespace tare {
namespace {

constexpr PartNames kLlamaParts[] = {
    {ModelPart::kTokenEmbedding, "token_embd", "embed_tokens", "layers/reversible_embedding"},
    {ModelPart::kOutput, "output", "lm_head", "layers/reversible_embedding"},
    {ModelPart::kOutputNorm, "output_norm", "norm", "layers/llama_layer_norm"},
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

constexpr std::string_view kLlamaIgnored[] = {"self_attn.rotary_emb.inv_freq"};

constexpr RequiredSetting kLlamaSettings[] = {
    {"hidden_act", "silu"}, {"attention_bias", "", false}, {"mlp_bias", "", false}};

constexpr std::string_view kLlamaDemanded[] = {"<|start_header_id|>", "<|end_header_id|>"};

Result<std::unique_ptr<FamilyModel>> LlamaFromGguf(const GgufFile& file) {
  TARE_ASSIGN_OR_RETURN(const LlamaConfig config, LlamaConfigFromGguf(file));
  return std::unique_ptr<FamilyModel>(std::make_unique<LlamaModel>(config, NotedCorrection(file)));
}

Result<std::unique_ptr<FamilyModel>> LlamaFromHuggingFace(const JsonObject& json) {
  TARE_ASSIGN_OR_RETURN(const LlamaConfig config, LlamaConfigFromHuggingFace(json));
  return std::unique_ptr<FamilyModel>(std::make_unique<LlamaModel>(config));
}

Result<std::unique_ptr<FamilyModel>> LlamaFromKeras(const JsonObject& json,
                                                    std::optional<size_t> context) {
  TARE_ASSIGN_OR_RETURN(const LlamaConfig config, LlamaConfigFromKeras(json, context));
  return std::unique_ptr<FamilyModel>(std::make_unique<LlamaModel>(config));
}

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
                .hugging_face_ignored = kLlamaIgnored,
                .keras_layers = "llama_transformer_decoder"},
    .hugging_face_keys = {.vocabulary = "vocab_size",
                          .context = "max_position_embeddings",
                          .width = "hidden_size",
                          .inner_width = "intermediate_size",
                          .layers = "num_hidden_layers",
                          .heads = "num_attention_heads",
                          .kv_heads = "num_key_value_heads",
                          .head_size = "head_dim",
                          .norm_epsilon = "rms_norm_eps",
                          .activation = "hidden_act"},
    .hugging_face_settings = kLlamaSettings,
    .keras_tokenizer = {.start = "<|begin_of_text|>",
                        .end = "<|end_of_text|>",
                        .names_ends = true,
                        .second_end = "<|eot_id|>",
                        .demanded = kLlamaDemanded},
    .keras_names_context = false,
    .gguf_pairing = RopePairing::kInterleaved,
    .pre_tokenizer = PreTokenizer::kLlama3,
    .from_gguf = LlamaFromGguf,
    .from_hugging_face = LlamaFromHuggingFace,
    .from_keras = LlamaFromKeras,
    .named_shapes = LlamaShapes,
    .shape_keys = "kv_heads, tied, rope_base, rope_scale, rope_factor (1: none), rope_context",
    .spell_shape = SpellLlama,
};

ModelSizes LlamaModel::sizes() const {
  return {.layers = config_.layers,
          .width = config_.width,
          .inner_width = config_.inner_width,
          .heads = config_.heads,
          .kv_heads = config_.kv_heads,
          .head_size = config_.head_size,
          .vocabulary = config_.vocabulary,
          .max_context = config_.max_context};
}

void LlamaModel::ReadExtras(TensorReader& reader, ModelFormat format) {
  if (format != ModelFormat::kGguf || !reader.Has(kRopeDivisorsTensor)) return;
  rope_divisors_ = reader.GetF32(kRopeDivisorsTensor, {config_.head_size / 2});
}

Result<std::optional<RopeCorrection>> LlamaModel::Correction() const {
  if (!rope_divisors_) return config_.rope_correction;
  return CorrectionOf(config_, *rope_divisors_, noted_correction_);
}

}  // namespace tare
