#include "openvino/pass/einsum_rewrite.h"

#include <algorithm>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/matmul.hpp>
#include <openvino/op/multiply.hpp>
#include <openvino/op/reshape.hpp>
#include <openvino/op/subtract.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "einsum/matmul_form.h"
#include "openvino/pass/axis_reshape.h"

namespace tare {
namespace {

// One axis per label: {"b", "a", "c"} for "bac".
std::vector<std::string> EachAlone(std::string_view labels) {
  std::vector<std::string> axes;
  for (char label : labels) axes.emplace_back(1, label);
  return axes;
}

// One axis per label of `batch`, then one axis per group.
std::vector<std::string> Grouped(std::string_view batch, const std::vector<std::string>& groups) {
  std::vector<std::string> axes = EachAlone(batch);
  axes.insert(axes.end(), groups.begin(), groups.end());
  return axes;
}

ov::Output<ov::Node> Ordered(AxisReshape& reshape, const ov::Output<ov::Node>& value,
                             const std::vector<size_t>& order, bool identity) {
  return identity ? value : reshape.Transposed(value, order);
}

// Places a constant's Reshape below the nodes that decompress it. Plugins fold it there into a view
// of the same bytes, and recognise Constant → Convert → Subtract → Multiply → MatMul as compressed
// weights. They would take a Reshape above for the end of a grouped compression, which has another
// layout.
class ConstantMatrix {
 public:
  ConstantMatrix(AxisReshape* reshape, const std::string& labels, std::vector<std::string> matrix)
      : reshape_(reshape), axes_(EachAlone(labels)), matrix_(std::move(matrix)) {}

  Result<ov::Output<ov::Node>> View(const ov::Output<ov::Node>& value) {
    if (axes_ == matrix_) return value;
    const std::shared_ptr<ov::Node> node = value.get_node_shared_ptr();
    const bool converts = ov::is_type<ov::op::v0::Convert>(node);
    if (!converts && !ov::is_type<ov::op::v1::Multiply>(node) &&
        !ov::is_type<ov::op::v1::Subtract>(node)) {
      return ViewOfLeaf(value);
    }
    ov::OutputVector views;
    for (const ov::Output<ov::Node>& input : node->input_values()) {
      TARE_ASSIGN_OR_RETURN(ov::Output<ov::Node> view, View(input));
      views.push_back(std::move(view));
    }
    const std::shared_ptr<ov::Node> moved = node->clone_with_new_inputs(views);
    moved->get_rt_info() = node->get_rt_info();
    return reshape_->Keep(moved);
  }

 private:
  // The weights themselves, or a scale or zero point. These cover a whole axis of the matrix, or
  // have one value for all of it.
  Result<ov::Output<ov::Node>> ViewOfLeaf(const ov::Output<ov::Node>& value) {
    if (ov::is_type<ov::op::v1::Reshape>(value.get_node())) {
      return Unsupported("the constant is compressed in groups");
    }
    const ov::PartialShape& shape = value.get_partial_shape();
    if (shape.is_static() && ov::shape_size(shape.to_shape()) == 1) {
      return reshape_->Viewed(value, {1, 1});
    }
    if (shape.is_dynamic() || shape.size() != axes_.size()) return ScaleError();
    ov::Shape target;
    size_t axis = 0;
    for (const std::string& group : matrix_) {
      size_t length = 1, whole = 1;
      for (char label : group) {
        length *= shape.to_shape()[axis++];
        whole *= static_cast<size_t>(reshape_->Extent(label).value_or(0));
      }
      if (length != 1 && length != whole) return ScaleError();
      target.push_back(length);
    }
    return reshape_->Viewed(value, target);
  }

  static Error ScaleError() { return Unsupported("the constant's scales do not fit a matrix"); }

