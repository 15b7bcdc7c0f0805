#include "kernels/batched_matmul.h"

namespace tare {

void BatchedMatMulReference(const BatchedMatMulArgs& args) noexcept {
  const auto offset = [](const auto& of, size_t i, size_t j, size_t row, size_t col) {
    return i * of.batch_stride[0] + j * of.batch_stride[1] + row * of.row_stride +
           col * of.col_stride;
  };
  for (size_t i = 0; i < args.batch[0]; ++i) {
    for (size_t j = 0; j < args.batch[1]; ++j) {
      for (size_t m = 0; m < args.m; ++m) {
        for (size_t n = 0; n < args.n; ++n) {
          double sum = 0;
          for (size_t k = 0; k < args.k; ++k) {
            sum += static_cast<double>(args.a.data[offset(args.a, i, j, m, k)]) *
                   args.b.data[offset(args.b, i, j, k, n)];
          }
          args.c.data[offset(args.c, i, j, m, n)] = static_cast<float>(sum);
        }
      }
    }
  }
}

}  // namespace tare
