#ifndef TARE_EINSUM_MATMUL_FORM_H_
#define TARE_EINSUM_MATMUL_FORM_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "einsum/equation.h"

namespace tare {

// How one operand becomes [batch..., outer..., contracted...], where outer is its rows or columns.
struct OperandForm {
  std::vector<size_t> order;  // axis i of the product's operand is axis order[i] of the stored one
  bool identity = false;      // already stored so; a reshape is enough
  bool transposed = false;    // stored [batch..., contracted..., outer...]; a flag is enough

  bool NeedsCopy() const { return !identity && !transposed; }
};

// An einsum as a batched matrix product: lhs [batch, rows, contracted] times rhs [batch, columns,
// contracted] gives [batch, rows, columns], with each group flattened to one axis. A group is a
// string of labels in the order of flattening; an empty group is an axis of length 1.
struct MatMulForm {
  bool swapped = false;  // the product's lhs is the equation's second operand
  std::string batch, rows, columns, contracted;
  OperandForm lhs, rhs;
  std::vector<size_t> output_order;  // output axis i is axis output_order[i] of the product
  bool output_identity = false;

  // Number of tensors that must be copied in another order: 0 to 3.
  size_t TransposeCount() const;
};

// The form with the fewest transposes, then the fewest transpose flags, over both orientations and
// all orders within the groups.
//   equation  two operands, no ellipsis.
//   Errors    Unsupported for a diagonal, and for a sum over an axis that only one operand has.
Result<MatMulForm> ToMatMulForm(const EinsumEquation& equation);

// An einsum of a variable x and a constant w as one matrix product that reads w in place:
//   out[rows, columns] = Σ_contracted x[rows, contracted] · w.
struct ConstantMatMul {
  bool out_in = false;  // a reshape makes w [columns, contracted]; else [contracted, columns]
  std::string rows, columns, contracted;
  std::vector<size_t> variable_order;  // axis i of [rows..., contracted...] in x
  bool variable_identity = false;
  std::vector<size_t>
      output_order;  // output axis i is axis output_order[i] of [rows..., columns...]
  bool output_identity = false;
};

// nullopt if the constant is not a matrix without being copied: it has a batch axis, repeats a
// label, has an axis that is summed away, or its contracted and free axes interleave.
//   equation       two operands, no ellipsis.
//   constant_side  0 or 1: which operand is the constant.
std::optional<ConstantMatMul> LowerConstant(const EinsumEquation& equation, size_t constant_side);

// The position in `from` of each label of `to`: axis i of `to` is axis result[i] of `from`.
// Precondition: every label of `to` is in `from`.
std::vector<size_t> AxisOrder(std::string_view from, std::string_view to);

}  // namespace tare

#endif  // TARE_EINSUM_MATMUL_FORM_H_
