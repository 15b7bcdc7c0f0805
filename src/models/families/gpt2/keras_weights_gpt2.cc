#include <string>

#include "models/families/gpt2/gpt2_sources.h"
#include "models/keras_names.h"

namespace tare {
namespace {

constexpr WeightLayout kInOut = WeightLayout::kInOut;

Gpt2Norm GetNorm(TensorReader& reader, const std::string& path, size_t width) {
  return {reader.GetF32(KerasVariable(path, 0), {width}),
          reader.GetF32(KerasVariable(path, 1), {width})};
}

// Kernel and bias whose axes the file cuts as `kernel` and `bias` say; seen here as inputs x
// outputs.
LinearWeight GetDense(TensorReader& reader, const std::string& path, size_t outputs, size_t inputs,
                      const Shape& kernel, const Shape& bias) {
  LinearWeight weight = reader.GetLinear(KerasVariable(path, 0), kInOut, outputs, inputs, kernel);
  weight.bias = reader.GetF32(KerasVariable(path, 1), bias);
  weight.bias->shape = Shape{outputs};
  return weight;
}

Gpt2LayerWeights ReadLayer(TensorReader& reader, const Gpt2Config& config, size_t index) {
  const size_t width = config.width;
  const size_t heads = config.heads;
  const size_t size = width / heads;
  const size_t inner = config.inner_width;
  const std::string layer = KerasLayerName("transformer_decoder", index);
  const std::string attention = layer + "/_self_attention_layer/";
  const auto project = [&](const char* name) {
    return GetDense(reader, attention + name, width, width, {width, heads, size}, {heads, size});
  };
  Gpt2LayerWeights weights;
  weights.attention_norm = GetNorm(reader, layer + "/_self_attention_layer_norm", width);
  weights.query = project("query_dense");
  weights.key = project("key_dense");
  weights.value = project("value_dense");
  weights.attention_out =
      GetDense(reader, attention + "output_dense", width, width, {heads, size, width}, {width});
  weights.mlp_norm = GetNorm(reader, layer + "/_feedforward_layer_norm", width);
  weights.up = GetDense(reader, layer + "/_feedforward_intermediate_dense", inner, width,
                        {width, inner}, {inner});
  weights.down =
      GetDense(reader, layer + "/_feedforward_output_dense", width, inner, {inner, width}, {width});
  return weights;
}

}  // namespace

Gpt2Weights Gpt2WeightsFromKeras(TensorReader& reader, const Gpt2Config& config) {
  Gpt2Weights weights;
  weights.token_embedding = reader.Get(KerasVariable("layers/reversible_embedding", 0),
                                       {config.vocabulary, config.width});
  weights.position_embedding =
      reader.Get(KerasVariable("layers/position_embedding", 0), {config.max_context, config.width});
  weights.output = {weights.token_embedding, WeightLayout::kOutIn, {}};
  weights.output_norm = GetNorm(reader, "layers/layer_normalization", config.width);
  for (size_t i = 0; i < config.layers; ++i) weights.layers.push_back(ReadLayer(reader, config, i));
  return weights;
}

}  // namespace tare
