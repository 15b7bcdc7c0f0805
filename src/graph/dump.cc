#include "graph/dump.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "graph/reached_nodes.h"

namespace tare {
namespace {

std::string Operand(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  return node.op == Op::kConstant ? "@" + node.name : fmt::format("%{}", id);
}

template <typename T>
std::string Unless(T usual, std::string_view name, T value) {
  return value == usual ? "" : fmt::format(" {}={}", name, value);
}

std::string AttributeText(const Node& node) {
  const Attributes& a = node.attributes;
  switch (node.op) {
    case Op::kEinsum:
      return fmt::format(" \"{}\"", a.equation);
    case Op::kRmsNorm:
    case Op::kLayerNorm:
      return fmt::format(" epsilon={}", a.epsilon) + Unless(0.0f, "gamma_offset", a.gamma_offset);
    case Op::kScale:
      return fmt::format(" scale={}", a.scale);
    case Op::kSoftCap:
      return fmt::format(" soft_cap={}", a.soft_cap);
    case Op::kAttention:
      return fmt::format(" scale={}", a.scale) + Unless(0.0f, "soft_cap", a.soft_cap) +
             Unless(size_t{0}, "window", a.window);
    case Op::kCausalSoftmax:
      return Unless(size_t{0}, "window", a.window);
    case Op::kRepeat:
      return fmt::format(" repeats={}", a.repeats);
    case Op::kSlice:
      return fmt::format(" begin={}", a.begin);
    case Op::kRope:
      return (a.pairing == RopePairing::kHalf ? " half" : " interleaved") +
             Unless(1.0f, "scale", a.scale) + Unless(size_t{0}, "long_after", a.long_after);
    case Op::kExpertWeights:
      return a.normalise ? " normalise" : "";
    case Op::kCacheAppend:
      return fmt::format(" slot={}", a.cache_slot);
    case Op::kMatMul: {
      std::string text = a.layout == WeightLayout::kOutIn ? " [n,k]" : " [k,n]";
      for (const Tail& tail : a.tails) text += fmt::format(" +{}", InfoOf(tail.op).name);
      return text;
    }
    default:
      return "";
  }
}

}  // namespace

std::string DumpGraph(const Graph& graph) {
  const std::vector<bool> reached = ReachedNodes(graph);
  std::string text;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (!reached[id] || node.op == Op::kConstant) continue;
    std::string operands;
    for (NodeId input : node.inputs) {
      operands += (operands.empty() ? "" : ", ") + Operand(graph, input);
    }
    text += fmt::format("%{} = {}{} ({}) : {}", id, InfoOf(node.op).name, AttributeText(node),
                        operands, node.type.ToString());
    text += node.name.empty() ? "\n" : "   # " + node.name + "\n";
  }
  const ConstantBytes bytes = CountConstantBytes(graph);
  text += fmt::format("constants: {} bytes borrowed from the file, {} bytes owned\n",
                      bytes.borrowed, bytes.owned);
  return text;
}

}  // namespace tare
