#include <fmt/format.h>

#include <memory>
#include <utility>

#include "graph/builder.h"
#include "models/attention.h"
#include "models/families/llama/llama.h"
#include "models/families/llama/llama_rope.h"

namespace tare {
namespace {

// KerasHub's equations (keras_hub.models.Llama3Backbone).
constexpr AttentionEquations kLlamaAttention = {
    .query = {"bqm,muh->bquh", "bqm,uhm->bquh"},
    .key_value = {"bkm,mvh->bkvh", "bkm,vhm->bkvh"},
    .output = {"bquh,uhm->bqm", "bquh,muh->bqm"},
    .scores = "bquh,bkuh->buqk",
    .mix = "buqk,bkuh->bquh",
};

class LlamaBuilder {
 public:
  LlamaBuilder(const LlamaConfig& config, const ModelSizes& sizes, const ModelWeights& weights,
               const std::optional<TensorView>& rope_divisors)
      : config_(config), sizes_(sizes), weights_(weights), rope_divisors_(rope_divisors) {}

  Result<Graph> Build(bool last_token_only) {
    const NodeId ids = graph_.TokenIds();
    const NodeId embedding =
        graph_.Constant(weights_.Tensor(ModelPart::kTokenEmbedding), "token_embedding");
    TARE_ASSIGN_OR_RETURN(const NodeId frequencies, InverseFrequencies());
    const Rotation rotation = {frequencies, config_.rope_pairing};
    NodeId x = graph_.Gather(embedding, ids);
    for (size_t i = 0; i < config_.layers; ++i) {
      graph_.PushScope(fmt::format("layer.{}", i));
      const NodeId normed = Norm(x, ModelPart::kAttentionNorm, i, "attention_norm");
      x = graph_.Add(Attention(graph_, normed, weights_, sizes_, i, kLlamaAttention, rotation), x);
      x = graph_.Add(Mlp(Norm(x, ModelPart::kMlpNorm, i, "mlp_norm"), i), x);
      graph_.PopScope();
    }
    // The last token after the norm, not before: what it makes of every token can then be read.
    x = Norm(x, ModelPart::kOutputNorm, 0, "output_norm");
    if (last_token_only) x = graph_.LastToken(x);
    const NodeId logits = Logits(graph_, x, weights_, embedding);
    return std::move(graph_).Finish(logits);
  }

 private:
  NodeId Norm(NodeId x, ModelPart part, size_t layer, const std::string& name) {
    const NodeId gamma = graph_.Constant(weights_.Tensor(part, layer), name);
    return graph_.RmsNorm(x, gamma, config_.norm_epsilon, name);
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
    if (!rope_divisors_) return frequencies;
    return graph_.Div(frequencies, graph_.Constant(*rope_divisors_, "rope_divisors"));
  }

  NodeId Mlp(NodeId x, size_t layer) {
    const NodeId gate =
        graph_.Silu(Dense(graph_, x, weights_.Linear(ModelPart::kGate, layer), "gate"));
    const NodeId up = Dense(graph_, x, weights_.Linear(ModelPart::kUp, layer), "up");
    return Dense(graph_, graph_.Mul(up, gate), weights_.Linear(ModelPart::kDown, layer), "down");
  }

  const LlamaConfig& config_;
  const ModelSizes& sizes_;
  const ModelWeights& weights_;
  const std::optional<TensorView>& rope_divisors_;
  GraphBuilder graph_;
};

}  // namespace

Result<Graph> LlamaModel::BuildGraph(const ModelWeights& weights, bool last_token_only) const {
  const ModelSizes all = sizes();
  return LlamaBuilder(config_, all, weights, rope_divisors_).Build(last_token_only);
}

}  // namespace tare
