#ifndef TARE_KERNELS_BATCHED_MATMUL_H_
#define TARE_KERNELS_BATCHED_MATMUL_H_

#include <cstddef>

namespace tare {

// One matrix for each pair of batch indices. Element (i, j, row, col) is at
// data + i * batch_stride[0] + j * batch_stride[1] + row * row_stride + col * col_stride. Strides
// count elements. A transpose swaps strides; a broadcast has a stride of 0.
template <typename T>
struct StridedMatrices {
  T* data = nullptr;
  size_t batch_stride[2] = {0, 0};
  size_t row_stride = 0;
  size_t col_stride = 0;
};

// c[i, j] = a[i, j] · b[i, j], all f32: a is [M, K], b [K, N], c [M, N]. c overlaps neither.
struct BatchedMatMulArgs {
  StridedMatrices<const float> a;
  StridedMatrices<const float> b;
  StridedMatrices<float> c;
  size_t batch[2] = {1, 1};
  size_t m = 0;
  size_t n = 0;
  size_t k = 0;
};

// The plain definition: sums in double.
void BatchedMatMulReference(const BatchedMatMulArgs& args) noexcept;

}  // namespace tare

#endif  // TARE_KERNELS_BATCHED_MATMUL_H_
