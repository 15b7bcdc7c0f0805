// Recognises attention as models write it and makes it one node, so that the scores, T x S a head,
// never exist, and grouped keys and values are read in place.
//
//   before                                             after
//   %5 = repeat repeats=3 (%3)                         %9 = attention scale=0.125 (%2, %3, %4)
//   %6 = repeat repeats=3 (%4)
//   %7 = einsum "bquh,bkuh->buqk" (%2, %5)
//   %8 = scale (%7), soft_cap, causal_softmax window=9
//   %9 = einsum "buqk,bkuh->bquh" (%8, %6)
//
// Labels are compared by place, not by name, and operands may be swapped: Keras's
// "aecd,abcd->acbe" (key, query) and "acbe,aecd->abcd" are the same pattern. A scale may stand at
// the query instead, and a soft cap is optional, as is a window.
#include <optional>

#include "einsum/equation.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace tare {
namespace {

struct AttentionMatch {
  NodeId query = kNoNode;
  NodeId key = kNoNode;
  NodeId value = kNoNode;
  float scale = 1.0f;
  float soft_cap = 0.0f;
  size_t window = 0;
};

std::string Labels(std::initializer_list<char> labels) { return {labels}; }

bool AllDistinct(const std::string& labels) {
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels.find(labels[i], i + 1) != std::string::npos) return false;
  }
  return true;
}

// The operand of an einsum whose labels are `wanted`, the other's being `other`.
std::optional<size_t> OperandWith(const EinsumEquation& equation, const std::string& wanted,
                                  const std::string& other) {
  for (size_t i : {size_t{0}, size_t{1}}) {
    if (equation.operand(i) == wanted && equation.operand(1 - i) == other) return i;
  }
  return std::nullopt;
}

class Matcher {
 public:
  explicit Matcher(const Graph& graph) : graph_(graph), uses_(LiveUseCounts(graph)) {}

  // `id` is the einsum that mixes the values.
  std::optional<AttentionMatch> Match(NodeId id) const {
    AttentionMatch match;
    const auto probabilities = MatchMix(graph_.node(id), &match);
    if (!probabilities || !OnlyUse(*probabilities, Op::kCausalSoftmax)) return std::nullopt;
    const Node& softmax = graph_.node(*probabilities);
    match.window = softmax.attributes.window;
    const NodeId scores = SkipScales(SkipCap(softmax.inputs[0], &match.soft_cap), &match.scale);
    if (!OnlyUse(scores, Op::kEinsum) || !MatchScores(graph_.node(scores), &match)) {
      return std::nullopt;
    }
    match.query = SkipScales(match.query, &match.scale);
    SkipRepeats(&match);
    return TypesFit(graph_.node(id), match) ? std::optional(match) : std::nullopt;
  }

 private:
  bool OnlyUse(NodeId id, Op op) const { return graph_.node(id).op == op && uses_[id] == 1; }

  // out [b, t, h, d] = Σ_s probabilities [b, h, t, s] · value [b, s, h, d]; returns the
  // probabilities.
  std::optional<NodeId> MatchMix(const Node& node, AttentionMatch* match) const {
    const auto equation = EinsumEquation::Parse(node.attributes.equation);
    if (!equation.ok() || equation->output().size() != 4) return std::nullopt;
    const std::string& out = equation->output();
    const char b = out[0], t = out[1], h = out[2], d = out[3];
    for (size_t i : {size_t{0}, size_t{1}}) {
      const std::string& labels = equation->operand(i);
      if (labels.size() != 4) continue;
      const char s = labels[3];
      if (!AllDistinct(out + s) || labels != Labels({b, h, t, s}) ||
          equation->operand(1 - i) != Labels({b, s, h, d})) {
        continue;
      }
      match->value = node.inputs[1 - i];
      return node.inputs[i];
    }
    return std::nullopt;
  }

  // out [b, h, t, s] = Σ_d query [b, t, h, d] · key [b, s, h, d]
  bool MatchScores(const Node& node, AttentionMatch* match) const {
    const auto equation = EinsumEquation::Parse(node.attributes.equation);
    if (!equation.ok() || equation->output().size() != 4 || equation->operand(0).size() != 4) {
      return false;
    }
    const std::string& out = equation->output();
    const char b = out[0], h = out[1], t = out[2], s = out[3];
    const char d = equation->operand(0)[3];
    if (!AllDistinct(out + d)) return false;
    const auto query = OperandWith(*equation, Labels({b, t, h, d}), Labels({b, s, h, d}));
    if (!query) return false;
    match->query = node.inputs[*query];
    match->key = node.inputs[1 - *query];
    return true;
  }

  NodeId SkipCap(NodeId id, float* soft_cap) const {
    if (!OnlyUse(id, Op::kSoftCap)) return id;
    *soft_cap = graph_.node(id).attributes.soft_cap;
    return graph_.node(id).inputs[0];
  }

  NodeId SkipScales(NodeId id, float* scale) const {
    while (OnlyUse(id, Op::kScale)) {
      *scale *= graph_.node(id).attributes.scale;
      id = graph_.node(id).inputs[0];
    }
    return id;
  }

  void SkipRepeats(AttentionMatch* match) const {
    const Node& key = graph_.node(match->key);
    const Node& value = graph_.node(match->value);
    if (key.op != Op::kRepeat || value.op != Op::kRepeat ||
        key.attributes.repeats != value.attributes.repeats) {
      return;
    }
    match->key = key.inputs[0];
    match->value = value.inputs[0];
  }

  bool TypesFit(const Node& mix, const AttentionMatch& match) const {
    return graph_.node(match.query).type == mix.type &&
           graph_.node(match.key).type == graph_.node(match.value).type;
  }

  const Graph& graph_;
  std::vector<uint32_t> uses_;
};

}  // namespace

Status FuseAttention(Graph* graph, PassContext* /*context*/) {
  const Matcher matcher(*graph);
  Graph fused = *graph;
  for (NodeId id = 0; id < fused.size(); ++id) {
    if (graph->node(id).op != Op::kEinsum) continue;
    const auto match = matcher.Match(id);
    if (!match) continue;
    Node& node = fused.node(id);
    node.op = Op::kAttention;
    node.inputs = {match->query, match->key, match->value};
    node.attributes = {};
    node.attributes.scale = match->scale;
    node.attributes.soft_cap = match->soft_cap;
    node.attributes.window = match->window;
  }
  *graph = std::move(fused);
  return {};
}

}  // namespace tare
