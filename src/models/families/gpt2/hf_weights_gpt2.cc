#include <fmt/format.h>

#include <string>

#include "models/families/gpt2/gpt2_sources.h"

namespace tare {
namespace {

constexpr WeightLayout kInOut = WeightLayout::kInOut;

Gpt2Norm GetNorm(TensorReader& reader, const std::string& name, size_t width) {
  return {reader.GetF32(name + ".weight", {width}), reader.GetF32(name + ".bias", {width})};
}

LinearWeight GetConv1D(TensorReader& reader, const std::string& name, size_t outputs,
                       size_t inputs) {
  LinearWeight weight = reader.GetLinear(name + ".weight", kInOut, outputs, inputs);
  weight.bias = reader.GetF32(name + ".bias", {outputs});
  return weight;
}

Gpt2LayerWeights ReadLayer(TensorReader& reader, const Gpt2Config& config,
                           const std::string& layer) {
  const size_t width = config.width;
  Gpt2LayerWeights weights;
  weights.attention_norm = GetNorm(reader, layer + "ln_1", width);
  weights.query_key_value = GetConv1D(reader, layer + "attn.c_attn", 3 * width, width);
  weights.attention_out = GetConv1D(reader, layer + "attn.c_proj", width, width);
  weights.mlp_norm = GetNorm(reader, layer + "ln_2", width);
  weights.up = GetConv1D(reader, layer + "mlp.c_fc", config.inner_width, width);
  weights.down = GetConv1D(reader, layer + "mlp.c_proj", width, config.inner_width);
  // Causal masks that old checkpoints carry.
  reader.Ignore(layer + "attn.bias");
  reader.Ignore(layer + "attn.masked_bias");
  return weights;
}

}  // namespace

Gpt2Weights Gpt2WeightsFromHuggingFace(TensorReader& reader, const Gpt2Config& config) {
  const std::string prefix = reader.Has("transformer.wte.weight") ? "transformer." : "";
  Gpt2Weights weights;
  weights.token_embedding = reader.Get(prefix + "wte.weight", {config.vocabulary, config.width});
  weights.position_embedding =
      reader.Get(prefix + "wpe.weight", {config.max_context, config.width});
  weights.output = reader.Has("lm_head.weight")
                       ? reader.GetLinear("lm_head.weight", WeightLayout::kOutIn, config.vocabulary,
                                          config.width)
                       : LinearWeight{weights.token_embedding, WeightLayout::kOutIn, {}};
  weights.output_norm = GetNorm(reader, prefix + "ln_f", config.width);
  for (size_t i = 0; i < config.layers; ++i) {
    weights.layers.push_back(ReadLayer(reader, config, fmt::format("{}h.{}.", prefix, i)));
  }
  return weights;
}

}  // namespace tare
