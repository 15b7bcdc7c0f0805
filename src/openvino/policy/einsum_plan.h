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

// What an operand of an einsum is to the pass.
enum class OperandKind {
  kVariable,    // computed while the model runs
  kConstant,    // a Constant as it lies
  kCompressed,  // a Constant behind Convert, Subtract, Multiply or Reshape
  kOuter,       // a parameter of a body that is a Constant outside of it
};

std::string_view OperandKindName(OperandKind kind);  // "variable", "constant", …

// As much of an operand as the plan depends on.
struct EinsumOperand {
  OperandKind kind = OperandKind::kVariable;
  std::optional<size_t> rank;   // nullopt: known only while the model runs
  bool has_empty_axis = false;  // of length 0
  bool lengths_known = false;   // all of them, before the model runs
};

// How an einsum of two operands is written as a product.
struct EinsumPlan {
  std::string labels[2];  // of the operands' axes, one letter each
  std::string summed[2];  // axes that are summed first
  // A matrix product by a constant as it lies, or a batched one.
  std::variant<ConstantMatMul, MatMulForm> product;
  size_t constant_side = 0;  // which operand, with ConstantMatMul
};

// Decides how an einsum is rewritten, or that it is left:
//
//   a constant operand   MatMul(x, Reshape(w), transpose_b): w itself stays where it is, and its
//                        Reshape is a view; x and the result are transposed if they have to be.
//   two variables        a batched MatMul with the fewest transposes; an axis that one operand
//                        alone has and the output has not is summed first.
//   Errors  Unsupported, with the reason in a few words, where the einsum has to stay; those of
//           EinsumEquation.
Result<EinsumPlan> PlanEinsum(std::string_view equation, const EinsumOperand& lhs,
                              const EinsumOperand& rhs);

}  // namespace tare

#endif  // TARE_OPENVINO_POLICY_EINSUM_PLAN_H_
