#include "openvino/pass/scaled_query.h"

#include <openvino/core/rt_info.hpp>
#include <openvino/op/add.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/matmul.hpp>
#include <openvino/op/multiply.hpp>
#include <openvino/op/reshape.hpp>
#include <openvino/op/transpose.hpp>
#include <set>

#include "openvino/pass/change_nodes.h"

namespace tare {
namespace {

namespace op = ov::op;

bool IsSameTypeConvert(const ov::Node& node) {
  return ov::is_type<op::v0::Convert>(&node) &&
         node.get_input_element_type(0) == node.get_output_element_type(0);
}

bool IsConstant(const ov::Node* node) {
  while (ov::is_type<op::v1::Reshape>(node) || ov::is_type<op::v0::Convert>(node)) {
    node = node->get_input_node_ptr(0);
  }
  return ov::is_type<op::v0::Constant>(node);
}

// Whether a node is a product with constant weights, perhaps with a bias.
bool IsOfWeights(const ov::Node* node) {
  while (IsSameTypeConvert(*node) || ov::is_type<op::v1::Reshape>(node) ||
         (ov::is_type<op::v1::Add>(node) && IsConstant(node->get_input_node_ptr(1)))) {
    node = node->get_input_node_ptr(0);
  }
  return ov::is_type<op::v0::MatMul>(node) && IsConstant(node->get_input_node_ptr(1));
}

// The operand of a Multiply that is a single constant number, or -1. The other operand then has the
// result's shape.
int NumberOf(const op::v1::Multiply& multiply) {
  for (const size_t i : {size_t{1}, size_t{0}}) {
    const ov::PartialShape& number = multiply.get_input_partial_shape(i);
    const ov::PartialShape& other = multiply.get_input_partial_shape(1 - i);
    if (IsConstant(multiply.get_input_node_ptr(i)) && number.is_static() &&
        ov::shape_size(number.to_shape()) == 1 && other.rank().is_static() &&
        number.size() <= other.size()) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

// The product of two variables that is the only reader of a value, directly or through nodes that
// only move it; or null.
std::shared_ptr<ov::Node> ProductBehind(ov::Output<ov::Node> value) {
  while (true) {
    const std::set<ov::Input<ov::Node>> takers = value.get_target_inputs();
    if (takers.size() != 1) return nullptr;
    const ov::Input<ov::Node> taker = *takers.begin();
    ov::Node* node = taker.get_node();
    if (ov::is_type<op::v0::MatMul>(node)) {
      return IsConstant(node->get_input_node_ptr(1 - taker.get_index())) ? nullptr
                                                                         : node->shared_from_this();
    }
    const bool moves = ov::is_type<op::v1::Reshape>(node) || ov::is_type<op::v1::Transpose>(node) ||
                       IsSameTypeConvert(*node);
    if (!moves || taker.get_index() != 0) return nullptr;
    value = node->output(0);
  }
}

bool Change(const std::shared_ptr<op::v1::Multiply>& multiply) {
  const int number = NumberOf(*multiply);
  if (number < 0 || multiply->get_element_type() != ov::element::f32) return false;
  const ov::Output<ov::Node> scale = multiply->input_value(static_cast<size_t>(number));
  const ov::Output<ov::Node> query = multiply->input_value(static_cast<size_t>(1 - number));
  if (!IsOfWeights(query.get_node())) return false;
  const std::shared_ptr<ov::Node> product = ProductBehind(multiply->output(0));
  if (product == nullptr) return false;
  const ov::Rank rank = product->get_output_partial_shape(0).rank();
  if (rank.is_dynamic() || rank.get_length() < scale.get_partial_shape().rank().get_length()) {
    return false;
  }
  const std::set<ov::Input<ov::Node>> takers = product->output(0).get_target_inputs();
  const auto scaled = std::make_shared<op::v1::Multiply>(product->output(0), scale);
  ov::copy_runtime_info({multiply, product}, scaled);
  for (ov::Input<ov::Node> taker : takers) taker.replace_source_output(scaled->output(0));
  for (ov::Input<ov::Node> taker : multiply->output(0).get_target_inputs()) {
    taker.replace_source_output(query);
  }
  return true;
}

}  // namespace

size_t ScaleScoresNotQueries(const std::shared_ptr<ov::Model>& model) {
  return ChangeNodes(model, [](const std::shared_ptr<ov::Node>& node) -> size_t {
    const auto multiply = ov::as_type_ptr<op::v1::Multiply>(node);
    return multiply != nullptr && Change(multiply) ? 1 : 0;
  });
}

}  // namespace tare
