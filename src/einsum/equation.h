#ifndef TARE_EINSUM_EQUATION_H_
#define TARE_EINSUM_EQUATION_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tare {

// Stands for "..." in a term until the ranks are known.
inline constexpr char kEinsumEllipsis = '.';
// Axes that one "..." may stand for: they become the labels '0' to '9'.
inline constexpr size_t kMaxEllipsisAxes = 10;

inline bool ContainsLabel(std::string_view term, char label) {
  return term.find(label) != term.npos;
}

// An einsum equation of one or two operands in NumPy's syntax: one label (a-z, A-Z) per axis,
// spaces anywhere between labels, and "..." for leading or broadcast axes. Without an output, the
// output is the ellipsis and the labels that occur once, in ASCII order. A term is a string with
// one character per axis; a label may repeat within an operand (a diagonal).
class EinsumEquation {
 public:
  // Errors: InvalidInput with the position in the text (a stray character, half an arrow or
  // ellipsis, an output label that repeats or that no operand has, an ellipsis in the output or the
  // operands only); Unsupported for more than two operands.
  static Result<EinsumEquation> Parse(std::string_view text);

  size_t operand_count() const { return operands_.size(); }
  const std::string& operand(size_t i) const { return operands_[i]; }
  const std::string& output() const { return output_; }

  bool has_ellipsis() const;
  // Whether a label occurs twice in operand i.
  bool HasRepeatedLabel(size_t i) const;

  // The same equation with every "..." replaced by labels '0'…'9', aligned at the right as NumPy
  // broadcasts. ranks: one per operand.
  // Errors: InvalidInput if a rank does not fit its term.
  Result<EinsumEquation> WithRanks(std::span<const size_t> ranks) const;

  // Explicit and without spaces: "ab,bc->ac".
  std::string ToString() const;

 private:
  EinsumEquation(std::vector<std::string> operands, std::string output)
      : operands_(std::move(operands)), output_(std::move(output)) {}

  std::vector<std::string> operands_;
  std::string output_;
};

using EinsumShape = std::vector<size_t>;

// The length of a label's axis.
struct EinsumExtent {
  char label;
  size_t extent;
};

// The extent of every label, in order of first appearance. `equation` has no ellipsis. Axes of a
// former ellipsis (labels '0'…'9') broadcast: 1 fits any length. Letters do not broadcast.
// Errors: InvalidInput for a wrong count of operands or axes, or a label with two extents.
Result<std::vector<EinsumExtent>> EinsumExtents(const EinsumEquation& equation,
                                                std::span<const EinsumShape> shapes);

// The shape of the result. Resolves an ellipsis by the ranks of `shapes`.
// Errors: as EinsumEquation::WithRanks and EinsumExtents.
Result<EinsumShape> EinsumOutputShape(const EinsumEquation& equation,
                                      std::span<const EinsumShape> shapes);

}  // namespace tare

#endif  // TARE_EINSUM_EQUATION_H_
