#include "kernels/pointwise.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numbers>
#include <vector>

#include "kernels/kernel_testing.h"

namespace tare {
namespace {

class PointwiseTest : public EveryIsa {
 protected:
  std::vector<float> Unary(UnaryOp op, std::span<const float> x, size_t threads = 1) {
    std::vector<float> out(x.size());
    const UnaryArgs args = {op, x.data(), out.data(), x.size(), 0.75f};
    RunOnThreads(threads, 0, [&](ThreadSlice s, std::byte*) { kernels().unary(args, s); });
    return out;
  }
  void Binary(const BinaryArgs& args, size_t threads) {
    RunOnThreads(threads, 0, [&](ThreadSlice s, std::byte*) { kernels().binary(args, s); });
  }
};
TARE_INSTANTIATE_EVERY_ISA(PointwiseTest);

// The distance of `got` from the true value in units in the last place of the true value's f32.
double UlpError(float got, double want) {
  if (static_cast<float>(want) == got) return std::fabs(got - want) > 0 ? 0.5 : 0.0;
  const float rounded = std::fabs(static_cast<float>(want));
  const double ulp =
      rounded < std::numeric_limits<float>::min()
          ? std::numeric_limits<float>::denorm_min()
          : static_cast<double>(std::nextafter(rounded, std::numeric_limits<float>::infinity())) -
                static_cast<double>(rounded);
  return std::fabs(static_cast<double>(got) - want) / ulp;
}

double Exact(UnaryOp op, double x) {
  switch (op) {
    case UnaryOp::kExp:
      return std::exp(x);
    case UnaryOp::kTanh:
      return std::tanh(x);
    case UnaryOp::kSilu:
      return x / (1 + std::exp(-x));
    case UnaryOp::kGeluErf:
      return x / 2 * std::erfc(-x / std::numbers::sqrt2);
    default: {
      const double u = std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x);
      return x / (1 + std::exp(-2 * u));
    }
  }
}

TEST_P(PointwiseTest, SoftCapAgreesWithTheReference) {
  const std::vector<float> x = RandomFloats(73, 1, 100.0f);
  for (const float cap : {0.5f, 30.0f}) {
    std::vector<float> want(x.size()), got(x.size());
    UnaryArgs args = {UnaryOp::kSoftCap, x.data(), want.data(), x.size(), cap};
    UnaryReference(args);
    args.out = got.data();
    kernels().unary(args, {0, 1});
    for (size_t i = 0; i < x.size(); ++i) {
      // tanh errs by two units in the last place, quotient and product by half of one each.
      EXPECT_LE(std::fabs(got[i] - want[i]), 6 * kUnitRoundoff * cap) << x[i];
    }
  }
}

// Every f32 whose low bits repeat a pattern, between -limit and limit: all exponents, and enough of
// each.
std::vector<float> Sweep(float limit) {
  std::vector<float> x;
  for (uint32_t bits = 0; bits <= std::bit_cast<uint32_t>(limit); bits += 9973) {
    x.push_back(std::bit_cast<float>(bits));
    x.push_back(-std::bit_cast<float>(bits));
  }
  return x;
}

TEST_P(PointwiseTest, FunctionsErrByAFewUnitsInTheLastPlace) {
  struct Bound {
    UnaryOp op;
    const char* name;
    float limit;
    double absolute;  // allowed in addition: where a result vanishes, its last place means nothing
    double ulps;
  };
  // docs/numerics.md states these; `limit` is where the function is 0, 1, x or infinite beyond.
  const Bound bounds[] = {{UnaryOp::kExp, "exp", 87.0f, 0.0, 1.5},
                          {UnaryOp::kTanh, "tanh", 20.0f, 0.0, 2.0},
                          {UnaryOp::kSilu, "silu", 80.0f, 0.0, 4.0},
                          {UnaryOp::kGeluTanh, "gelu_tanh", 30.0f, 1e-7, 4.0},
                          {UnaryOp::kGeluErf, "gelu_erf", 30.0f, 1e-7, 4.0}};
  for (const Bound& bound : bounds) {
    const std::vector<float> x = Sweep(bound.limit);
    const std::vector<float> got = Unary(bound.op, x);
    double worst = 0, worst_x = 0, worst_absolute = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double want = Exact(bound.op, x[i]);
      const double difference = std::fabs(got[i] - want);
      if (std::fabs(want) < 1) worst_absolute = std::max(worst_absolute, difference);
      if (difference <= bound.absolute) continue;
      const double error = UlpError(got[i], want);
      if (!(error <= worst)) {
        worst = error;
        worst_x = x[i];
      }
    }
    RecordProperty(std::string(bound.name) + "_max_ulp", std::to_string(worst));
    EXPECT_LE(worst, bound.ulps) << bound.name << " at " << worst_x;
    if (std::getenv("TARE_PRINT_ERRORS") != nullptr) {
      printf("%-9s max %.2f ulp at %g; max absolute error where |result| < 1: %.2g\n", bound.name,
             worst, worst_x, worst_absolute);
    }
  }
}

