// Kernels that work on rows: norms, softmax, gather. Included once by each kernels_<isa>.cc.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "base/thread_pool.h"
#include "kernels/gather.h"
#include "kernels/norm.h"
#include "kernels/softmax.h"

namespace tare::TARE_SIMD_NAMESPACE {

// Vectors of a row, the last one filled up with `fill`.
inline F32 LoadOr(const float* row, size_t i, size_t n, float fill) {
  if (i + kLanes <= n) return Load(row + i);
  float lanes[kLanes];
  for (size_t l = 0; l < kLanes; ++l) lanes[l] = i + l < n ? row[i + l] : fill;
  return Load(lanes);
}
inline void StoreUpTo(F32 x, float* row, size_t i, size_t n) {
  if (i + kLanes <= n) {
    Store(x, row + i);
  } else {
    StoreFirst(x, row + i, n - i);
  }
}

inline void RmsNorm(const RmsNormArgs& args, ThreadSlice slice) noexcept {
  const IndexRange rows = SplitRange(args.rows, 1, slice);
  for (size_t r = rows.begin; r < rows.end; ++r) {
    const float* x = args.x + r * args.cols;
    float* out = args.out + r * args.cols;
    F32 even = Zero();
    F32 odd = Zero();
    for (size_t c = 0; c < args.cols; c += 2 * kLanes) {
      const F32 a = LoadOr(x, c, args.cols, 0.0f);
      even = MulAdd(a, a, even);
      if (c + kLanes >= args.cols) break;
      const F32 b = LoadOr(x, c + kLanes, args.cols, 0.0f);
      odd = MulAdd(b, b, odd);
    }
    const F32 offset = Set(args.gamma_offset);
    const float mean = Sum(even + odd) / static_cast<float>(args.cols);
    const F32 inverse = Set(1.0f / std::sqrt(mean + args.epsilon));
    for (size_t c = 0; c < args.cols; c += kLanes) {
      const F32 gamma = LoadOr(args.gamma, c, args.cols, 0.0f) + offset;
      StoreUpTo(LoadOr(x, c, args.cols, 0.0f) * inverse * gamma, out, c, args.cols);
    }
  }
}

inline void LayerNorm(const LayerNormArgs& args, ThreadSlice slice) noexcept {
  const IndexRange rows = SplitRange(args.rows, 1, slice);
  const float count = static_cast<float>(args.cols);
  for (size_t r = rows.begin; r < rows.end; ++r) {
    const float* x = args.x + r * args.cols;
    float* out = args.out + r * args.cols;
    F32 sum = Zero();
    for (size_t c = 0; c < args.cols; c += kLanes) sum = sum + LoadOr(x, c, args.cols, 0.0f);
    const float mean_value = Sum(sum) / count;
    const F32 mean = Set(mean_value);
    F32 squares = Zero();
    for (size_t c = 0; c < args.cols; c += kLanes) {
      const F32 centred = LoadOr(x, c, args.cols, mean_value) - mean;
      squares = MulAdd(centred, centred, squares);
    }
    const F32 inverse = Set(1.0f / std::sqrt(Sum(squares) / count + args.epsilon));
    for (size_t c = 0; c < args.cols; c += kLanes) {
      const F32 normal = (LoadOr(x, c, args.cols, 0.0f) - mean) * inverse;
      const F32 gamma = LoadOr(args.gamma, c, args.cols, 0.0f);
      const F32 beta = LoadOr(args.beta, c, args.cols, 0.0f);
      StoreUpTo(MulAdd(normal, gamma, beta), out, c, args.cols);
    }
  }
}

inline constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

inline float RowMax(const float* x, size_t n) {
  F32 max = Set(kMinusInfinity);
  for (size_t c = 0; c < n; c += kLanes) max = Max(max, LoadOr(x, c, n, kMinusInfinity));
  return MaxLane(max);
}

inline void Softmax(const SoftmaxArgs& args, ThreadSlice slice) noexcept {
  const IndexRange rows = SplitRange(args.rows, 1, slice);
  for (size_t r = rows.begin; r < rows.end; ++r) {
    const size_t first = SoftmaxFirstColumn(args, r);
    const float* x = args.x + r * args.cols + first;
    float* row = args.out + r * args.cols;
    float* out = row + first;
    const size_t used = SoftmaxColumns(args, r) - first;
    const F32 max = Set(RowMax(x, used));
    F32 sum = Zero();
    for (size_t c = 0; c < used; c += kLanes) {
      const F32 e = Exp(LoadOr(x, c, used, kMinusInfinity) - max);
      sum = sum + e;
      StoreUpTo(e, out, c, used);
    }
    const F32 total = Set(Sum(sum));
    for (size_t c = 0; c < used; c += kLanes) {
      StoreUpTo(LoadOr(out, c, used, 0.0f) / total, out, c, used);
    }
    std::fill(row, out, 0.0f);
    std::fill(out + used, row + args.cols, 0.0f);
  }
}

template <DType kType>
struct GatherRows {
  static void Run(const GatherArgs& args, const IndexRange& tokens) {
    const size_t row_bytes = StoredBytes(kType, args.cols);
    const F32 scale = Set(args.scale);
    for (size_t t = tokens.begin; t < tokens.end; ++t) {
      const std::byte* row = args.table + static_cast<size_t>(args.ids[t]) * row_bytes;
      float* out = args.out + t * args.out_stride;
      F32 w[kStepVectors<kType>];
      size_t c = 0;
      for (; c + kStep<kType> <= args.cols; c += kStep<kType>, row += kStepBytes<kType>) {
        Decode<kType>(row, w);
        for (size_t v = 0; v < kStepVectors<kType>; ++v) Store(w[v] * scale, out + c + v * kLanes);
      }
      if (c == args.cols) continue;
      DecodeFirst<kType>(row, args.cols - c, w);
      for (size_t v = 0; v < kStepVectors<kType> && c < args.cols; ++v, c += kLanes) {
        StoreUpTo(w[v] * scale, out, c, args.cols);
      }
    }
  }
};

// For a type without kernels of its own.
inline void GatherDecoded(const GatherArgs& args, IndexRange tokens) {
  const size_t row_bytes = StoredBytes(args.type, args.cols);
  const F32 scale = Set(args.scale);
  for (size_t t = tokens.begin; t < tokens.end; ++t) {
    float* const out = args.out + t * args.out_stride;
    const std::byte* const row = args.table + static_cast<size_t>(args.ids[t]) * row_bytes;
    DequantizeRow(args.type, row, args.cols, out);
    for (size_t c = 0; c < args.cols; c += kLanes) {
      StoreUpTo(LoadOr(out, c, args.cols, 0.0f) * scale, out, c, args.cols);
    }
  }
}

inline void Gather(const GatherArgs& args, ThreadSlice slice) noexcept {
  const IndexRange tokens = SplitRange(args.t, 1, slice);
  if (!RunOwnKernel<GatherRows>(args.type, args, tokens)) GatherDecoded(args, tokens);
}

}  // namespace tare::TARE_SIMD_NAMESPACE
