#include <cmath>
#include <numbers>

#include "kernels/pointwise.h"

namespace tare {
namespace {

double Unary(UnaryOp op, double x, double factor) {
  switch (op) {
    case UnaryOp::kScale:
      return x * factor;
    case UnaryOp::kSilu:
      return x / (1 + std::exp(-x));
    case UnaryOp::kGeluTanh: {
      const double inner = std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x);
      // 1 + tanh(u) written so that nothing cancels for large negative u.
      return x / (1 + std::exp(-2 * inner));
    }
    case UnaryOp::kGeluErf:
      return x / 2 * std::erfc(-x / std::numbers::sqrt2);
    case UnaryOp::kExp:
      return std::exp(x);
    case UnaryOp::kTanh:
      return std::tanh(x);
    case UnaryOp::kSoftCap:
      return factor * std::tanh(x / factor);
  }
  return x;
}

}  // namespace

void UnaryReference(const UnaryArgs& args) noexcept {
  for (size_t i = 0; i < args.n; ++i) {
    args.out[i] = static_cast<float>(
        Unary(args.op, static_cast<double>(args.x[i]), static_cast<double>(args.factor)));
  }
}

void BinaryReference(const BinaryArgs& args) noexcept {
  for (size_t i = 0; i < args.n; ++i) {
    const float a = args.a[i];
    const float b = args.b[i % args.period];
    switch (args.op) {
      case BinaryOp::kAdd:
        args.out[i] = a + b;
        break;
      case BinaryOp::kMul:
        args.out[i] = a * b;
        break;
      case BinaryOp::kDiv:
        args.out[i] = a / b;
        break;
    }
  }
}

}  // namespace tare
