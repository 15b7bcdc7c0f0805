#include "graph/graph.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "base/check.h"

namespace tare {

std::string Dim::ToString() const {
  switch (kind_) {
    case Kind::kTokens:
      return "T";
    case Kind::kContext:
      return "S";
    case Kind::kStatic:
      break;
  }
  return std::to_string(value_);
}

ValueType ValueType::Of(const TensorView& tensor) {
  return {tensor.dtype, {tensor.shape.begin(), tensor.shape.end()}};
}

bool ValueType::is_static() const {
  for (const Dim& dim : dims) {
    if (!dim.is_static()) return false;
  }
  return true;
}

Shape ValueType::Resolve(size_t tokens, size_t context) const {
  std::vector<size_t> sizes;
  sizes.reserve(dims.size());
  for (const Dim& dim : dims) sizes.push_back(dim.Resolve(tokens, context));
  return Shape(sizes);
}

std::string ValueType::ToString() const {
  std::string text = fmt::format("{} [", DTypeName(dtype));
  for (size_t i = 0; i < dims.size(); ++i) {
    if (i > 0) text += ", ";
    text += dims[i].ToString();
  }
  return text + "]";
}

NodeId Graph::Add(Node node) {
  nodes_.push_back(std::move(node));
  return static_cast<NodeId>(nodes_.size() - 1);
}

std::vector<uint32_t> Graph::UseCounts() const {
  std::vector<uint32_t> counts(nodes_.size(), 0);
  for (const Node& node : nodes_) {
    for (NodeId input : node.inputs) ++counts[input];
  }
  if (output_ != kNoNode) ++counts[output_];
  return counts;
}

ConstantBytes CountConstantBytes(const Graph& graph) {
  ConstantBytes bytes;
  if (graph.output() == kNoNode) return bytes;
  std::vector<bool> reached(graph.size(), false);
  reached[graph.output()] = true;
  std::set<const std::byte*> counted;  // Views of one tensor share its address.
  for (size_t i = graph.size(); i-- > 0;) {
    if (!reached[i]) continue;
    const Node& node = graph.node(static_cast<NodeId>(i));
    for (NodeId input : node.inputs) reached[input] = true;
    if (node.op != Op::kConstant || !counted.insert(node.constant.data).second) continue;
    (node.owned ? bytes.owned : bytes.borrowed) += node.constant.bytes();
  }
  return bytes;
}

}  // namespace tare
