#include "openvino/policy/einsum_plan.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "einsum/axis_groups.h"
#include "einsum/equation.h"

namespace tare {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The same equation, with unused letters for the axes of an ellipsis.
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

Result<EinsumEquation> Resolved(std::string_view text, const EinsumOperand& lhs,
                                const EinsumOperand& rhs) {
  TARE_ASSIGN_OR_RETURN(const EinsumEquation written, EinsumEquation::Parse(text));
  if (written.operand_count() != 2) return Unsupported("one operand");
  for (const EinsumOperand* operand : {&lhs, &rhs}) {
    if (!operand->rank) return Unsupported("dynamic rank");
    if (operand->has_empty_axis) return Unsupported("an axis has length 0");
  }
  const size_t ranks[2] = {*lhs.rank, *rhs.rank};
  TARE_ASSIGN_OR_RETURN(const EinsumEquation resolved, written.WithRanks(ranks));
  TARE_ASSIGN_OR_RETURN(EinsumEquation letters, WithLettersOnly(resolved));
  // The CPU plugin of 2025.2.0 crashes on a product with a constant that is reshaped to a scalar.
  if (letters.output().empty()) return Unsupported("the result is a scalar");
  if (letters.HasRepeatedLabel(0) || letters.HasRepeatedLabel(1)) {
    return Unsupported("a label occurs twice in one operand");
  }
  return letters;
}

bool IsConstant(const EinsumOperand& operand) { return operand.kind != OperandKind::kVariable; }
bool IsCompressed(const EinsumOperand& operand) { return operand.kind == OperandKind::kCompressed; }

std::string Without(const std::string& labels, std::string_view removed) {
  std::string kept;
  std::copy_if(labels.begin(), labels.end(), std::back_inserter(kept),
               [&](char label) { return removed.find(label) == removed.npos; });
  return kept;
}

// Whether the form would need a reordered copy of a constant operand.
bool MovesConstant(const MatMulForm& form, bool lhs_constant, bool rhs_constant) {
  const bool first_constant = form.swapped ? rhs_constant : lhs_constant;
  const bool second_constant = form.swapped ? lhs_constant : rhs_constant;
  return (first_constant && form.lhs.NeedsCopy()) || (second_constant && form.rhs.NeedsCopy());
}

// Plans a batched product, after each operand's own axes are summed.
Status PlanBatched(const EinsumEquation& equation, const EinsumOperand& lhs,
                   const EinsumOperand& rhs, EinsumPlan& plan) {
  const AxisGroups groups = ClassifyAxes(equation);
  plan.summed[0] = groups.lhs_summed;
  plan.summed[1] = groups.rhs_summed;
  if ((IsConstant(lhs) && !groups.lhs_summed.empty()) ||
      (IsConstant(rhs) && !groups.rhs_summed.empty())) {
    return Unsupported("an axis of a constant is summed before the product");
  }
  // The CPU plugin (2025.2.0 to 2026.4.1) merges a ReduceSum and a Reshape of unknown lengths
  // into a ReduceSum of another shape.
  if ((!groups.lhs_summed.empty() && !lhs.lengths_known) ||
      (!groups.rhs_summed.empty() && !rhs.lengths_known)) {
    return Unsupported("an axis is summed first, and lengths are dynamic");
  }
  TARE_ASSIGN_OR_RETURN(
      const EinsumEquation product,
      EinsumEquation::Parse(Without(plan.labels[0], plan.summed[0]) + "," +
                            Without(plan.labels[1], plan.summed[1]) + "->" + equation.output()));
  TARE_ASSIGN_OR_RETURN(MatMulForm form, ToMatMulForm(product));
  if (MovesConstant(form, IsConstant(lhs), IsConstant(rhs))) {
    return Unsupported("the constant would have to be copied");
  }
  plan.product = std::move(form);
  return {};
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
  return "outer constant";
}

Result<EinsumPlan> PlanEinsum(std::string_view text, const EinsumOperand& lhs,
                              const EinsumOperand& rhs) {
  TARE_ASSIGN_OR_RETURN(const EinsumEquation equation, Resolved(text, lhs, rhs));
  EinsumPlan plan;
  plan.labels[0] = equation.operand(0);
  plan.labels[1] = equation.operand(1);
  if (IsConstant(lhs) != IsConstant(rhs)) {
    plan.constant_side = IsConstant(rhs) ? 1 : 0;
    if (std::optional<ConstantMatMul> form = LowerConstant(equation, plan.constant_side)) {
      // The CPU plugin of 2025.2.0 crashes on compressed weights with one column.
      if ((IsCompressed(lhs) || IsCompressed(rhs)) &&
          (form->columns.empty() || form->contracted.empty())) {
        return Unsupported("the compressed constant is a vector, not a matrix");
      }
      plan.product = *std::move(form);
      return plan;
    }
  }
  if (IsCompressed(lhs) || IsCompressed(rhs)) {
    return Unsupported("the compressed constant is not a single matrix");
  }
  TARE_RETURN_IF_ERROR(PlanBatched(equation, lhs, rhs, plan));
  return plan;
}

}  // namespace tare
