#ifndef TARE_EINSUM_AXIS_GROUPS_H_
#define TARE_EINSUM_AXIS_GROUPS_H_

#include <string>
#include <string_view>

#include "einsum/equation.h"

namespace tare {

// The role of an axis of a two-operand einsum in the matrix product hidden in it.
enum class AxisRole {
  kBatch,       // in both operands and the output
  kContracted,  // in both operands, not in the output
  kLhsFree,     // in the first operand and the output
  kRhsFree,     // in the second operand and the output
  kLhsSummed,   // only in the first operand: summed before any product
  kRhsSummed,   // only in the second operand
};

std::string_view AxisRoleName(AxisRole role);  // "batch", "contracted", …

// All labels of the equation, each in one of six groups, in the order of the first operand that has
// it.
struct AxisGroups {
  std::string batch, contracted, lhs_free, rhs_free, lhs_summed, rhs_summed;
  bool lhs_repeated = false;  // a label occurs twice in the operand: a diagonal is taken first
  bool rhs_repeated = false;

  // Whether permutations and one product are enough: no diagonals, and nothing to sum beforehand.
  bool IsMatMul() const {
    return lhs_summed.empty() && rhs_summed.empty() && !lhs_repeated && !rhs_repeated;
  }
};

// Preconditions of both: two operands, no ellipsis; `label` is in an operand.
AxisRole RoleOf(const EinsumEquation& equation, char label);
AxisGroups ClassifyAxes(const EinsumEquation& equation);

}  // namespace tare

#endif  // TARE_EINSUM_AXIS_GROUPS_H_
