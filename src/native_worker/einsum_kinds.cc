#include "native_worker/einsum_kinds.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "passes/pass_manager.h"

namespace tare {
namespace {

// The model's own word for what a node computes: the end of "layer.3.query".
std::string_view Role(std::string_view name) { return name.substr(name.rfind('.') + 1); }

// The place in Keras that computes the same.
std::string_view KerasPlace(std::string_view role) {
  struct Place {
    std::string_view role;
    std::string_view keras;
  };
  static constexpr Place kPlaces[] = {
      {"query", "EinsumDense of attention"},
      {"key", "EinsumDense of attention"},
      {"value", "EinsumDense of attention"},
      {"attention_out", "EinsumDense of attention"},
      {"scores", "attention's dot product"},
      {"mix", "attention's weighted sum"},
      {"query_key_value", "EinsumDense of attention"},
      {"logits", "ReversibleEmbedding"},
  };
  const auto* found = std::ranges::find(kPlaces, role, &Place::role);
  return found == std::end(kPlaces) ? "Dense" : found->keras;
}

void AddRole(std::string_view role, std::string& roles) {
  if (roles.find(role) != std::string::npos) return;
  if (!roles.empty()) roles += ", ";
  roles += role;
}

struct Group {
  EinsumKind kind;
  std::string roles;
  std::string keras;
};

// Weights seen through a Reshape are as constant as those that are not.
bool IsConstant(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  return node.op == Op::kConstant || (node.op == Op::kReshape && IsConstant(graph, node.inputs[0]));
}

// Sets what has become of an einsum in the graph that runs.
void SetOutcome(const std::map<std::string, Op>& after, const std::string& name, EinsumKind& kind) {
  const auto found = after.find(name);
  const Op op = found == after.end() ? Op::kAttention : found->second;
  if (op == Op::kEinsum) {
    kind.rewritten = false;
    kind.outcome = "it is not a matrix product";
    return;
  }
  kind.outcome = op == Op::kMatMul          ? "MatMul over the same bytes"
                 : op == Op::kBatchedMatMul ? "batched MatMul"
                                            : "fused attention";
}

}  // namespace

Result<std::vector<EinsumKind>> EinsumKindsOf(const Model& model) {
  TARE_ASSIGN_OR_RETURN(Graph graph, model.BuildGraph(LogitsFor::kLastToken));
  const Graph before = graph;
  TARE_ASSIGN_OR_RETURN(const PassSelection selection,
                        PassSelection::Parse("fuse_attention,lower_einsum,eliminate_dead"));
  TARE_RETURN_IF_ERROR(RunPasses(selection, nullptr, &graph));
  std::map<std::string, Op> after;
  for (const Node& node : graph.nodes()) {
    // A lowered einsum's views share its name.
    if (node.op != Op::kReshape && node.op != Op::kConstant) after[node.name] = node.op;
  }
  std::map<std::pair<std::string, bool>, Group> groups;
  for (const Node& node : before.nodes()) {
    if (node.op != Op::kEinsum) continue;
    const bool constant =
        std::ranges::any_of(node.inputs, [&](NodeId id) { return IsConstant(before, id); });
    Group& group = groups[{node.attributes.equation, constant}];
    if (group.kind.count++ == 0) {
      group.kind.equation = node.attributes.equation;
      group.kind.constant_operand = constant;
      group.kind.rewritten = true;
    }
    AddRole(Role(node.name), group.roles);
    AddRole(KerasPlace(Role(node.name)), group.keras);
    SetOutcome(after, node.name, group.kind);
  }
  std::vector<EinsumKind> kinds;
  for (auto& [key, group] : groups) {
    group.kind.place = group.roles + " (Keras: " + group.keras + ")";
    kinds.push_back(std::move(group.kind));
  }
  std::ranges::stable_sort(kinds, std::greater<>(), &EinsumKind::count);
  return kinds;
}

}  // namespace tare
