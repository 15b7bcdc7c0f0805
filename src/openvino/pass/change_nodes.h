#ifndef TARE_OPENVINO_PASS_CHANGE_NODES_H_
#define TARE_OPENVINO_PASS_CHANGE_NODES_H_

#include <cstddef>
#include <memory>
#include <openvino/core/model.hpp>
#include <openvino/op/util/multi_subgraph_base.hpp>

namespace tare {

// Calls change(node) for each node without a body, in a model and in its bodies, inputs first. A
// call returns how much it changed; ChangeNodes returns the sum. Infers types and shapes again
// after changes.
template <typename Change>
size_t ChangeNodes(const std::shared_ptr<ov::Model>& model, const Change& change) {
  size_t changed = 0;
  for (const std::shared_ptr<ov::Node>& node : model->get_ordered_ops()) {
    const auto loop = std::dynamic_pointer_cast<ov::op::util::MultiSubGraphOp>(node);
    if (loop == nullptr) {
      changed += change(node);
      continue;
    }
    for (size_t i = 0; i < loop->get_internal_subgraphs_size(); ++i) {
      changed += ChangeNodes(loop->get_function(static_cast<int>(i)), change);
    }
  }
  if (changed > 0) model->validate_nodes_and_infer_types();
  return changed;
}

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_CHANGE_NODES_H_
