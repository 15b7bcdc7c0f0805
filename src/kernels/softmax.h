#ifndef TARE_KERNELS_SOFTMAX_H_
#define TARE_KERNELS_SOFTMAX_H_

#include <cstddef>

namespace tare {

// Softmax over the last axis.
//   x, out  [rows, cols] f32, row-major; out may equal x.
//   causal_queries  0: every column counts. Else the rows are [.., causal_queries, cols] and row r
//           is the query r % causal_queries: only its first past + r % causal_queries + 1 columns
//           count, the others become 0, where past = cols - causal_queries.
//   window  above 0: of these only the last `window` count.
// A row whose counted elements are all -inf becomes NaN, as in every framework.
struct SoftmaxArgs {
  const float* x = nullptr;
  float* out = nullptr;
  size_t rows = 0;
  size_t cols = 0;
  size_t causal_queries = 0;
  size_t window = 0;
};

// Columns of row `row` from this one on do not count.
inline size_t SoftmaxColumns(const SoftmaxArgs& args, size_t row) {
  if (args.causal_queries == 0) return args.cols;
  return args.cols - args.causal_queries + row % args.causal_queries + 1;
}

// Columns before these do not count.
inline size_t SoftmaxFirstColumn(const SoftmaxArgs& args, size_t row) {
  const size_t used = SoftmaxColumns(args, row);
  return args.window == 0 || used <= args.window ? 0 : used - args.window;
}

// The plain definition, in double.
void SoftmaxReference(const SoftmaxArgs& args) noexcept;

}  // namespace tare

#endif  // TARE_KERNELS_SOFTMAX_H_
