#include "einsum/reference.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/checked_math.h"
#include "base/count_text.h"

namespace tare {
namespace {

// One loop over a label: how far each operand and the output move with a step of it.
struct Loop {
  char label;
  size_t extent;
  std::vector<size_t> operand_strides;
};

// Steps of `label` in a row-major operand; a diagonal adds its strides, an axis that is broadcast
// adds none.
size_t StrideOf(const std::string& term, const EinsumShape& shape, char label) {
  size_t stride = 0;
  size_t step = 1;
  for (size_t axis = term.size(); axis-- > 0;) {
    if (term[axis] == label && shape[axis] != 1) stride += step;
    step *= shape[axis];
  }
  return stride;
}

Result<size_t> CheckedElements(const EinsumEquation& equation, const EinsumShape& shape) {
  std::optional<size_t> elements = 1;
  for (size_t dim : shape) {
    if (elements) elements = CheckedMul(*elements, dim);
  }
  if (!elements) return InvalidInput("einsum \"{}\": a size overflows", equation.ToString());
  return *elements;
}

Status CheckSize(const EinsumEquation& equation, std::string_view what, const EinsumShape& shape,
                 size_t got) {
  TARE_ASSIGN_OR_RETURN(const size_t expected, CheckedElements(equation, shape));
  if (got == expected) return {};
  return InvalidInput("einsum \"{}\": {} has {}, expected {}", equation.ToString(), what,
                      CountText(got, "element"), expected);
}

class Evaluator {
 public:
  Evaluator(std::span<const std::span<const float>> operands, std::span<float> out)
      : operands_(operands), out_(out) {}

  void AddLoop(Loop loop, bool in_output) {
    (in_output ? output_loops_ : summed_loops_).push_back(std::move(loop));
  }

  // Output loops must be in the output's order: results are written one after another.
  void Run() { OverOutput(0, std::vector<size_t>(operands_.size(), 0)); }

 private:
  void OverOutput(size_t depth, const std::vector<size_t>& at) {
    if (depth == output_loops_.size()) {
      out_[written_++] = static_cast<float>(Sum(0, at));
      return;
    }
    std::vector<size_t> next = at;
    for (size_t i = 0; i < output_loops_[depth].extent; ++i) {
      OverOutput(depth + 1, next);
      Advance(output_loops_[depth], &next);
    }
  }

  double Sum(size_t depth, const std::vector<size_t>& at) const {
    if (depth == summed_loops_.size()) {
      double product = 1;
      for (size_t i = 0; i < operands_.size(); ++i) product *= operands_[i][at[i]];
      return product;
    }
    double sum = 0;
    std::vector<size_t> next = at;
    for (size_t i = 0; i < summed_loops_[depth].extent; ++i) {
      sum += Sum(depth + 1, next);
      Advance(summed_loops_[depth], &next);
    }
    return sum;
  }

  static void Advance(const Loop& loop, std::vector<size_t>* at) {
    for (size_t i = 0; i < at->size(); ++i) (*at)[i] += loop.operand_strides[i];
  }

  std::span<const std::span<const float>> operands_;
  std::span<float> out_;
  std::vector<Loop> output_loops_;
  std::vector<Loop> summed_loops_;
  size_t written_ = 0;
};

}  // namespace

Status EinsumReference(const EinsumEquation& equation, std::span<const EinsumShape> shapes,
                       std::span<const std::span<const float>> operands, std::span<float> out) {
  TARE_ASSIGN_OR_RETURN(const EinsumShape out_shape, EinsumOutputShape(equation, shapes));
  TARE_RETURN_IF_ERROR(CheckSize(equation, "the output", out_shape, out.size()));
  if (operands.size() != shapes.size()) {
    return InvalidInput("einsum \"{}\": got {} for {}", equation.ToString(),
                        CountText(operands.size(), "operand"), CountText(shapes.size(), "shape"));
  }
  std::vector<size_t> ranks;
  for (size_t i = 0; i < shapes.size(); ++i) {
    TARE_RETURN_IF_ERROR(
        CheckSize(equation, fmt::format("operand {}", i), shapes[i], operands[i].size()));
    ranks.push_back(shapes[i].size());
  }
  TARE_ASSIGN_OR_RETURN(const EinsumEquation resolved, equation.WithRanks(ranks));
  TARE_ASSIGN_OR_RETURN(std::vector<EinsumExtent> extents, EinsumExtents(resolved, shapes));
  // Output labels first, in their order; find() puts the summed ones, npos, last.
  std::stable_sort(extents.begin(), extents.end(), [&](const auto& a, const auto& b) {
    return resolved.output().find(a.label) < resolved.output().find(b.label);
  });
  Evaluator evaluator(operands, out);
  for (const EinsumExtent& e : extents) {
    Loop loop{e.label, e.extent, {}};
    for (size_t i = 0; i < shapes.size(); ++i) {
      loop.operand_strides.push_back(StrideOf(resolved.operand(i), shapes[i], e.label));
    }
    evaluator.AddLoop(std::move(loop), resolved.output().find(e.label) != std::string::npos);
  }
  evaluator.Run();
  return {};
}

}  // namespace tare