TEST_P(PointwiseTest, FunctionsReachTheirLimits) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> x = {100.0f, infinity, -110.0f, -infinity, 1000.0f};
  EXPECT_EQ(Unary(UnaryOp::kExp, x), (std::vector<float>{infinity, infinity, 0, 0, infinity}));
  EXPECT_EQ(Unary(UnaryOp::kTanh, x), (std::vector<float>{1, 1, -1, -1, 1}));
  const std::vector<float> y = {100.0f, -200.0f, 1e20f, -1e20f, 0.0f};
  for (UnaryOp op : {UnaryOp::kSilu, UnaryOp::kGeluTanh, UnaryOp::kGeluErf}) {
    EXPECT_EQ(Unary(op, y), (std::vector<float>{100, 0, 1e20f, 0, 0}));
  }
  // Subnormal results of exp are rounded, not flushed.
  EXPECT_NEAR(Unary(UnaryOp::kExp, std::vector<float>{-95.0f})[0] / std::exp(-95.0), 1.0, 1e-3);
}

TEST_P(PointwiseTest, ANanStaysANan) {
  const std::vector<float> x(19, std::numeric_limits<float>::quiet_NaN());
  for (UnaryOp op : {UnaryOp::kScale, UnaryOp::kSilu, UnaryOp::kGeluTanh, UnaryOp::kGeluErf,
                     UnaryOp::kExp, UnaryOp::kTanh}) {
    for (float y : Unary(op, x)) EXPECT_TRUE(std::isnan(y)) << static_cast<int>(op);
  }
}

TEST_P(PointwiseTest, UnaryHandlesEveryLengthAndThreadCount) {
  for (size_t n : {0, 1, 3, 15, 16, 17, 255, 257, 1000}) {
    const std::vector<float> padded = RandomFloats(n + 1, 1, 3.0f);
    const std::span<const float> x(padded.data() + 1, n);
    std::vector<float> want(n);
    UnaryReference({UnaryOp::kScale, x.data(), want.data(), n, 0.75f});
    EXPECT_EQ(Unary(UnaryOp::kScale, x), want);
    const std::vector<float> one = Unary(UnaryOp::kSilu, x);
    for (size_t threads : {2, 3, 8}) EXPECT_EQ(Unary(UnaryOp::kSilu, x, threads), one);
  }
}

TEST_P(PointwiseTest, BinaryAgreesWithTheReferenceForEveryBroadcast) {
  for (BinaryOp op : {BinaryOp::kAdd, BinaryOp::kMul, BinaryOp::kDiv}) {
    for (size_t period : {1, 2, 5, 16, 37, 300}) {
      for (size_t repeats : {1, 2, 7, 19}) {
        const size_t n = period * repeats;
        const std::vector<float> a = RandomFloats(n + 1, 1), b = RandomFloats(period + 1, 2);
        std::vector<float> want(n), got(n);
        BinaryArgs args = {op, a.data() + 1, b.data() + 1, want.data(), n, period};
        BinaryReference(args);
        args.out = got.data();
        Binary(args, 3);
        EXPECT_EQ(got, want) << "op " << static_cast<int>(op) << " period " << period;
      }
    }
  }
}

TEST_P(PointwiseTest, BinaryWorksInPlace) {
  std::vector<float> a = RandomFloats(77, 1);
  const std::vector<float> b = RandomFloats(77, 2);
  std::vector<float> want(77);
  BinaryReference({BinaryOp::kMul, a.data(), b.data(), want.data(), 77, 77});
  Binary({BinaryOp::kMul, a.data(), b.data(), a.data(), 77, 77}, 2);
  EXPECT_EQ(a, want);
}

}  // namespace
}  // namespace tare
