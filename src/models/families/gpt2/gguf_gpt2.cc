#include "models/families/gpt2/gguf_gpt2.h"

#include <fmt/format.h>

#include <string>

#include "models/families/gpt2/gpt2_sources.h"
#include "models/gguf_keys.h"

namespace tare {
namespace {

constexpr WeightLayout kOutIn = WeightLayout::kOutIn;

Gpt2Norm GetNorm(TensorReader& reader, const std::string& name, size_t width) {
  return {reader.GetF32(name + ".weight", {width}), reader.GetF32(name + ".bias", {width})};
}

LinearWeight GetBiased(TensorReader& reader, const std::string& name, size_t outputs,
                       size_t inputs) {
  LinearWeight weight = reader.GetLinear(name + ".weight", kOutIn, outputs, inputs);
  weight.bias = reader.GetF32(name + ".bias", {outputs});
  return weight;
}

// Rows [first, first + rows) of a [N, K] weight and of its bias: whole rows are whole blocks.
LinearWeight RowsOf(const LinearWeight& weight, size_t first, size_t rows) {
  LinearWeight part = weight;
  if (weight.tensor.data == nullptr || weight.bias->data == nullptr) return part;
  part.tensor.data += weight.tensor.bytes() / weight.tensor.shape[0] * first;
  part.tensor.shape[0] = rows;
  part.bias->data += first * sizeof(float);
  part.bias->shape[0] = rows;
  return part;
}

Gpt2LayerWeights ReadLayer(TensorReader& reader, const Gpt2Config& config, size_t index) {
  const size_t width = config.width;
  const std::string prefix = fmt::format("blk.{}.", index);
  Gpt2LayerWeights layer;
  layer.attention_norm = GetNorm(reader, prefix + "attn_norm", width);
  const LinearWeight fused = GetBiased(reader, prefix + "attn_qkv", 3 * width, width);
  layer.query = RowsOf(fused, 0, width);
  layer.key = RowsOf(fused, width, width);
  layer.value = RowsOf(fused, 2 * width, width);
  layer.attention_out = GetBiased(reader, prefix + "attn_output", width, width);
  layer.mlp_norm = GetNorm(reader, prefix + "ffn_norm", width);
  layer.up = GetBiased(reader, prefix + "ffn_up", config.inner_width, width);
  layer.down = GetBiased(reader, prefix + "ffn_down", width, config.inner_width);
  return layer;
}

}  // namespace

Result<Gpt2Config> Gpt2ConfigFromGguf(const GgufFile& file) {
  Gpt2Config config;
  TARE_ASSIGN_OR_RETURN(config.layers, GetSize(file, "gpt2.block_count", kMaxModelLayers));
  TARE_ASSIGN_OR_RETURN(config.width, GetSize(file, "gpt2.embedding_length"));
  TARE_ASSIGN_OR_RETURN(config.inner_width, GetSize(file, "gpt2.feed_forward_length"));
  TARE_ASSIGN_OR_RETURN(config.heads, GetSize(file, "gpt2.attention.head_count"));
  TARE_ASSIGN_OR_RETURN(config.max_context, GetSize(file, "gpt2.context_length"));
  TARE_ASSIGN_OR_RETURN(config.norm_epsilon, GetEpsilon(file, "gpt2.attention.layer_norm_epsilon"));
  TARE_ASSIGN_OR_RETURN(config.vocabulary, GetVocabularySize(file, "gpt2.vocab_size"));
  if (config.width % config.heads != 0) {
    return CorruptFile("{}: a width of {} is no whole number of {} heads", file.path(),
                       config.width, config.heads);
  }
  return config;
}

Gpt2Weights Gpt2WeightsFromGguf(TensorReader& reader, const Gpt2Config& config) {
  Gpt2Weights weights;
  weights.token_embedding = reader.Get("token_embd.weight", {config.vocabulary, config.width});
  weights.position_embedding =
      reader.Get("position_embd.weight", {config.max_context, config.width});
  weights.output = reader.Has("output.weight")
                       ? reader.GetLinear("output.weight", kOutIn, config.vocabulary, config.width)
                       : LinearWeight{weights.token_embedding, kOutIn, {}};
  weights.output_norm = GetNorm(reader, "output_norm", config.width);
  for (size_t i = 0; i < config.layers; ++i) weights.layers.push_back(ReadLayer(reader, config, i));
  return weights;
}

}  // namespace tare
