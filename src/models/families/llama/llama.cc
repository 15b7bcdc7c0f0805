#include "models/families/llama/llama.h"

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <numbers>
#include <utility>

#include "graph/builder.h"

namespace tare {
namespace {

// KerasHub's equations (keras_hub.models.Llama3Backbone).
constexpr LayoutEquation kQuery = {"bqm,muh->bquh", "bqm,uhm->bquh"};
constexpr LayoutEquation kKeyValue = {"bkm,mvh->bkvh", "bkm,vhm->bkvh"};
constexpr LayoutEquation kOutput = {"bquh,uhm->bqm", "bquh,muh->bqm"};

double Corrected(double frequency, const RopeCorrection& correction) {
  const double low = static_cast<double>(correction.low);
  const double high = static_cast<double>(correction.high);
  const double slowed = frequency / static_cast<double>(correction.factor);
  const double turns = static_cast<double>(correction.original_context) * frequency /
                       (2.0 * std::numbers::pi);  // over the original context
  if (turns > high) return frequency;
  if (turns < low) return slowed;
  const double blend = (turns - low) / (high - low);
  return (1.0 - blend) * slowed + blend * frequency;
}

class LlamaBuilder {
 public:
  LlamaBuilder(const LlamaConfig& config, const LlamaWeights& weights)
      : config_(config), weights_(weights) {}

  Result<Graph> Build(bool last_token_only) {
    const NodeId ids = graph_.TokenIds();
    const NodeId embedding = graph_.Constant(weights_.embedding, "token_embedding");
    TARE_ASSIGN_OR_RETURN(inverse_frequencies_, InverseFrequencies());
    NodeId x = graph_.Gather(embedding, ids);
    for (size_t i = 0; i < config_.layers; ++i) {
      graph_.PushScope(fmt::format("layer.{}", i));
      const LlamaLayerWeights& layer = weights_.layers[i];
      x = graph_.Add(Attention(layer, Norm(x, layer.attention_norm, "attention_norm")), x);
      x = graph_.Add(Mlp(layer, Norm(x, layer.mlp_norm, "mlp_norm")), x);
      graph_.PopScope();
    }
    // The last token after the norm, not before: what it makes of every token can then be read.
    x = Norm(x, weights_.output_norm, "output_norm");
    if (last_token_only) x = graph_.LastToken(x);
    if (weights_.output.tensor.data == weights_.embedding.data) {
      return std::move(graph_).Finish(graph_.Einsum("btc,vc->btv", x, embedding, "logits"));
    }
    const NodeId logits = Dense(graph_, x, weights_.output, "logits");
    return std::move(graph_).Finish(logits);
  }

 private:
  NodeId Norm(NodeId x, const TensorView& gamma, const std::string& name) {
    return graph_.RmsNorm(x, graph_.Constant(gamma, name), config_.norm_epsilon, name);
  }

  // Computed in double and rounded once; a file's own divisors stay a node, to be
  // folded.
  Result<NodeId> InverseFrequencies() {
    const size_t half = config_.head_size / 2;
    Result<Storage> storage = Storage::Allocate(DType::kF32, {half});
    if (!storage.ok()) return storage.error().In("rotation frequencies");
    for (size_t i = 0; i < half; ++i) {
      storage->f32()[i] = static_cast<float>(RopeFrequency(config_, i));
    }
    const NodeId frequencies = graph_.OwnedConstant(
        std::make_shared<const Storage>(*std::move(storage)), "inverse_frequencies");
    if (!weights_.rope_divisors) return frequencies;
    return graph_.Div(frequencies, graph_.Constant(*weights_.rope_divisors, "rope_divisors"));
  }

  NodeId Attention(const LlamaLayerWeights& layer, NodeId x) {
    const size_t heads = config_.heads;
    const size_t kv_heads = config_.kv_heads;
    const size_t size = config_.head_size;
    NodeId query = ProjectToHeads(graph_, x, layer.query, heads, size, kQuery, "query");
    NodeId key = ProjectToHeads(graph_, x, layer.key, kv_heads, size, kKeyValue, "key");
    NodeId value = ProjectToHeads(graph_, x, layer.value, kv_heads, size, kKeyValue, "value");
    query = graph_.Rope(query, inverse_frequencies_, config_.rope_pairing);
    key = graph_.Rope(key, inverse_frequencies_, config_.rope_pairing);
    key = graph_.CacheAppend(key, "key_cache");
    value = graph_.CacheAppend(value, "value_cache");
    if (heads != kv_heads) {
      key = graph_.Repeat(key, heads / kv_heads);
      value = graph_.Repeat(value, heads / kv_heads);
    }
    const float scale = 1.0f / std::sqrt(static_cast<float>(size));
    const NodeId scores =
        graph_.Scale(graph_.Einsum("bquh,bkuh->buqk", query, key, "scores"), scale);
    const NodeId mixed =
        graph_.Einsum("buqk,bkuh->bquh", graph_.CausalSoftmax(scores), value, "mix");
    return ProjectFromHeads(graph_, mixed, layer.attention_out, kOutput, "attention_out");
  }

  NodeId Mlp(const LlamaLayerWeights& layer, NodeId x) {
    const NodeId gate = graph_.Silu(Dense(graph_, x, layer.gate, "gate"));
    const NodeId up = Dense(graph_, x, layer.up, "up");
    return Dense(graph_, graph_.Mul(up, gate), layer.down, "down");
  }

  const LlamaConfig& config_;
  const LlamaWeights& weights_;
  GraphBuilder graph_;
  NodeId inverse_frequencies_ = kNoNode;
};

}  // namespace

double RopeFrequency(const LlamaConfig& config, size_t pair) {
  const double exponent = -2.0 * static_cast<double>(pair) / static_cast<double>(config.head_size);
  double frequency = std::pow(static_cast<double>(config.rope_base), exponent);
  if (config.rope_correction) frequency = Corrected(frequency, *config.rope_correction);
  return frequency / static_cast<double>(config.rope_linear_factor);
}

Result<Graph> BuildLlama(const LlamaConfig& config, const LlamaWeights& weights,
                         bool last_token_only) {
  return LlamaBuilder(config, weights).Build(last_token_only);
}

}  // namespace tare
