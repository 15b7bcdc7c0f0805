#ifndef TARE_OPENVINO_POLICY_EINSUM_PLAN_H_
#define TARE_OPENVINO_POLICY_EINSUM_PLAN_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "einsum/matmul_form.h"

namespace tare {

// What the pass knows about an operand of an einsum.
enum class OperandKind {
  kVariable,    // computed while the model runs
  kConstant,    // a Constant, read directly
  kCompressed,  // a Constant behind Convert, Subtract, Multiply or Reshape
  kOuter,       // a body's parameter that is a Constant outside the body
};

std::string_view OperandKindName(OperandKind kind);  // "variable", "constant", …

// Facts about an operand on which the plan depends.
struct EinsumOperand {
  OperandKind kind = OperandKind::kVariable;
  std::optional<size_t> rank;   // nullopt: dynamic
  bool has_empty_axis = false;  // an axis has length 0
  bool lengths_known = false;   // all of them, before the model runs
};

// How an einsum of two operands is written as a product.
struct EinsumPlan {
  std::string labels[2];  // one letter per axis of each operand
  std::string summed[2];  // axes that are summed first
  // A product with a constant read in place, or a batched product.
  std::variant<ConstantMatMul, MatMulForm> product;
  size_t constant_side = 0;  // which operand, with ConstantMatMul
};

// Decides how to rewrite an einsum, or to leave it unchanged:
//
//   one constant   MatMul(x, Reshape(w), transpose_b): w is not copied, and its Reshape is a view;
//                  x and the result are transposed if necessary.
//   two variables  a batched MatMul with the fewest transposes. An axis that only one operand has
//                  and the output lacks is summed first.
//   Errors  Unsupported with a short reason if the einsum must stay unchanged; those of
//           EinsumEquation.
Result<EinsumPlan> PlanEinsum(std::string_view equation, const EinsumOperand& lhs,
                              const EinsumOperand& rhs);

}  // namespace tare

#endif  // TARE_OPENVINO_POLICY_EINSUM_PLAN_H_
