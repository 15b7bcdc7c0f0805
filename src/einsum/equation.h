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

// An einsum equation of one or two operands, as NumPy writes them: one label (a-z, A-Z) an axis,
// spaces anywhere between labels, "..." for leading or broadcast axes, and an output that may be
// left out (then: the ellipsis, and the labels that occur once, in ASCII order).
// A term is a string with one character an axis; a label may repeat within an operand (a diagonal).
class EinsumEquation {
 public:
  // Errors: InvalidInput with the place in the text (a stray character, half an arrow or ellipsis,
  // an output label that repeats or that no operand has, an ellipsis that the output drops or
  // makes up), Unsupported for more than two operands.
  static Result<EinsumEquation> Parse(std::string_view text);

  size_t operand_count() const { return operands_.size(); }
  const std::string& operand(size_t i) const { return operands_[i]; }
  const std::string& output() const { return output_; }

  bool has_ellipsis() const;
  // Whether a label occurs twice in operand i.
  bool HasRepeatedLabel(size_t i) const;

  // The same equation with every "..." replaced by labels '0'…'9', aligned at the right as NumPy
  // broadcasts. ranks: one an operand.
  // Errors: InvalidInput where a rank does not fit its term.
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

// What a label's axis is long.
struct EinsumExtent {
  char label;
  size_t extent;
};

// The extent of every label, in order of first appearance. `equation` has no ellipsis. The axes of
// an ellipsis (labels '0'…'9') broadcast: 1 fits anything. Letters do not.
// Errors: InvalidInput for a wrong count of operands or axes, or a label with two extents.
Result<std::vector<EinsumExtent>> EinsumExtents(const EinsumEquation& equation,
                                                std::span<const EinsumShape> shapes);

// The shape of the result. Resolves an ellipsis by the ranks of `shapes`.
// Errors: as EinsumEquation::WithRanks and EinsumExtents.
Result<EinsumShape> EinsumOutputShape(const EinsumEquation& equation,
                                      std::span<const EinsumShape> shapes);

}  // namespace tare

#endif  // TARE_EINSUM_EQUATION_H_
