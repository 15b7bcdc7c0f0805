#include "openvino/pass/transposed_constant.h"

#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/matmul.hpp>
#include <openvino/op/transpose.hpp>
#include <vector>

#include "openvino/pass/change_nodes.h"

namespace tare {
namespace {

// Whether a Transpose of a matrix swaps its two axes. If its order is computed from the constant's
// own shape, the shapes decide, unless the matrix is square.
bool SwapsBothAxes(const ov::op::v1::Transpose& transpose) {
  const ov::PartialShape& from = transpose.get_input_partial_shape(0);
  const ov::PartialShape& to = transpose.get_output_partial_shape(0);
  if (from.is_dynamic() || to.is_dynamic() || from.size() != 2) return false;
  const auto order = ov::as_type_ptr<ov::op::v0::Constant>(transpose.get_input_node_shared_ptr(1));
  if (order != nullptr) return order->cast_vector<int64_t>() != std::vector<int64_t>{0, 1};
  return from[0] != from[1] && from[0] == to[1] && from[1] == to[0];
}

// The constant whose transpose is `value`, or nothing.
ov::Output<ov::Node> Untransposed(ov::Output<ov::Node> value) {
  while (ov::is_type<ov::op::v0::Convert>(value.get_node()) &&
         value.get_node()->get_input_element_type(0) == value.get_element_type()) {
    value = value.get_node()->input_value(0);
  }
  const auto transpose = ov::as_type_ptr<ov::op::v1::Transpose>(value.get_node_shared_ptr());
  if (transpose == nullptr || !SwapsBothAxes(*transpose)) return {};
  const ov::Output<ov::Node> source = transpose->input_value(0);
  return ov::is_type<ov::op::v0::Constant>(source.get_node()) ? source : ov::Output<ov::Node>();
}

size_t Change(ov::op::v0::MatMul* product) {
  size_t changed = 0;
  const ov::Output<ov::Node> left = Untransposed(product->input_value(0));
  if (left.get_node() != nullptr) {
    product->input(0).replace_source_output(left);
    product->set_transpose_a(!product->get_transpose_a());
    ++changed;
  }
  const ov::Output<ov::Node> right = Untransposed(product->input_value(1));
  if (right.get_node() != nullptr) {
    product->input(1).replace_source_output(right);
    product->set_transpose_b(!product->get_transpose_b());
    ++changed;
  }
  return changed;
}

}  // namespace

size_t MatMulOfTransposedConstant(const std::shared_ptr<ov::Model>& model) {
  return ChangeNodes(model, [](const std::shared_ptr<ov::Node>& node) -> size_t {
    const auto product = ov::as_type_ptr<ov::op::v0::MatMul>(node);
    return product == nullptr ? 0 : Change(product.get());
  });
}

}  // namespace tare