  AxisReshape* reshape_;
  std::vector<std::string> axes_, matrix_;
};

// out[rows, columns] = Σ x[rows, contracted] · w, reading w in place.
Result<ov::Output<ov::Node>> WriteConstantMatMul(AxisReshape& reshape, const ConstantMatMul& form,
                                                 const LabelledValue& x, const LabelledValue& w) {
  ov::Output<ov::Node> left =
      Ordered(reshape, x.value, form.variable_order, form.variable_identity);
  const std::vector<std::string> rows =
      form.rows.empty() ? std::vector<std::string>{""} : EachAlone(form.rows);
  std::vector<std::string> left_axes = rows, product_axes = rows;
  left_axes.push_back(form.contracted);
  product_axes.push_back(form.columns);
  left = reshape.Reshaped(left, EachAlone(form.rows + form.contracted), left_axes);

  const std::vector<std::string> matrix =
      form.out_in ? std::vector<std::string>{form.columns, form.contracted}
                  : std::vector<std::string>{form.contracted, form.columns};
  TARE_ASSIGN_OR_RETURN(const ov::Output<ov::Node> right,
                        ConstantMatrix(&reshape, w.labels, matrix).View(w.value));
  const ov::Output<ov::Node> product =
      reshape.Keep(std::make_shared<ov::op::v0::MatMul>(left, right, false, form.out_in));
  const ov::Output<ov::Node> split =
      reshape.Reshaped(product, product_axes, EachAlone(form.rows + form.columns));
  return Ordered(reshape, split, form.output_order, form.output_identity);
}

// An operand of a batched product: [batch..., outer, contracted], or the last two swapped.
ov::Output<ov::Node> AsFactor(AxisReshape& reshape, const ov::Output<ov::Node>& operand,
                              const OperandForm& form, const std::string& batch,
                              const std::string& outer, const std::string& contracted) {
  const ov::Output<ov::Node> value = Ordered(reshape, operand, form.order, !form.NeedsCopy());
  const std::string& first = form.transposed ? contracted : outer;
  const std::string& second = form.transposed ? outer : contracted;
  return reshape.Reshaped(value, EachAlone(batch + first + second),
                          Grouped(batch, {first, second}));
}

// Batch axes stay separate, so that MatMul broadcasts an axis of length 1 as an ellipsis does.
ov::Output<ov::Node> WriteBatchedMatMul(AxisReshape& reshape, const MatMulForm& form,
                                        const ov::Output<ov::Node>& lhs,
                                        const ov::Output<ov::Node>& rhs) {
  const ov::Output<ov::Node> left =
      AsFactor(reshape, lhs, form.lhs, form.batch, form.rows, form.contracted);
  const ov::Output<ov::Node> right =
      AsFactor(reshape, rhs, form.rhs, form.batch, form.columns, form.contracted);
  const ov::Output<ov::Node> product = reshape.Keep(
      std::make_shared<ov::op::v0::MatMul>(left, right, form.lhs.transposed, !form.rhs.transposed));
  const ov::Output<ov::Node> split =
      reshape.Reshaped(product, Grouped(form.batch, {form.rows, form.columns}),
                       EachAlone(form.batch + form.rows + form.columns));
  return Ordered(reshape, split, form.output_order, form.output_identity);
}

EinsumOperand OperandOf(const ov::Output<ov::Node>& value, OperandKind kind) {
  const ov::PartialShape& shape = value.get_partial_shape();
  EinsumOperand operand;
  operand.kind = kind;
  if (shape.rank().is_dynamic()) return operand;
  operand.rank = static_cast<size_t>(shape.rank().get_length());
  operand.lengths_known = shape.is_static();
  operand.has_empty_axis = std::any_of(shape.begin(), shape.end(), [](const ov::Dimension& length) {
    return length.is_static() && length.get_length() == 0;
  });
  return operand;
}

Result<ov::Output<ov::Node>> WriteProduct(AxisReshape& reshape, const EinsumPlan& plan,
                                          LabelledValue (&operands)[2]) {
  if (const auto* constant = std::get_if<ConstantMatMul>(&plan.product)) {
    return WriteConstantMatMul(reshape, *constant, operands[1 - plan.constant_side],
                               operands[plan.constant_side]);
  }
  for (size_t i = 0; i < 2; ++i) {
    if (!plan.summed[i].empty()) operands[i].value = reshape.Summed(operands[i], plan.summed[i]);
  }
  const auto& form = std::get<MatMulForm>(plan.product);
  return WriteBatchedMatMul(reshape, form, operands[form.swapped ? 1 : 0].value,
                            operands[form.swapped ? 0 : 1].value);
}

}  // namespace

Result<EinsumRewrite> RewriteEinsum(const std::shared_ptr<ov::op::v7::Einsum>& einsum,
                                    OperandKind lhs_kind, OperandKind rhs_kind) {
  if (einsum->get_input_size() != 2) {
    return Unsupported("{}",
                       einsum->get_input_size() == 1 ? "one operand" : "more than two operands");
  }
  TARE_ASSIGN_OR_RETURN(
      const EinsumPlan plan,
      PlanEinsum(einsum->get_equation(), OperandOf(einsum->input_value(0), lhs_kind),
                 OperandOf(einsum->input_value(1), rhs_kind)));
  LabelledValue operands[2] = {{einsum->input_value(0), plan.labels[0]},
                               {einsum->input_value(1), plan.labels[1]}};
  AxisReshape reshape(operands[0], operands[1]);
  TARE_ASSIGN_OR_RETURN(const ov::Output<ov::Node> value, WriteProduct(reshape, plan, operands));
  return EinsumRewrite{value, reshape.nodes()};
}

}  // namespace tare
