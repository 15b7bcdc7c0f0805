#include "models/attention.h"

#include <cmath>
#include <string>

namespace tare {
namespace {

struct Heads {
  NodeId query = kNoNode;
  NodeId key = kNoNode;
  NodeId value = kNoNode;
};

class AttentionBuilder {
 public:
  AttentionBuilder(GraphBuilder& graph, const ModelWeights& weights, const ModelSizes& sizes,
                   size_t layer, const AttentionEquations& equations,
                   const AttentionOptions& options)
      : graph_(graph),
        weights_(weights),
        sizes_(sizes),
        layer_(layer),
        equations_(equations),
        options_(options) {}

  NodeId Build(NodeId x) {
    auto [query, key, value] = Project(x);
    query = Rotated(Normed(query, ModelPart::kQueryNorm));
    key = Rotated(Normed(key, ModelPart::kKeyNorm));
    key = graph_.CacheAppend(key, "key_cache");
    value = graph_.CacheAppend(value, "value_cache");
    if (sizes_.heads != sizes_.kv_heads) {
      key = graph_.Repeat(key, sizes_.heads / sizes_.kv_heads);
      value = graph_.Repeat(value, sizes_.heads / sizes_.kv_heads);
    }
    const NodeId probabilities = graph_.CausalSoftmax(Scores(query, key), options_.window);
    const NodeId mixed = graph_.Einsum(equations_.mix, probabilities, value, "mix");
    return ProjectFromHeads(graph_, mixed, weights_.Linear(ModelPart::kAttentionOut, layer_),
                            equations_.output, "attention_out");
  }

 private:
  Heads Project(NodeId x) {
    const PartWeight& query = weights_.Get(ModelPart::kQuery, layer_);
    // Columns of a wider matrix are no view: they are computed side by side and then cut.
    if (query.has_neighbours() && query.stored.layout == WeightLayout::kInOut) {
      const NodeId fused = Dense(graph_, x, query.stored, "query_key_value");
      return {Cut(fused, ModelPart::kQuery, sizes_.heads),
              Cut(fused, ModelPart::kKey, sizes_.kv_heads),
              Cut(fused, ModelPart::kValue, sizes_.kv_heads)};
    }
    Heads heads;
    heads.query = ToHeads(x, ModelPart::kQuery, sizes_.heads, equations_.query, "query");
    heads.key = ToHeads(x, ModelPart::kKey, sizes_.kv_heads, equations_.key_value, "key");
    heads.value = ToHeads(x, ModelPart::kValue, sizes_.kv_heads, equations_.key_value, "value");
    return heads;
  }

  NodeId ToHeads(NodeId x, ModelPart part, size_t heads, const LayoutEquation& equation,
                 const char* name) {
    return ProjectToHeads(graph_, x, weights_.Linear(part, layer_), heads, sizes_.head_size,
                          equation, name);
  }

  NodeId Cut(NodeId fused, ModelPart part, size_t heads) {
    const PartWeight& weight = weights_.Get(part, layer_);
    const NodeId cut = graph_.Slice(fused, weight.first, weight.outputs);
    return graph_.Reshape(cut, {1, Dim::Tokens(), heads, sizes_.head_size});
  }

  NodeId Normed(NodeId heads, ModelPart norm) {
    if (!weights_.Has(norm)) return heads;
    const std::string name(ModelPartName(norm));
    const NodeId gamma = graph_.Constant(weights_.Tensor(norm, layer_), name);
    return graph_.RmsNorm(heads, gamma, options_.norm_epsilon, name, options_.norm_offset);
  }

  NodeId Rotated(NodeId heads) {
    if (!options_.rotation) return heads;
    const Rotation& rotation = *options_.rotation;
    if (rotation.long_frequencies == kNoNode) {
      return graph_.Rope(heads, rotation.inverse_frequencies, rotation.pairing, rotation.scale);
    }
    return graph_.RopeByLength(heads, rotation.inverse_frequencies, rotation.long_frequencies,
                               rotation.long_after, rotation.pairing, rotation.scale);
  }

  NodeId Scores(NodeId query, NodeId key) {
    const float scale = options_.scale == 0.0f
                            ? 1.0f / std::sqrt(static_cast<float>(sizes_.head_size))
                            : options_.scale;
    if (equations_.scales_query) query = graph_.Scale(query, scale);
    NodeId scores = equations_.key_before_query
                        ? graph_.Einsum(equations_.scores, key, query, "scores")
                        : graph_.Einsum(equations_.scores, query, key, "scores");
    if (!equations_.scales_query) scores = graph_.Scale(scores, scale);
    return options_.soft_cap > 0.0f ? graph_.SoftCap(scores, options_.soft_cap) : scores;
  }

  GraphBuilder& graph_;
  const ModelWeights& weights_;
  const ModelSizes& sizes_;
  const size_t layer_;
  const AttentionEquations& equations_;
  const AttentionOptions& options_;
};

}  // namespace

NodeId Attention(GraphBuilder& graph, NodeId x, const ModelWeights& weights,
                 const ModelSizes& sizes, size_t layer, const AttentionEquations& equations,
                 const AttentionOptions& options) {
  return AttentionBuilder(graph, weights, sizes, layer, equations, options).Build(x);
}

NodeId Logits(GraphBuilder& graph, NodeId x, const ModelWeights& weights, NodeId table) {
  if (weights.is_tied()) return graph.Einsum("btc,vc->btv", x, table, "logits");
  return Dense(graph, x, weights.Linear(ModelPart::kOutput), "logits");
}

}  // namespace tare
