#include "einsum/matmul_form.h"

#include <utility>

#include "base/check.h"
#include "einsum/axis_groups.h"

namespace tare {
namespace {

// The labels of `group` in the order in which `term` has them.
std::string InOrderOf(std::string_view term, std::string_view group) {
  std::string ordered;
  for (char label : term) {
    if (group.find(label) != group.npos) ordered.push_back(label);
  }
  return ordered;
}

OperandForm MakeOperand(std::string_view stored, const std::string& batch, const std::string& outer,
                        const std::string& contracted) {
  OperandForm form;
  form.order = AxisOrder(stored, batch + outer + contracted);
  form.identity = stored == batch + outer + contracted;
  form.transposed = !form.identity && stored == batch + contracted + outer;
  return form;
}

// A move of a tensor outweighs any number of flags.
size_t Cost(const MatMulForm& form) {
  return 4 * form.TransposeCount() + (form.lhs.transposed ? 1 : 0) + (form.rhs.transposed ? 1 : 0);
}

// A tensor needs no move only where every group is in that tensor's own order, so the orders of
// the tensors that have the group are the only ones worth trying.
std::optional<MatMulForm> BestOriented(std::string_view lhs, std::string_view rhs,
                                       std::string_view output, const AxisGroups& groups,
                                       bool swapped) {
  const std::string_view rows_group = swapped ? groups.rhs_free : groups.lhs_free;
  const std::string_view columns_group = swapped ? groups.lhs_free : groups.rhs_free;
  std::optional<MatMulForm> best;
  for (std::string_view batch_from : {lhs, rhs, output}) {
    for (std::string_view rows_from : {lhs, output}) {
      for (std::string_view columns_from : {rhs, output}) {
        for (std::string_view contracted_from : {lhs, rhs}) {
          MatMulForm form;
          form.swapped = swapped;
          form.batch = InOrderOf(batch_from, groups.batch);
          form.rows = InOrderOf(rows_from, rows_group);
          form.columns = InOrderOf(columns_from, columns_group);
          form.contracted = InOrderOf(contracted_from, groups.contracted);
          form.lhs = MakeOperand(lhs, form.batch, form.rows, form.contracted);
          form.rhs = MakeOperand(rhs, form.batch, form.columns, form.contracted);
          const std::string product = form.batch + form.rows + form.columns;
          form.output_order = AxisOrder(product, output);
          form.output_identity = product == output;
          if (!best || Cost(form) < Cost(*best)) best = std::move(form);
        }
      }
    }
  }
  return best;
}

// Whether w is [columns, contracted] (true) or [contracted, columns] (false); nullopt: neither.
// The last axis of a block-quantised w must not be split, so empty groups need care.
std::optional<bool> StoredOutIn(std::string_view stored, const std::string& columns,
                                const std::string& contracted) {
  if (contracted.empty()) return false;
  if (stored == columns + contracted) return true;
  if (stored == contracted + columns) return false;
  return std::nullopt;
}

}  // namespace

std::vector<size_t> AxisOrder(std::string_view from, std::string_view to) {
  std::vector<size_t> order;
  for (char label : to) {
    const size_t at = from.find(label);
    TARE_CHECK_NE(at, from.npos);
    order.push_back(at);
  }
  return order;
}

size_t MatMulForm::TransposeCount() const {
  return (lhs.NeedsCopy() ? 1 : 0) + (rhs.NeedsCopy() ? 1 : 0) + (output_identity ? 0 : 1);
}

Result<MatMulForm> ToMatMulForm(const EinsumEquation& equation) {
  const AxisGroups groups = ClassifyAxes(equation);
  if (!groups.IsMatMul()) {
    return Unsupported(
        "einsum \"{}\" is not a matrix product: {}; take diagonals and sums in a separate einsum "
        "first",
        equation.ToString(),
        groups.lhs_repeated || groups.rhs_repeated ? "a label repeats within an operand"
                                                   : "an axis that only one operand has is summed");
  }
  const std::string& a = equation.operand(0);
  const std::string& b = equation.operand(1);
  const auto straight = BestOriented(a, b, equation.output(), groups, false);
  const auto swapped = BestOriented(b, a, equation.output(), groups, true);
  return Cost(*swapped) < Cost(*straight) ? *swapped : *straight;
}

std::optional<ConstantMatMul> LowerConstant(const EinsumEquation& equation, size_t constant_side) {
  TARE_CHECK_LT(constant_side, 2u);
  const AxisGroups groups = ClassifyAxes(equation);
  if (!groups.IsMatMul() || !groups.batch.empty()) return std::nullopt;
  const std::string& w = equation.operand(constant_side);
  const std::string& x = equation.operand(1 - constant_side);
  ConstantMatMul form;
  form.columns = InOrderOf(w, constant_side == 0 ? groups.lhs_free : groups.rhs_free);
  form.contracted = InOrderOf(w, groups.contracted);
  const auto out_in = StoredOutIn(w, form.columns, form.contracted);
  if (!out_in) return std::nullopt;
  form.out_in = *out_in;

  // Rows in x's order avoid a copy of x if possible; else use the output's order.
  const std::string_view row_group = constant_side == 0 ? groups.rhs_free : groups.lhs_free;
  form.rows = InOrderOf(x, row_group);
  if (x != form.rows + form.contracted) form.rows = InOrderOf(equation.output(), row_group);
  form.variable_order = AxisOrder(x, form.rows + form.contracted);
  form.variable_identity = x == form.rows + form.contracted;
  form.output_order = AxisOrder(form.rows + form.columns, equation.output());
  form.output_identity = form.rows + form.columns == equation.output();
  return form;
}

}  // namespace tare
