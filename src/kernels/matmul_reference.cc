#include <cmath>
#include <vector>

#include "kernels/matmul.h"
#include "kernels/pointwise.h"
#include "tensor/dequantize.h"

namespace tare {
namespace {

float ApplyTail(const MatMulTail& tail, float y, size_t t, size_t n) {
  UnaryArgs unary{.op = UnaryOp::kSilu, .x = &y, .out = &y, .n = 1};
  switch (tail.kind) {
    case TailKind::kBias:
      return y + tail.operand[n];
    case TailKind::kMul:
      return y * tail.operand[t * tail.stride + n];
    case TailKind::kAdd:
      return y + tail.operand[t * tail.stride + n];
    case TailKind::kGeluTanh:
      unary.op = UnaryOp::kGeluTanh;
      break;
    case TailKind::kSilu:
      break;
  }
  UnaryReference(unary);
  return y;
}

}  // namespace

void MatMulReference(const MatMulArgs& args) noexcept {
  std::vector<float> w(args.n * args.k);
  DequantizeRow(args.weight_type, args.weight, w.size(), w.data());
  const bool out_in = args.layout == WeightLayout::kOutIn;
  for (size_t t = 0; t < args.t; ++t) {
    for (size_t n = 0; n < args.n; ++n) {
      double sum = 0;
      for (size_t k = 0; k < args.k; ++k) {
        const float weight = out_in ? w[n * args.k + k] : w[k * args.n + n];
        sum += static_cast<double>(args.x[t * args.x_stride + k]) * weight;
      }
      float y = static_cast<float>(sum);
      for (const MatMulTail& tail : args.tails) y = ApplyTail(tail, y, t, n);
      args.y[t * args.y_stride + n] = y;
    }
  }
}

}  // namespace tare
