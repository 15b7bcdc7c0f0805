#ifndef TARE_TENSOR_COMPARE_H_
#define TARE_TENSOR_COMPARE_H_

#include <cstddef>
#include <span>
#include <string>

namespace tare {

// The result of a comparison. The worst element has the largest ratio of error to tolerance; a NaN
// is worse than any number.
struct CompareReport {
  bool close = false;
  size_t mismatches = 0;
  size_t worst_index = 0;
  double worst_ratio = 0.0;  // |got - want| / tolerance there
  std::string message;       // for people: sizes or the worst element; empty if close
};

// Compares element by element and accepts only what it proves close: got == want (so equal
// infinities pass), or |got - want| <= tolerance. A NaN on any side, or spans of different sizes,
// are never close.
CompareReport CompareClose(std::span<const float> got, std::span<const float> want,
                           std::span<const float> tolerance);

// The same tolerance for every element.
CompareReport CompareClose(std::span<const float> got, std::span<const float> want,
                           float tolerance);

}  // namespace tare

#endif  // TARE_TENSOR_COMPARE_H_
