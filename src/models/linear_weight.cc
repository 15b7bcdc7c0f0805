#include "models/linear_weight.h"

#include "base/check.h"

namespace tare {
namespace {

constexpr LayoutEquation kDense = {"btc,cn->btn", "btc,nc->btn"};

size_t InputsOf(const LinearWeight& weight) {
  return weight.tensor.shape[weight.layout == WeightLayout::kOutIn ? 1 : 0];
}

NodeId AddBias(GraphBuilder& graph, NodeId x, const LinearWeight& weight, const std::string& name) {
  return weight.bias ? graph.Add(x, graph.Constant(*weight.bias, name + "_bias")) : x;
}

}  // namespace

NodeId ProjectToHeads(GraphBuilder& graph, NodeId x, const LinearWeight& weight, size_t heads,
                      size_t head_size, const LayoutEquation& equation, const std::string& name) {
  const NodeId kernel = graph.Constant(weight.tensor, name);
  const size_t width = InputsOf(weight);
  const bool out_in = weight.layout == WeightLayout::kOutIn;
  NodeId shaped = kernel;
  if (!weight.heads_first) {
    shaped = out_in ? graph.Reshape(kernel, {heads, head_size, width})
                    : graph.Reshape(kernel, {width, heads, head_size});
  }
  const std::string_view labels =
      weight.heads_first ? equation.heads_first : equation.For(weight.layout);
  const NodeId y = graph.Einsum(labels, x, shaped, name);
  if (!weight.bias) return y;
  // Added to the flattened result, in which the bias is a vector along the last axis.
  const NodeId flat = graph.Reshape(y, {1, Dim::Tokens(), heads * head_size});
  return graph.Reshape(AddBias(graph, flat, weight, name), {1, Dim::Tokens(), heads, head_size});
}

NodeId ProjectFromHeads(GraphBuilder& graph, NodeId x, const LinearWeight& weight,
                        const LayoutEquation& equation, const std::string& name) {
  const ValueType& type = graph.type(x);
  const size_t heads = type.dims[2].value();
  const size_t size = type.dims[3].value();
  if (size % BlockElements(weight.tensor.dtype) != 0) {
    return Dense(graph, graph.Reshape(x, {1, Dim::Tokens(), heads * size}), weight, name);
  }
  const NodeId kernel = graph.Constant(weight.tensor, name);
  const bool out_in = weight.layout == WeightLayout::kOutIn;
  const size_t width = weight.tensor.shape[out_in ? 0 : 1];
  const NodeId shaped = out_in ? graph.Reshape(kernel, {width, heads, size})
                               : graph.Reshape(kernel, {heads, size, width});
  return AddBias(graph, graph.Einsum(equation.For(weight.layout), x, shaped, name), weight, name);
}

NodeId Dense(GraphBuilder& graph, NodeId x, const LinearWeight& weight, const std::string& name) {
  const NodeId kernel = graph.Constant(weight.tensor, name);
  return AddBias(graph, graph.Einsum(kDense.For(weight.layout), x, kernel, name), weight, name);
}

}  // namespace tare
