#include <fmt/format.h>

#include <string>
#include <utility>

#include "graph/builder.h"
#include "models/attention.h"
#include "models/families/gpt2/gpt2.h"

namespace tare {
namespace {

// keras.layers.MultiHeadAttention's equations, which scale the query before the product.
constexpr LayoutEquation kGpt2Project = {"abc,cde->abde", "abc,dec->abde"};
constexpr AttentionEquations kGpt2Attention = {
    .query = kGpt2Project,
    .key_value = kGpt2Project,
    .output = {"abcd,cde->abe", "abcd,ecd->abe"},
    .scores = "aecd,abcd->acbe",
    .mix = "acbe,aecd->abcd",
    .key_before_query = true,
    .scales_query = true,
};

class Gpt2Builder {
 public:
  Gpt2Builder(const Gpt2Config& config, const ModelSizes& sizes, const ModelWeights& weights)
      : config_(config), sizes_(sizes), weights_(weights) {}

  Graph Build(bool last_token_only) {
    const NodeId ids = graph_.TokenIds();
    const NodeId table =
        graph_.Constant(weights_.Tensor(ModelPart::kTokenEmbedding), "token_embedding");
    NodeId x = graph_.Gather(table, ids);
    const NodeId positions =
        graph_.Constant(weights_.Tensor(ModelPart::kPositionEmbedding), "position_embedding");
    x = graph_.Add(x, graph_.Positions(positions, x));
    for (size_t i = 0; i < config_.layers; ++i) {
      graph_.PushScope(fmt::format("layer.{}", i));
      const NodeId normed = Norm(x, ModelPart::kAttentionNorm, i, "attention_norm");
      x = graph_.Add(Attention(graph_, normed, weights_, sizes_, i, kGpt2Attention), x);
      x = graph_.Add(Mlp(Norm(x, ModelPart::kMlpNorm, i, "mlp_norm"), i), x);
      graph_.PopScope();
    }
    // The last token after the norm, not before: what it makes of every token can then be read.
    x = Norm(x, ModelPart::kOutputNorm, 0, "output_norm");
    if (last_token_only) x = graph_.LastToken(x);
    const NodeId logits = Logits(graph_, x, weights_, table);
    return std::move(graph_).Finish(logits);
  }

 private:
  NodeId Norm(NodeId x, ModelPart part, size_t layer, const std::string& name) {
    const LinearWeight& norm = weights_.Get(part, layer).stored;
    const NodeId gamma = graph_.Constant(norm.tensor, name + "_gamma");
    const NodeId beta = graph_.Constant(*norm.bias, name + "_beta");
    return graph_.LayerNorm(x, gamma, beta, config_.norm_epsilon, name);
  }

  NodeId Mlp(NodeId x, size_t layer) {
    const NodeId up = Dense(graph_, x, weights_.Linear(ModelPart::kUp, layer), "up");
    return Dense(graph_, graph_.GeluTanh(up), weights_.Linear(ModelPart::kDown, layer), "down");
  }

  const Gpt2Config& config_;
  const ModelSizes& sizes_;
  const ModelWeights& weights_;
  GraphBuilder graph_;
};

}  // namespace

Result<Graph> Gpt2Model::BuildGraph(const ModelWeights& weights, bool last_token_only) const {
  const ModelSizes all = sizes();
  return Gpt2Builder(config_, all, weights).Build(last_token_only);
}

}  // namespace tare
