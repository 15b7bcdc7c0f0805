#include <string>

#include "models/families/llama/llama_sources.h"
#include "models/keras_names.h"

namespace tare {
namespace {

constexpr WeightLayout kInOut = WeightLayout::kInOut;

LlamaLayerWeights ReadLayer(TensorReader& reader, const LlamaConfig& config, size_t index) {
  const size_t width = config.width;
  const size_t inner = config.inner_width;
  const size_t size = config.head_size;
  const std::string layer = KerasLayerName("llama_transformer_decoder", index);
  const std::string attention = layer + "/_self_attention_layer/";
  const auto project = [&](const char* name, size_t heads) {
    return reader.GetLinear(KerasVariable(attention + name, 0), kInOut, heads * size, width,
                            {width, heads, size});
  };
  const auto dense = [&](const char* name, size_t outputs, size_t inputs) {
    return reader.GetLinear(KerasVariable(layer + name, 0), kInOut, outputs, inputs);
  };
  LlamaLayerWeights weights;
  weights.attention_norm =
      reader.GetF32(KerasVariable(layer + "/_self_attention_layernorm", 0), {width});
  weights.query = project("_query_dense", config.heads);
  weights.key = project("_key_dense", config.kv_heads);
  weights.value = project("_value_dense", config.kv_heads);
  weights.attention_out = reader.GetLinear(KerasVariable(attention + "_output_dense", 0), kInOut,
                                           width, config.heads * size, {config.heads, size, width});
  weights.mlp_norm = reader.GetF32(KerasVariable(layer + "/_feedforward_layernorm", 0), {width});
  weights.gate = dense("/_feedforward_gate_dense", inner, width);
  weights.up = dense("/_feedforward_intermediate_dense", inner, width);
  weights.down = dense("/_feedforward_output_dense", width, inner);
  return weights;
}

}  // namespace

LlamaWeights LlamaWeightsFromKeras(TensorReader& reader, const LlamaConfig& config) {
  const std::string embedding = "layers/reversible_embedding";
  const std::string output = KerasVariable(embedding, 1);
  LlamaWeights weights;
  weights.embedding = reader.Get(KerasVariable(embedding, 0), {config.vocabulary, config.width});
  weights.output = reader.Has(output)
                       ? reader.GetLinear(output, kInOut, config.vocabulary, config.width)
                       : LinearWeight{weights.embedding, WeightLayout::kOutIn, {}};
  weights.output_norm = reader.GetF32(KerasVariable("layers/llama_layer_norm", 0), {config.width});
  for (size_t i = 0; i < config.layers; ++i) weights.layers.push_back(ReadLayer(reader, config, i));
  return weights;
}

}  // namespace tare
