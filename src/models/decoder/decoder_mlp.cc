#include "models/decoder/decoder_mlp.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "models/linear_weight.h"

namespace tare {
namespace {

NodeId Active(GraphBuilder& graph, NodeId gate, GateActivation activation) {
  return activation == GateActivation::kSilu ? graph.Silu(gate) : graph.GeluTanh(gate);
}

NodeId PlainMlp(GraphBuilder& graph, NodeId x, const DecoderSpec& spec, const ModelWeights& weights,
                size_t layer) {
  const NodeId gate = Dense(graph, x, weights.Linear(ModelPart::kGate, layer), "gate");
  const NodeId active = Active(graph, gate, spec.activation);
  const NodeId up = Dense(graph, x, weights.Linear(ModelPart::kUp, layer), "up");
  return Dense(graph, graph.Mul(up, active), weights.Linear(ModelPart::kDown, layer), "down");
}

bool FollowEachOther(const std::vector<TensorView>& matrices) {
  for (size_t i = 1; i < matrices.size(); ++i) {
    const TensorView& before = matrices[i - 1];
    if (matrices[i].dtype != before.dtype || matrices[i].data != before.data + before.bytes()) {
      return false;
    }
  }
  return true;
}

// One constant [E, N, K] where the experts' matrices lie so, else one of each.
std::vector<NodeId> ExpertConstants(GraphBuilder& graph, const PartWeight& part,
                                    const std::string& name) {
  const std::vector<TensorView>& matrices = part.experts;
  if (FollowEachOther(matrices)) {
    TensorView all = matrices.front();
    all.shape = {matrices.size(), all.shape[0], all.shape[1]};
    return {graph.Constant(all, name)};
  }
  std::vector<NodeId> constants;
  for (size_t i = 0; i < matrices.size(); ++i) {
    constants.push_back(graph.Constant(matrices[i], fmt::format("{}.{}", name, i)));
  }
  return constants;
}

NodeId Mixture(GraphBuilder& graph, NodeId x, const DecoderSpec& spec, const ModelWeights& weights,
               size_t layer) {
  const NodeId rates =
      graph.Softmax(Dense(graph, x, weights.Linear(ModelPart::kRouter, layer), "router"));
  const NodeId experts = graph.TopExperts(rates, spec.sizes.experts_used);
  const auto product = [&](NodeId input, ModelPart part) {
    const std::string name(ModelPartName(part));
    return graph.ExpertMatMul(input, experts,
                              ExpertConstants(graph, weights.Get(part, layer), name), name);
  };
  const NodeId active = Active(graph, product(x, ModelPart::kExpertGate), spec.activation);
  const NodeId inner = graph.Mul(product(x, ModelPart::kExpertUp), active);
  const NodeId outputs = product(inner, ModelPart::kExpertDown);
  const NodeId shares = graph.ExpertWeights(rates, experts, spec.normalises_experts);
  return graph.Einsum("btu,btuc->btc", shares, outputs, "mixture");
}

}  // namespace

NodeId DecoderMlp(GraphBuilder& graph, NodeId x, const DecoderSpec& spec,
                  const ModelWeights& weights, size_t layer) {
  return spec.sizes.HasExperts(layer) ? Mixture(graph, x, spec, weights, layer)
                                      : PlainMlp(graph, x, spec, weights, layer);
}

}  // namespace tare
