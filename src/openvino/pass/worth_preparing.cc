#include "openvino/pass/worth_preparing.h"

#include <algorithm>
#include <openvino/op/constant.hpp>
#include <openvino/op/einsum.hpp>
#include <openvino/op/matmul.hpp>
#include <openvino/op/util/multi_subgraph_base.hpp>

#include "openvino/pass/written_row.h"
#include "openvino/policy/choices.h"

namespace tare {
namespace {

bool MayGain(const std::shared_ptr<ov::Node>& node) {
  if (ov::is_type<ov::op::v7::Einsum>(node) || ov::is_type<ov::op::v0::MatMul>(node)) return true;
  if (std::dynamic_pointer_cast<ov::op::util::MultiSubGraphOp>(node) != nullptr) return true;
  if (WritesInPlace(*node)) return true;
  const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(node);
  return constant != nullptr && constant->get_byte_size() >= kLeastParkedBytes;
}

}  // namespace

bool IsWorthPreparing(const ov::Model& model) {
  const std::vector<std::shared_ptr<ov::Node>> nodes = model.get_ops();
  return std::any_of(nodes.begin(), nodes.end(), MayGain);
}

}  // namespace tare
