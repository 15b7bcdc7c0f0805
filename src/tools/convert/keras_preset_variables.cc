#include "tools/convert/keras_preset_variables.h"

#include <utility>

#include "models/keras_names.h"

namespace tare {
namespace {

class Lister {
 public:
  explicit Lister(DType dtype) : dtype_(dtype) {}

  void Add(const std::string& path, ModelPart part, Shape shape) {
    list_.push_back({KerasVariable(path, 0), shape, dtype_, part, false, layer_});
  }
  void AddWithBias(const std::string& path, ModelPart part, Shape shape, Shape bias) {
    Add(path, part, shape);
    list_.push_back({KerasVariable(path, 1), bias, dtype_, part, true, layer_});
  }
  void AddOutput(const std::string& path, Shape shape) {
    list_.push_back({KerasVariable(path, 1), shape, dtype_, ModelPart::kOutput, false, 0});
  }
  void SetLayer(size_t layer) { layer_ = layer; }
  std::vector<KerasVariableSpec> Take() { return std::move(list_); }

 private:
  const DType dtype_;
  size_t layer_ = 0;
  std::vector<KerasVariableSpec> list_;
};

constexpr char kEmbedding[] = "layers/reversible_embedding";

void AddGpt2Layer(const Gpt2Config& config, size_t index, Lister& list) {
  const size_t width = config.width;
  const size_t heads = config.heads;
  const size_t size = width / heads;
  const size_t inner = config.inner_width;
  const std::string layer = KerasLayerName("transformer_decoder", index);
  const std::string attention = layer + "/_self_attention_layer/";
  list.SetLayer(index);
  list.AddWithBias(layer + "/_self_attention_layer_norm", ModelPart::kAttentionNorm, {width},
                   {width});
  list.AddWithBias(attention + "query_dense", ModelPart::kQuery, {width, heads, size},
                   {heads, size});
  list.AddWithBias(attention + "key_dense", ModelPart::kKey, {width, heads, size}, {heads, size});
  list.AddWithBias(attention + "value_dense", ModelPart::kValue, {width, heads, size},
                   {heads, size});
  list.AddWithBias(attention + "output_dense", ModelPart::kAttentionOut, {heads, size, width},
                   {width});
  list.AddWithBias(layer + "/_feedforward_layer_norm", ModelPart::kMlpNorm, {width}, {width});
  list.AddWithBias(layer + "/_feedforward_intermediate_dense", ModelPart::kUp, {width, inner},
                   {inner});
  list.AddWithBias(layer + "/_feedforward_output_dense", ModelPart::kDown, {inner, width}, {width});
}

void AddVariables(const Gpt2Config& config, bool /*tied*/, Lister& list) {
  list.Add(kEmbedding, ModelPart::kTokenEmbedding, {config.vocabulary, config.width});
  list.Add("layers/position_embedding", ModelPart::kPositionEmbedding,
           {config.max_context, config.width});
  for (size_t i = 0; i < config.layers; ++i) AddGpt2Layer(config, i, list);
  list.SetLayer(0);
  list.AddWithBias("layers/layer_normalization", ModelPart::kOutputNorm, {config.width},
                   {config.width});
}

void AddLlamaLayer(const LlamaConfig& config, size_t index, Lister& list) {
  const size_t width = config.width;
  const size_t inner = config.inner_width;
  const Shape key = {width, config.kv_heads, config.head_size};
  const std::string layer = KerasLayerName("llama_transformer_decoder", index);
  const std::string attention = layer + "/_self_attention_layer/";
  list.SetLayer(index);
  list.Add(layer + "/_self_attention_layernorm", ModelPart::kAttentionNorm, {width});
  list.Add(attention + "_query_dense", ModelPart::kQuery, {width, config.heads, config.head_size});
  list.Add(attention + "_key_dense", ModelPart::kKey, key);
  list.Add(attention + "_value_dense", ModelPart::kValue, key);
  list.Add(attention + "_output_dense", ModelPart::kAttentionOut,
           {config.heads, config.head_size, width});
  list.Add(layer + "/_feedforward_layernorm", ModelPart::kMlpNorm, {width});
  list.Add(layer + "/_feedforward_gate_dense", ModelPart::kGate, {width, inner});
  list.Add(layer + "/_feedforward_intermediate_dense", ModelPart::kUp, {width, inner});
  list.Add(layer + "/_feedforward_output_dense", ModelPart::kDown, {inner, width});
}

void AddVariables(const LlamaConfig& config, bool tied, Lister& list) {
  list.Add(kEmbedding, ModelPart::kTokenEmbedding, {config.vocabulary, config.width});
  if (!tied) list.AddOutput(kEmbedding, {config.width, config.vocabulary});
  for (size_t i = 0; i < config.layers; ++i) AddLlamaLayer(config, i, list);
  list.SetLayer(0);
  list.Add("layers/llama_layer_norm", ModelPart::kOutputNorm, {config.width});
}

}  // namespace

std::vector<KerasVariableSpec> KerasVariables(const KerasBackbone& backbone, DType dtype) {
  Lister list(dtype);
  std::visit([&](const auto& config) { AddVariables(config, backbone.tied, list); },
             backbone.config);
  return list.Take();
}

}  // namespace tare
