#include "models/families/gpt2/gpt2.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "graph/builder.h"

namespace tare {
namespace {

// keras.layers.MultiHeadAttention's equations.
constexpr LayoutEquation kProject = {"abc,cde->abde", "abc,dec->abde"};
constexpr LayoutEquation kOutput = {"abcd,cde->abe", "abcd,ecd->abe"};
constexpr std::string_view kScores = "aecd,abcd->acbe";
constexpr std::string_view kMix = "acbe,aecd->abcd";

class Gpt2Builder {
 public:
  Gpt2Builder(const Gpt2Config& config, const Gpt2Weights& weights)
      : config_(config), weights_(weights) {}

  Graph Build(bool last_token_only) {
    const NodeId ids = graph_.TokenIds();
    const NodeId table = graph_.Constant(weights_.token_embedding, "token_embedding");
    NodeId x = graph_.Gather(table, ids);
    x = graph_.Add(
        x, graph_.Positions(graph_.Constant(weights_.position_embedding, "position_embedding"), x));
    for (size_t i = 0; i < config_.layers; ++i) {
      graph_.PushScope(fmt::format("layer.{}", i));
      const Gpt2LayerWeights& layer = weights_.layers[i];
      x = graph_.Add(Attention(layer, Norm(x, layer.attention_norm, "attention_norm")), x);
      x = graph_.Add(Mlp(layer, Norm(x, layer.mlp_norm, "mlp_norm")), x);
      graph_.PopScope();
    }
    // The last token after the norm, not before: what it makes of every token can then be read.
    x = Norm(x, weights_.output_norm, "output_norm");
    if (last_token_only) x = graph_.LastToken(x);
    if (weights_.output.tensor.data == weights_.token_embedding.data) {
      return std::move(graph_).Finish(graph_.Einsum("btc,vc->btv", x, table, "logits"));
    }
    const NodeId logits = Dense(graph_, x, weights_.output, "logits");
    return std::move(graph_).Finish(logits);
  }

 private:
  NodeId Norm(NodeId x, const Gpt2Norm& norm, const std::string& name) {
    return graph_.LayerNorm(x, graph_.Constant(norm.gamma, name + "_gamma"),
                            graph_.Constant(norm.beta, name + "_beta"), config_.norm_epsilon, name);
  }

  NodeId Heads(NodeId x, const LinearWeight& weight, const std::string& name) {
    return ProjectToHeads(graph_, x, weight, config_.heads, HeadSize(), kProject, name);
  }

  // One of the three that a fused projection computes side by side.
  NodeId HeadsOf(NodeId fused, size_t which) {
    const NodeId part = graph_.Slice(fused, which * config_.width, config_.width);
    return graph_.Reshape(part, {1, Dim::Tokens(), config_.heads, HeadSize()});
  }

  NodeId Attention(const Gpt2LayerWeights& layer, NodeId x) {
    NodeId query, key, value;
    if (layer.query_key_value) {
      const NodeId fused = Dense(graph_, x, *layer.query_key_value, "query_key_value");
      query = HeadsOf(fused, 0);
      key = HeadsOf(fused, 1);
      value = HeadsOf(fused, 2);
    } else {
      query = Heads(x, layer.query, "query");
      key = Heads(x, layer.key, "key");
      value = Heads(x, layer.value, "value");
    }
    key = graph_.CacheAppend(key, "key_cache");
    value = graph_.CacheAppend(value, "value_cache");
    // Keras scales the query before the product.
    query = graph_.Scale(query, 1.0f / std::sqrt(static_cast<float>(HeadSize())));
    const NodeId scores = graph_.Einsum(kScores, key, query, "scores");
    const NodeId mixed = graph_.Einsum(kMix, graph_.CausalSoftmax(scores), value, "mix");
    return ProjectFromHeads(graph_, mixed, layer.attention_out, kOutput, "attention_out");
  }

  NodeId Mlp(const Gpt2LayerWeights& layer, NodeId x) {
    const NodeId inner = graph_.GeluTanh(Dense(graph_, x, layer.up, "up"));
    return Dense(graph_, inner, layer.down, "down");
  }

  size_t HeadSize() const { return config_.width / config_.heads; }

  const Gpt2Config& config_;
  const Gpt2Weights& weights_;
  GraphBuilder graph_;
};

}  // namespace

Graph BuildGpt2(const Gpt2Config& config, const Gpt2Weights& weights, bool last_token_only) {
  return Gpt2Builder(config, weights).Build(last_token_only);
}

}  // namespace tare
