#include "openvino/pass/einsum_rewrite.h"

#include <algorithm>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/matmul.hpp>
#include <openvino/op/multiply.hpp>
#include <openvino/op/reshape.hpp>
#include <openvino/op/subtract.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "einsum/axis_groups.h"
#include "einsum/equation.h"
#include "einsum/matmul_form.h"
#include "openvino/pass/axis_reshape.h"

namespace tare {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The same equation with the axes of an ellipsis under letters that it does not use.
Result<EinsumEquation> WithLettersOnly(const EinsumEquation& equation) {
  std::string text = equation.ToString();
  std::string free;
  for (char c = 'a'; c <= 'z'; ++c) {
    if (text.find(c) == text.npos) free.push_back(c);
    const char upper = static_cast<char>(c - 'a' + 'A');
    if (text.find(upper) == text.npos) free.push_back(upper);
  }
  for (char& c : text) {
    if (!IsDigit(c)) continue;
    const auto index = static_cast<size_t>(c - '0');
    if (index >= free.size()) return Unsupported("too many axes");
    c = free[index];
  }
  return EinsumEquation::Parse(text);
}

// One axis a label: {"b", "a", "c"} for "bac".
std::vector<std::string> EachAlone(std::string_view labels) {
  std::vector<std::string> axes;
  for (char label : labels) axes.emplace_back(1, label);
  return axes;
}

// The labels of `batch` each alone, then one axis a group.
std::vector<std::string> Grouped(std::string_view batch, const std::vector<std::string>& groups) {
  std::vector<std::string> axes = EachAlone(batch);
  axes.insert(axes.end(), groups.begin(), groups.end());
  return axes;
}

ov::Output<ov::Node> Ordered(AxisReshape& reshape, const ov::Output<ov::Node>& value,
                             const std::vector<size_t>& order, bool identity) {
  return identity ? value : reshape.Transposed(value, order);
}

// The Reshape of a constant stands beneath what decompresses it: plugins fold it there into a view
// of the same bytes and know Constant → Convert → Subtract → Multiply → MatMul as compressed
// weights. One above is taken for the end of a grouped compression, which is another layout.
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
  // The weights themselves, or a scale or zero point: all of an axis of the matrix or one for all.
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

  static Error ScaleError() { return Unsupported("its scales are not those of a matrix"); }

  AxisReshape* reshape_;
  std::vector<std::string> axes_, matrix_;
};

// out[rows, columns] = Σ x[rows, contracted] · w, with w as it lies.
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

// One operand of a batched product: [batch..., outer, contracted], or the last two swapped.
ov::Output<ov::Node> AsFactor(AxisReshape& reshape, const LabelledValue& operand,
                              const OperandForm& form, const std::string& batch,
                              const std::string& outer, const std::string& contracted) {
  const ov::Output<ov::Node> value = Ordered(reshape, operand.value, form.order, !form.NeedsCopy());
  const std::string& first = form.transposed ? contracted : outer;
  const std::string& second = form.transposed ? outer : contracted;
  return reshape.Reshaped(value, EachAlone(batch + first + second),
                          Grouped(batch, {first, second}));
}

