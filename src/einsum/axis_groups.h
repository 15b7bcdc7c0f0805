#ifndef TARE_EINSUM_AXIS_GROUPS_H_
#define TARE_EINSUM_AXIS_GROUPS_H_

#include <string>
#include <string_view>

#include "einsum/equation.h"

namespace tare {

// What an axis of a two-operand einsum is to the matrix product hidden in it.
enum class AxisRole {
  kBatch,       // in both operands and the output
  kContracted,  // in both operands, not in the output
  kLhsFree,     // in the first operand and the output
  kRhsFree,     // in the second operand and the output
  kLhsSummed,   // in the first operand alone: summed before any product
  kRhsSummed,   // in the second operand alone
};

std::string_view AxisRoleName(AxisRole role);  // "batch", "contracted", …

// Every label of the equation in one of six groups, each once, in the order of the first operand
// that has it.
struct AxisGroups {
  std::string batch, contracted, lhs_free, rhs_free, lhs_summed, rhs_summed;
  bool lhs_repeated = false;  // a label occurs twice in the operand: a diagonal is taken first
  bool rhs_repeated = false;

  // No diagonal to take and nothing to sum beforehand: permutations and one product are enough.
  bool IsMatMul() const {
    return lhs_summed.empty() && rhs_summed.empty() && !lhs_repeated && !rhs_repeated;
  }
};

// Preconditions of both: two operands, no ellipsis; `label` is in an operand.
AxisRole RoleOf(const EinsumEquation& equation, char label);
AxisGroups ClassifyAxes(const EinsumEquation& equation);

}  // namespace tare

#endif  // TARE_EINSUM_AXIS_GROUPS_H_
