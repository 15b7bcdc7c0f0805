#include "models/decoder/decoder_graph.h"

#include <fmt/format.h>

#include <memory>
#include <utility>
#include <vector>

#include "graph/builder.h"
#include "models/attention.h"
#include "models/decoder/decoder_mlp.h"
#include "models/decoder/decoder_rope.h"

namespace tare {
namespace {

constexpr AttentionEquations kDecoderAttention = {
    .query = {"bqm,muh->bquh", "bqm,uhm->bquh", "bqm,umh->bquh"},
    .key_value = {"bkm,mvh->bkvh", "bkm,vhm->bkvh", "bkm,vmh->bkvh"},
    .output = {"bquh,uhm->bqm", "bquh,muh->bqm"},
    .scores = "bquh,bkuh->buqk",
    .mix = "buqk,bkuh->bquh",
};

class DecoderBuilder {
 public:
  DecoderBuilder(const DecoderSpec& spec, const ModelWeights& weights)
      : spec_(spec), weights_(weights) {}

  Result<Graph> Build(bool last_token_only) {
    const NodeId ids = graph_.TokenIds();
    const NodeId embedding =
        graph_.Constant(weights_.Tensor(ModelPart::kTokenEmbedding), "token_embedding");
    for (const RopeSpec& rope : spec_.ropes) {
      TARE_ASSIGN_OR_RETURN(const Rotation rotation, RotationOf(rope));
      rotations_.push_back(rotation);
    }
    NodeId x = Scaled(graph_.Gather(embedding, ids), spec_.embedding_scale);
    for (size_t i = 0; i < spec_.sizes.layers; ++i) {
      graph_.PushScope(fmt::format("layer.{}", i));
      const NodeId attended = Attend(Norm(x, ModelPart::kAttentionNorm, i), i);
      x = Residual(x, MaybeNorm(attended, ModelPart::kPostAttentionNorm, i));
      const NodeId mixed = DecoderMlp(graph_, Norm(x, ModelPart::kMlpNorm, i), spec_, weights_, i);
      x = Residual(x, MaybeNorm(mixed, ModelPart::kPostMlpNorm, i));
      graph_.PopScope();
    }
    // The last token after the norm, not before: what it makes of every token can then be read.
    x = Norm(x, ModelPart::kOutputNorm, 0);
    if (last_token_only) x = graph_.LastToken(x);
    NodeId logits = Scaled(Logits(graph_, x, weights_, embedding), spec_.logit_scale);
    if (spec_.final_cap > 0.0f) logits = graph_.SoftCap(logits, spec_.final_cap);
    return std::move(graph_).Finish(logits);
  }

 private:
  // No node for a scale of 1, which is exact but takes time.
  NodeId Scaled(NodeId x, float scale) { return scale == 1.0f ? x : graph_.Scale(x, scale); }

  NodeId Residual(NodeId x, NodeId branch) {
    return graph_.Add(Scaled(branch, spec_.residual_scale), x);
  }

  NodeId Norm(NodeId x, ModelPart part, size_t layer) {
    const std::string name(ModelPartName(part));
    const NodeId gamma = graph_.Constant(weights_.Tensor(part, layer), name);
    return graph_.RmsNorm(x, gamma, spec_.norm_epsilon, name, spec_.norm_offset);
  }

  NodeId MaybeNorm(NodeId x, ModelPart part, size_t layer) {
    return weights_.Has(part) ? Norm(x, part, layer) : x;
  }

  NodeId Attend(NodeId x, size_t layer) {
    const LayerSpec& own = spec_.layers[layer];
    AttentionOptions options;
    if (own.rope) options.rotation = rotations_[*own.rope];
    options.scale = spec_.attention_scale;
    options.soft_cap = spec_.attention_cap;
    // A window that no text outgrows hides nothing.
    if (own.window < spec_.sizes.max_context) options.window = own.window;
    options.norm_epsilon = spec_.norm_epsilon;
    options.norm_offset = spec_.norm_offset;
    return Attention(graph_, x, weights_, spec_.sizes, layer, kDecoderAttention, options);
  }

  Result<Rotation> RotationOf(const RopeSpec& rope) {
    Rotation rotation;
    rotation.pairing = spec_.pairing;
    rotation.scale = static_cast<float>(RopeAttentionFactor(rope, spec_.sizes.max_context));
    TARE_ASSIGN_OR_RETURN(rotation.inverse_frequencies, Frequencies(rope, false));
    const RopeScaling& scaling = rope.scaling;
    // Frequencies for texts that are longer than any this model takes are never needed.
    if (scaling.kind == RopeScalingKind::kLongRope &&
        scaling.original_context < spec_.sizes.max_context) {
      rotation.long_after = scaling.original_context;
      TARE_ASSIGN_OR_RETURN(rotation.long_frequencies, Frequencies(rope, true));
    }
    return rotation;
  }

  // A file's own divisors stay a node, to be folded.
  Result<NodeId> Frequencies(const RopeSpec& rope, bool is_long) {
    const size_t half = rope.rotated / 2;
    Result<Storage> storage = Storage::Allocate(DType::kF32, {half});
    if (!storage.ok()) return storage.error().In("rotation frequencies");
    for (size_t i = 0; i < half; ++i) {
      storage->f32()[i] = static_cast<float>(RopeFrequency(rope, i, is_long));
    }
    const NodeId frequencies = graph_.OwnedConstant(
        std::make_shared<const Storage>(*std::move(storage)), "inverse_frequencies");
    if (!rope.divisors) return frequencies;
    return graph_.Div(frequencies, graph_.Constant(*rope.divisors, "rope_divisors"));
  }

  const DecoderSpec& spec_;
  const ModelWeights& weights_;
  GraphBuilder graph_;
  std::vector<Rotation> rotations_;  // by rope
};

}  // namespace

Result<Graph> BuildDecoder(const DecoderSpec& spec, const ModelWeights& weights,
                           bool last_token_only) {
  return DecoderBuilder(spec, weights).Build(last_token_only);
}

}  // namespace tare
