// Pointwise kernels over the SIMD vectors. Included once by each kernels_<isa>.cc.

#include <algorithm>
#include <cstddef>

#include "base/thread_pool.h"
#include "kernels/pointwise.h"

namespace tare::TARE_SIMD_NAMESPACE {

// Elements a thread takes at once: enough that two threads seldom share a cache line.
inline constexpr size_t kPointwiseGrain = 256;

inline F32 ApplyUnary(UnaryOp op, F32 x, F32 factor) {
  switch (op) {
    case UnaryOp::kScale:
      return x * factor;
    case UnaryOp::kSilu:
      return Silu(x);
    case UnaryOp::kGeluTanh:
      return GeluTanh(x);
    case UnaryOp::kGeluErf:
      return GeluErf(x);
    case UnaryOp::kExp:
      return Exp(x);
    case UnaryOp::kTanh:
      return Tanh(x);
    case UnaryOp::kSoftCap:
      return factor * Tanh(x / factor);
  }
  return x;
}

inline void Unary(const UnaryArgs& args, ThreadSlice slice) noexcept {
  const IndexRange range = SplitRange(args.n, kPointwiseGrain, slice);
  const F32 factor = Set(args.factor);
  size_t i = range.begin;
  for (; i + kLanes <= range.end; i += kLanes) {
    Store(ApplyUnary(args.op, Load(args.x + i), factor), args.out + i);
  }
  const size_t rest = range.end - i;
  if (rest == 0) return;
  StoreFirst(ApplyUnary(args.op, LoadFirst(args.x + i, rest), factor), args.out + i, rest);
}

inline F32 ApplyBinary(BinaryOp op, F32 a, F32 b) {
  switch (op) {
    case BinaryOp::kAdd:
      return a + b;
    case BinaryOp::kMul:
      return a * b;
    case BinaryOp::kDiv:
      return a / b;
  }
  return a;
}

// One run of elements whose operands lie side by side (or b is one scalar).
inline void BinaryRun(BinaryOp op, const float* a, const float* b, bool scalar, float* out,
                      size_t n) {
  const F32 all = scalar ? Set(*b) : Zero();
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    Store(ApplyBinary(op, Load(a + i), scalar ? all : Load(b + i)), out + i);
  }
  const size_t rest = n - i;
  if (rest == 0) return;
  StoreFirst(ApplyBinary(op, LoadFirst(a + i, rest), scalar ? all : LoadFirst(b + i, rest)),
             out + i, rest);
}

inline void Binary(const BinaryArgs& args, ThreadSlice slice) noexcept {
  const IndexRange range = SplitRange(args.n, kPointwiseGrain, slice);
  if (args.period == 1) {
    BinaryRun(args.op, args.a + range.begin, args.b, true, args.out + range.begin,
              range.end - range.begin);
    return;
  }
  for (size_t i = range.begin; i < range.end;) {
    const size_t at = i % args.period;
    const size_t n = std::min(args.period - at, range.end - i);
    BinaryRun(args.op, args.a + i, args.b + at, false, args.out + i, n);
    i += n;
  }
}

}  // namespace tare::TARE_SIMD_NAMESPACE
