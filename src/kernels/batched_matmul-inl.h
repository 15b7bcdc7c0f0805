// Strided batched products: blocks of both operands are copied into packed form, so that any
// strides cost the same. Included once by each kernels_<isa>.cc.

#include <algorithm>
#include <cstddef>

#include "base/thread_pool.h"
#include "kernels/batched_matmul.h"

namespace tare::TARE_SIMD_NAMESPACE {

// A thread's unit of work: so many rows of one product. A packed panel of b serves all of them.
inline constexpr size_t kBatchedRows = 8 * kTileRows;
inline constexpr size_t kBatchedDepth = 256;

inline size_t BatchedMatMulScratchBytes(const BatchedMatMulArgs& args) noexcept {
  const size_t depth = std::min(args.k, kBatchedDepth);
  const size_t rows = std::min(args.m, kBatchedRows);
  return ((rows + kTileCols) * depth + rows * kTileCols) * sizeof(float);
}

template <typename T>
inline T* MatrixAt(const StridedMatrices<T>& of, size_t i, size_t j) {
  return of.data + i * of.batch_stride[0] + j * of.batch_stride[1];
}

// to[row * to_stride + col] = from[row * row_stride + col * col_stride]
inline void CopyBlock(const float* from, size_t row_stride, size_t col_stride, size_t rows,
                      size_t cols, float* to, size_t to_stride) {
  for (size_t r = 0; r < rows; ++r) {
    const float* at = from + r * row_stride;
    for (size_t c = 0; c < cols; ++c) to[r * to_stride + c] = at[c * col_stride];
  }
}

struct BatchedBlock {
  const float* a;  // the unit's first row
  const float* b;
  float* c;
  size_t rows;
};

inline void MultiplyBlock(const BatchedMatMulArgs& args, const BatchedBlock& block, size_t n,
                          float* scratch) {
  const size_t depth = std::min(args.k, kBatchedDepth);
  const size_t cols = std::min(kTileCols, args.n - n);
  float* packed_a = scratch;
  float* packed_b = packed_a + block.rows * depth;
  float* sums = packed_b + kTileCols * depth;
  for (size_t k = 0; k < args.k; k += depth) {
    const size_t used = std::min(depth, args.k - k);
    CopyBlock(block.a + k * args.a.col_stride, args.a.row_stride, args.a.col_stride, block.rows,
              used, packed_a, depth);
    std::fill_n(packed_b, kTileCols * used, 0.0f);
    CopyBlock(block.b + k * args.b.row_stride + n * args.b.col_stride, args.b.row_stride,
              args.b.col_stride, used, cols, packed_b, kTileCols);
    for (size_t m = 0; m < block.rows;) {
      const size_t rows = NextTileRows(block.rows - m);
      TileArgs tile;
      tile.a = packed_a + m * depth;
      tile.a_stride = depth;
      tile.b = packed_b;
      tile.b_stride = kTileCols;
      tile.k = used;
      tile.c = sums + m * kTileCols;
      tile.c_stride = kTileCols;
      tile.cols = kTileCols;
      tile.accumulate = k != 0;
      RunTile(rows, tile);
      m += rows;
    }
  }
  for (size_t r = 0; r < block.rows; ++r) {
    for (size_t c = 0; c < cols; ++c) {
      block.c[r * args.c.row_stride + (n + c) * args.c.col_stride] = sums[r * kTileCols + c];
    }
  }
}

inline void BatchedMatMul(const BatchedMatMulArgs& args, ThreadSlice slice,
                          std::byte* scratch) noexcept {
  const size_t blocks = (args.m + kBatchedRows - 1) / kBatchedRows;
  const IndexRange units = SplitRange(args.batch[0] * args.batch[1] * blocks, 1, slice);
  for (size_t unit = units.begin; unit < units.end; ++unit) {
    const size_t m = unit % blocks * kBatchedRows;
    const size_t i = unit / blocks / args.batch[1];
    const size_t j = unit / blocks % args.batch[1];
    const BatchedBlock block = {
        MatrixAt(args.a, i, j) + m * args.a.row_stride, MatrixAt(args.b, i, j),
        MatrixAt(args.c, i, j) + m * args.c.row_stride, std::min(kBatchedRows, args.m - m)};
    for (size_t n = 0; n < args.n; n += kTileCols) {
      MultiplyBlock(args, block, n, reinterpret_cast<float*>(scratch));
    }
  }
}

}  // namespace tare::TARE_SIMD_NAMESPACE
