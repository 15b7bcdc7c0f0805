#include "einsum/axis_groups.h"

#include "base/check.h"

namespace tare {
namespace {

std::string& GroupOf(AxisRole role, AxisGroups* groups) {
  switch (role) {
    case AxisRole::kBatch:
      return groups->batch;
    case AxisRole::kContracted:
      return groups->contracted;
    case AxisRole::kLhsFree:
      return groups->lhs_free;
    case AxisRole::kRhsFree:
      return groups->rhs_free;
    case AxisRole::kLhsSummed:
      return groups->lhs_summed;
    case AxisRole::kRhsSummed:
      break;
  }
  return groups->rhs_summed;
}

}  // namespace

std::string_view AxisRoleName(AxisRole role) {
  switch (role) {
    case AxisRole::kBatch:
      return "batch";
    case AxisRole::kContracted:
      return "contracted";
    case AxisRole::kLhsFree:
      return "lhs-free";
    case AxisRole::kRhsFree:
      return "rhs-free";
    case AxisRole::kLhsSummed:
      return "lhs-summed";
    case AxisRole::kRhsSummed:
      return "rhs-summed";
  }
  return "unknown";
}

AxisRole RoleOf(const EinsumEquation& equation, char label) {
  TARE_CHECK_EQ(equation.operand_count(), 2u);
  const bool in_lhs = ContainsLabel(equation.operand(0), label);
  const bool in_rhs = ContainsLabel(equation.operand(1), label);
  const bool in_output = ContainsLabel(equation.output(), label);
  TARE_CHECK(in_lhs || in_rhs);
  if (in_lhs && in_rhs) return in_output ? AxisRole::kBatch : AxisRole::kContracted;
  if (in_lhs) return in_output ? AxisRole::kLhsFree : AxisRole::kLhsSummed;
  return in_output ? AxisRole::kRhsFree : AxisRole::kRhsSummed;
}

AxisGroups ClassifyAxes(const EinsumEquation& equation) {
  TARE_CHECK_EQ(equation.operand_count(), 2u);
  TARE_CHECK(!equation.has_ellipsis());
  AxisGroups groups;
  for (size_t i = 0; i < 2; ++i) {
    for (char label : equation.operand(i)) {
      std::string& group = GroupOf(RoleOf(equation, label), &groups);
      if (!ContainsLabel(group, label)) group.push_back(label);
    }
  }
  groups.lhs_repeated = equation.HasRepeatedLabel(0);
  groups.rhs_repeated = equation.HasRepeatedLabel(1);
  return groups;
}

}  // namespace tare