// Batch axes stay apart, so that MatMul stretches an axis of 1 as an ellipsis does.
ov::Output<ov::Node> WriteBatchedMatMul(AxisReshape& reshape, const MatMulForm& form,
                                        const LabelledValue& lhs, const LabelledValue& rhs) {
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

bool IsConstant(OperandKind kind) { return kind != OperandKind::kVariable; }

std::string Without(const std::string& labels, std::string_view removed) {
  std::string kept;
  std::copy_if(labels.begin(), labels.end(), std::back_inserter(kept),
               [&](char label) { return removed.find(label) == removed.npos; });
  return kept;
}

// Sums what one operand alone has and the output has not; what is left is a product.
Result<EinsumEquation> SumFirst(AxisReshape& reshape, const EinsumEquation& equation,
                                const AxisGroups& groups, LabelledValue (&operands)[2]) {
  const std::string summed[2] = {groups.lhs_summed, groups.rhs_summed};
  for (size_t i = 0; i < 2; ++i) {
    if (summed[i].empty()) continue;
    // The CPU plugin (2025.2.0 to 2026.4.1) merges a ReduceSum and a Reshape of unknown lengths
    // into a ReduceSum of another shape.
    if (operands[i].value.get_partial_shape().is_dynamic()) {
      return Unsupported("an axis is summed first, and lengths are known only while it runs");
    }
    operands[i].value = reshape.Summed(operands[i], summed[i]);
    operands[i].labels = Without(operands[i].labels, summed[i]);
  }
  return EinsumEquation::Parse(operands[0].labels + "," + operands[1].labels + "->" +
                               equation.output());
}

Result<EinsumEquation> Resolved(const ov::op::v7::Einsum& einsum) {
  TARE_ASSIGN_OR_RETURN(const EinsumEquation written, EinsumEquation::Parse(einsum.get_equation()));
  if (written.operand_count() != 2) return Unsupported("one operand");
  size_t ranks[2] = {0, 0};
  for (size_t i = 0; i < 2; ++i) {
    const ov::PartialShape& shape = einsum.get_input_partial_shape(i);
    if (shape.rank().is_dynamic()) return Unsupported("rank known only while it runs");
    ranks[i] = static_cast<size_t>(shape.rank().get_length());
    for (const ov::Dimension& length : shape) {
      if (length.is_static() && length.get_length() == 0) return Unsupported("an axis of length 0");
    }
  }
  TARE_ASSIGN_OR_RETURN(const EinsumEquation resolved, written.WithRanks(ranks));
  TARE_ASSIGN_OR_RETURN(EinsumEquation letters, WithLettersOnly(resolved));
  // The CPU plugin of 2025.2.0 crashes on a product by a constant that is reshaped to a scalar.
  if (letters.output().empty()) return Unsupported("a scalar result");
  if (letters.HasRepeatedLabel(0) || letters.HasRepeatedLabel(1)) {
    return Unsupported("a label occurs twice in one operand");
  }
  return letters;
}

// Whether the form would move an operand that is a constant.
bool MovesConstant(const MatMulForm& form, bool lhs_constant, bool rhs_constant) {
  const bool first_constant = form.swapped ? rhs_constant : lhs_constant;
  const bool second_constant = form.swapped ? lhs_constant : rhs_constant;
  return (first_constant && form.lhs.NeedsCopy()) || (second_constant && form.rhs.NeedsCopy());
}

Result<ov::Output<ov::Node>> WriteProduct(AxisReshape& reshape, const EinsumEquation& equation,
                                          LabelledValue (&operands)[2], OperandKind lhs_kind,
                                          OperandKind rhs_kind) {
  const bool lhs_constant = IsConstant(lhs_kind), rhs_constant = IsConstant(rhs_kind);
  if (lhs_constant != rhs_constant) {
    const size_t side = rhs_constant ? 1 : 0;
    if (const std::optional<ConstantMatMul> form = LowerConstant(equation, side)) {
      // The CPU plugin of 2025.2.0 crashes on compressed weights of one column.
      if ((rhs_constant ? rhs_kind : lhs_kind) == OperandKind::kCompressed &&
          (form->columns.empty() || form->contracted.empty())) {
        return Unsupported("a compressed constant that is a vector to the product");
      }
      return WriteConstantMatMul(reshape, *form, operands[1 - side], operands[side]);
    }
  }
  if (lhs_kind == OperandKind::kCompressed || rhs_kind == OperandKind::kCompressed) {
    return Unsupported("a compressed constant that is not one matrix");
  }
  const AxisGroups groups = ClassifyAxes(equation);
  if ((lhs_constant && !groups.lhs_summed.empty()) ||
      (rhs_constant && !groups.rhs_summed.empty())) {
    return Unsupported("an axis of a constant is summed before the product");
  }
  TARE_ASSIGN_OR_RETURN(const EinsumEquation product,
                        SumFirst(reshape, equation, groups, operands));
  TARE_ASSIGN_OR_RETURN(const MatMulForm form, ToMatMulForm(product));
  if (MovesConstant(form, lhs_constant, rhs_constant)) {
    return Unsupported("the constant would have to be moved");
  }
  return WriteBatchedMatMul(reshape, form, operands[form.swapped ? 1 : 0],
                            operands[form.swapped ? 0 : 1]);
}

}  // namespace

std::string_view OperandKindName(OperandKind kind) {
  switch (kind) {
    case OperandKind::kVariable:
      return "variable";
    case OperandKind::kConstant:
      return "constant";
    case OperandKind::kCompressed:
      return "compressed constant";
    case OperandKind::kOuter:
      break;
  }
  return "constant outside";
}

Result<EinsumRewrite> RewriteEinsum(const std::shared_ptr<ov::op::v7::Einsum>& einsum,
                                    OperandKind lhs_kind, OperandKind rhs_kind) {
  if (einsum->get_input_size() != 2) {
    return Unsupported("{}",
                       einsum->get_input_size() == 1 ? "one operand" : "more than two operands");
  }
  TARE_ASSIGN_OR_RETURN(const EinsumEquation equation, Resolved(*einsum));
  LabelledValue operands[2] = {{einsum->input_value(0), equation.operand(0)},
                               {einsum->input_value(1), equation.operand(1)}};
  AxisReshape reshape(operands[0], operands[1]);
  TARE_ASSIGN_OR_RETURN(const ov::Output<ov::Node> value,
                        WriteProduct(reshape, equation, operands, lhs_kind, rhs_kind));
  return EinsumRewrite{value, reshape.nodes()};
}

}  // namespace tare
