#include "graph/dump.h"

#include <fmt/format.h>

#include <vector>

#include "graph/reached_nodes.h"

namespace tare {
namespace {

std::string Operand(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  return node.op == Op::kConstant ? "@" + node.name : fmt::format("%{}", id);
}

std::string AttributeText(const Node& node) {
  const Attributes& a = node.attributes;
  switch (node.op) {
    case Op::kEinsum:
      return fmt::format(" \"{}\"", a.equation);
    case Op::kRmsNorm:
    case Op::kLayerNorm:
      return fmt::format(" epsilon={}", a.epsilon);
    case Op::kScale:
    case Op::kAttention:
      return fmt::format(" scale={}", a.scale);
    case Op::kRepeat:
      return fmt::format(" repeats={}", a.repeats);
    case Op::kSlice:
      return fmt::format(" begin={}", a.begin);
    case Op::kRope:
      return a.pairing == RopePairing::kHalf ? " half" : " interleaved";
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
