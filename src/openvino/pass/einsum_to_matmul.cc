#include "openvino/pass/einsum_to_matmul.h"

#include <algorithm>
#include <openvino/core/graph_util.hpp>
#include <openvino/core/rt_info.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/einsum.hpp>
#include <openvino/op/multiply.hpp>
#include <openvino/op/reshape.hpp>
#include <openvino/op/subtract.hpp>
#include <openvino/op/util/multi_subgraph_base.hpp>
#include <set>
#include <utility>

#include "openvino/pass/einsum_rewrite.h"

namespace tare {
namespace {

using ov::op::util::MultiSubGraphOp;

// Visits a model and its bodies and counts einsums.
class EinsumWalk {
 public:
  // Returns whether anything was rewritten.
  bool Visit(const std::shared_ptr<ov::Model>& model, const std::set<const ov::Node*>& outer) {
    bool changed = false;
    for (const std::shared_ptr<ov::Node>& node : model->get_ordered_ops()) {
      if (const auto einsum = ov::as_type_ptr<ov::op::v7::Einsum>(node)) {
        changed = Rewrite(einsum, outer) || changed;
      } else if (const auto loop = std::dynamic_pointer_cast<MultiSubGraphOp>(node)) {
        changed = VisitBodies(*loop, outer) || changed;
      }
    }
    return changed;
  }

  std::vector<EinsumCount> TakeCounts() { return std::move(counts_); }

 private:
  bool VisitBodies(MultiSubGraphOp& node, const std::set<const ov::Node*>& outer) {
    bool changed = false;
    for (size_t i = 0; i < node.get_internal_subgraphs_size(); ++i) {
      const std::shared_ptr<ov::Model>& body = node.get_function(i);
      std::set<const ov::Node*> constants;
      for (const auto& input : node.get_input_descriptions(static_cast<int>(i))) {
        if (std::dynamic_pointer_cast<MultiSubGraphOp::InvariantInputDescription>(input) &&
            KindOf(node.input_value(input->m_input_index), outer) != OperandKind::kVariable) {
          constants.insert(body->get_parameters()[input->m_body_parameter_index].get());
        }
      }
      changed = Visit(body, constants) || changed;
    }
    return changed;
  }

  // Classifies constants and their decompressed forms: every path up must end in a Constant.
  static OperandKind KindOf(const ov::Output<ov::Node>& value,
                            const std::set<const ov::Node*>& outer) {
    const ov::Node* node = value.get_node();
    if (ov::is_type<ov::op::v0::Constant>(node)) return OperandKind::kConstant;
    if (outer.count(node) > 0) return OperandKind::kOuter;
    if (!ov::is_type<ov::op::v0::Convert>(node) && !ov::is_type<ov::op::v1::Multiply>(node) &&
        !ov::is_type<ov::op::v1::Subtract>(node) && !ov::is_type<ov::op::v1::Reshape>(node)) {
      return OperandKind::kVariable;
    }
    const ov::OutputVector inputs = node->input_values();
    const bool constant = std::all_of(inputs.begin(), inputs.end(), [&](const auto& input) {
      return KindOf(input, outer) != OperandKind::kVariable;
    });
    return constant ? OperandKind::kCompressed : OperandKind::kVariable;
  }

  bool Rewrite(const std::shared_ptr<ov::op::v7::Einsum>& einsum,
               const std::set<const ov::Node*>& outer) {
    std::vector<OperandKind> kinds;
    std::string operands;
    for (const ov::Output<ov::Node>& input : einsum->input_values()) {
      kinds.push_back(KindOf(input, outer));
      if (!operands.empty()) operands += ", ";
      operands += OperandKindName(kinds.back());
    }
    kinds.resize(2, OperandKind::kVariable);
    const Result<EinsumRewrite> rewrite = RewriteEinsum(einsum, kinds[0], kinds[1]);
    Count(einsum->get_equation(), operands, rewrite.ok() ? "" : rewrite.error().message());
    if (!rewrite.ok()) return false;
    const std::shared_ptr<ov::Node> product = rewrite->value.get_node_shared_ptr();
    ov::copy_runtime_info(einsum, rewrite->added);
    product->set_friendly_name(einsum->get_friendly_name());
    ov::replace_node(einsum, product);
    return true;
  }

  void Count(const std::string& equation, const std::string& operands,
             const std::string& left_because) {
    const auto same = std::find_if(counts_.begin(), counts_.end(), [&](const EinsumCount& count) {
      return count.equation == equation && count.operands == operands &&
             count.left_because == left_because;
    });
    if (same != counts_.end()) {
      ++same->count;
    } else {
      counts_.push_back({equation, operands, 1, left_because});
    }
  }

  std::vector<EinsumCount> counts_;
};

}  // namespace

std::vector<EinsumCount> EinsumToMatMul(const std::shared_ptr<ov::Model>& model) {
  EinsumWalk walk;
  if (walk.Visit(model, {})) model->validate_nodes_and_infer_types();
  return walk.TakeCounts();
}

}  // namespace tare
