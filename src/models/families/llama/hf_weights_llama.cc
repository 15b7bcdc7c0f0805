#include <fmt/format.h>

#include <string>

#include "models/families/llama/llama_sources.h"

namespace tare {
namespace {

constexpr WeightLayout kOutIn = WeightLayout::kOutIn;

LlamaLayerWeights ReadLayer(TensorReader& reader, const LlamaConfig& config, size_t index) {
  const size_t width = config.width;
  const size_t inner = config.inner_width;
  const size_t query = config.heads * config.head_size;
  const size_t key = config.kv_heads * config.head_size;
  const std::string layer = fmt::format("model.layers.{}.", index);
  const auto linear = [&](const char* name, size_t outputs, size_t inputs) {
    return reader.GetLinear(layer + name + ".weight", kOutIn, outputs, inputs);
  };
  LlamaLayerWeights weights;
  weights.attention_norm = reader.GetF32(layer + "input_layernorm.weight", {width});
  weights.query = linear("self_attn.q_proj", query, width);
  weights.key = linear("self_attn.k_proj", key, width);
  weights.value = linear("self_attn.v_proj", key, width);
  weights.attention_out = linear("self_attn.o_proj", width, query);
  weights.mlp_norm = reader.GetF32(layer + "post_attention_layernorm.weight", {width});
  weights.gate = linear("mlp.gate_proj", inner, width);
  weights.up = linear("mlp.up_proj", inner, width);
  weights.down = linear("mlp.down_proj", width, inner);
  // Frequencies that old checkpoints carry; they follow from the configuration.
  reader.Ignore(layer + "self_attn.rotary_emb.inv_freq");
  return weights;
}

}  // namespace

LlamaWeights LlamaWeightsFromHuggingFace(TensorReader& reader, const LlamaConfig& config) {
  LlamaWeights weights;
  weights.embedding = reader.Get("model.embed_tokens.weight", {config.vocabulary, config.width});
  weights.output = reader.Has("lm_head.weight")
                       ? reader.GetLinear("lm_head.weight", kOutIn, config.vocabulary, config.width)
                       : LinearWeight{weights.embedding, kOutIn, {}};
  weights.output_norm = reader.GetF32("model.norm.weight", {config.width});
  for (size_t i = 0; i < config.layers; ++i) weights.layers.push_back(ReadLayer(reader, config, i));
  return weights;
}

}  // namespace tare
