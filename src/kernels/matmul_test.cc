#include "kernels/matmul.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "kernels/kernel_testing.h"
#include "tensor/dequantize.h"

namespace tare {
namespace {

struct Problem {
  size_t t, n, k;
  DType type;
  WeightLayout layout = WeightLayout::kOutIn;
  size_t offset = 0;  // of weight, in bytes, from a 64-byte boundary
};

// Operands, padded rows, and what the reference makes of them.
class Operands {
 public:
  explicit Operands(const Problem& problem)
      : problem_(problem),
        x_(RandomFloats(problem.t * x_stride(), 1)),
        weight_(RandomWeights(problem.type, problem.n * problem.k, 2)),
        placed_(weight_.data(), weight_.size(), problem.offset) {}

  std::vector<float>& x() { return x_; }
  size_t x_stride() const { return problem_.k + 3; }
  size_t y_stride() const { return problem_.n + 5; }

  MatMulArgs Args(std::vector<float>& y, std::span<const MatMulTail> tails = {}) const {
    y.assign(problem_.t * y_stride(), kUntouched);
    return {.x = x_.data(),
            .x_stride = x_stride(),
            .weight_type = problem_.type,
            .layout = problem_.layout,
            .weight = placed_.data(),
            .n = problem_.n,
            .k = problem_.k,
            .y = y.data(),
            .y_stride = y_stride(),
            .t = problem_.t,
            .tails = tails};
  }

  // The bound for a sum of k products in any order: (k + 2) u Σ |x w|, and a rounding for each
  // weight that the kernel widens with another rounding than the reference.
  std::vector<float> Tolerance() const {
    std::vector<float> w(problem_.n * problem_.k);
    DequantizeRow(problem_.type, weight_.data(), w.size(), w.data());
    std::vector<float> tolerance(problem_.t * y_stride(), 0.0f);
    const float factor = static_cast<float>(problem_.k + 4) * kUnitRoundoff;
    for (size_t t = 0; t < problem_.t; ++t) {
      for (size_t n = 0; n < problem_.n; ++n) {
        float magnitude = 0;
        for (size_t k = 0; k < problem_.k; ++k) {
          const bool out_in = problem_.layout == WeightLayout::kOutIn;
          const float weight = w[out_in ? n * problem_.k + k : k * problem_.n + n];
          // The largest intermediate of a block: |d q| + |m| may exceed |w|.
          magnitude += std::fabs(x_[t * x_stride() + k]) *
                       (std::fabs(weight) + (IsBlockQuantized(problem_.type) ? 1.0f : 0.0f));
        }
        tolerance[t * y_stride() + n] = factor * magnitude;
      }
    }
    return tolerance;
  }

  static constexpr float kUntouched = 12345.0f;

 private:
  Problem problem_;
  std::vector<float> x_;
  std::vector<std::byte> weight_;
  Misaligned placed_;
};

void RunKernel(const KernelTable& kernels, const MatMulArgs& args, size_t threads) {
  RunOnThreads(
      threads, kernels.matmul_scratch_bytes(args),
      [&](ThreadSlice slice, std::byte* scratch) { kernels.matmul(args, slice, scratch); });
}

void ExpectLikeReference(const KernelTable& kernels, const Problem& problem) {
  SCOPED_TRACE(testing::Message() << DTypeName(problem.type) << " t " << problem.t << " n "
                                  << problem.n << " k " << problem.k << " layout "
                                  << static_cast<int>(problem.layout));
  const Operands operands(problem);
  std::vector<float> want, got;
  MatMulReference(operands.Args(want));
  RunKernel(kernels, operands.Args(got), 2);
  const CompareReport report = CompareClose(got, want, operands.Tolerance());
  EXPECT_TRUE(report.close) << report.message;
}

class MatMulTest : public EveryIsa {};
TARE_INSTANTIATE_EVERY_ISA(MatMulTest);

TEST_P(MatMulTest, AgreesWithTheReferenceForEveryTypeAndTokenCount) {
  for (DType type : WeightTypes()) {
    for (size_t t : {1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 24, 35}) {
      ExpectLikeReference(kernels(), {t, 37, WholeBlocks(type, 90), type});
    }
  }
}

TEST_P(MatMulTest, AgreesWithTheReferenceForOddSizes) {
  for (DType type : WeightTypes()) {
    std::set<size_t> depths;
    for (size_t k : {1, 7, 31, 32, 33, 90, 160}) depths.insert(WholeBlocks(type, k));
    for (size_t n : {1, 2, 5, 31, 33, 130, 997}) {
      for (size_t k : depths) {
        for (size_t t : {1, 3, 11}) ExpectLikeReference(kernels(), {t, n, k, type});
      }
    }
  }
}

TEST_P(MatMulTest, AgreesWithTheReferenceForDeepSums) {
  // Deeper than a packed block, with and without a remainder.
  for (size_t t : {1, 4, 20}) {
    ExpectLikeReference(kernels(), {t, 35, 1537, DType::kF32});
    for (DType type : WeightTypes()) {
      if (IsBlockQuantized(type)) ExpectLikeReference(kernels(), {t, 35, 2304, type});
    }
    ExpectLikeReference(kernels(), {t, 35, 1100, DType::kBF16, WeightLayout::kInOut});
  }
}

TEST_P(MatMulTest, AgreesWithTheReferenceForMoreColumnsThanAreTakenAtOnce) {
  for (DType type : {DType::kF32, DType::kF16, DType::kBF16}) {
    for (size_t t : {1, 2}) {
      ExpectLikeReference(kernels(), {t, 9001, 43, type, WeightLayout::kInOut});
    }
  }
}

TEST_P(MatMulTest, AgreesWithTheReferenceForKerasLayout) {
  for (DType type : {DType::kF32, DType::kF16, DType::kBF16}) {
    for (size_t n : {1, 5, 33, 131}) {
      for (size_t k : {1, 7, 8, 31, 90}) {
        for (size_t t : {1, 2, 7, 8, 9, 26}) {
          ExpectLikeReference(kernels(), {t, n, k, type, WeightLayout::kInOut});
        }
      }
    }
  }
}

TEST_P(MatMulTest, ReadsWeightsAtAnyAlignment) {
  for (DType type : WeightTypes()) {
    for (size_t offset : {2, 4, 6, 62}) {
      for (size_t t : {1, 12}) {
        ExpectLikeReference(kernels(),
                            {t, 19, WholeBlocks(type, 64), type, WeightLayout::kOutIn, offset});
      }
    }
    if (!IsBlockQuantized(type)) {
      ExpectLikeReference(kernels(), {1, 19, 61, type, WeightLayout::kInOut, 2});
    }
  }
}

TEST_P(MatMulTest, ResultDoesNotDependOnTheNumberOfThreads) {
  for (const Problem& problem :
       {Problem{1, 197, 96, DType::kQ4_1}, Problem{3, 197, 96, DType::kQ8_0},
        Problem{25, 70, 1056, DType::kQ4_0}, Problem{1, 197, 90, DType::kF32},
        Problem{2, 197, 512, DType::kQ6_K}, Problem{25, 70, 1280, DType::kQ6_K},
        Problem{1, 4197, 91, DType::kF32, WeightLayout::kInOut},
        Problem{2, 197, 90, DType::kF16, WeightLayout::kInOut},
        Problem{40, 45, 90, DType::kBF16, WeightLayout::kInOut}}) {
    const Operands operands(problem);
    std::vector<float> one;
    RunKernel(kernels(), operands.Args(one), 1);
    for (size_t threads = 2; threads <= 8; ++threads) {
      std::vector<float> many;
      RunKernel(kernels(), operands.Args(many), threads);
      EXPECT_EQ(0, std::memcmp(one.data(), many.data(), one.size() * sizeof(float)))
          << DTypeName(problem.type) << " with " << threads << " threads";
    }
  }
}

TEST_P(MatMulTest, AppliesTailsInOrderOverThePaddingOfNoOne) {
  for (size_t t : {1, 5, 14}) {
    const Problem problem = {t, 53, 64, DType::kQ4_1};
    const Operands operands(problem);
    const std::vector<float> bias = RandomFloats(problem.n, 3);
    const std::vector<float> gate = RandomFloats(t * 60, 4);
    const std::vector<float> residual = RandomFloats(t * 57, 5);
    const MatMulTail tails[] = {{TailKind::kBias, bias.data(), 0},
                                {TailKind::kSilu, nullptr, 0},
                                {TailKind::kMul, gate.data(), 60},
                                {TailKind::kAdd, residual.data(), 57},
                                {TailKind::kGeluTanh, nullptr, 0}};
    std::vector<float> want, got;
    MatMulReference(operands.Args(want, tails));
    RunKernel(kernels(), operands.Args(got, tails), 2);
    // Each tail has slope at most 1.2 here, adds a few roundings of a value of magnitude below the
    // sum's, and keeps padding as it is.
    std::vector<float> tolerance = operands.Tolerance();
    for (float& value : tolerance) value = 2.5f * value + 16 * kUnitRoundoff * std::fabs(value);
    for (size_t row = 0; row < t; ++row) {
      for (size_t n = 0; n < problem.n; ++n) {
        tolerance[row * operands.y_stride() + n] +=
            8 * kUnitRoundoff * (1 + std::fabs(want[row * operands.y_stride() + n]));
      }
    }
    const CompareReport report = CompareClose(got, want, tolerance);
    EXPECT_TRUE(report.close) << report.message;
    EXPECT_EQ(got[problem.n], Operands::kUntouched);
  }
}

// Whether a type is decoded in registers or goes through the kernels of f32, its numbers are those
// of DequantizeRow, and they are added in the same order.
// Whether a product is computed in integers (level_dot_avx2-inl.h).
bool IsInIntegers(CpuIsa isa, DType type, size_t t) {
  const DType types[] = {DType::kQ5_0, DType::kQ5_1, DType::kQ4_K, DType::kQ5_K, DType::kQ6_K};
  return isa == CpuIsa::kAvx2 && t == 1 && std::ranges::count(types, type) != 0;
}

TEST_P(MatMulTest, BlocksGiveTheBitsOfTheirValuesButInIntegers) {
  for (const DType type : WeightTypes()) {
    if (!IsBlockQuantized(type)) continue;
    for (size_t t : {1, 2, 3, 5, 8, 9, 24}) {
      const size_t k = BlockElements(type) == 32 ? 1056 : 512;
      const Problem problem = {t, 37, k, type};
      const Operands operands(problem);
      std::vector<float> want, got, values(problem.n * problem.k);
      MatMulArgs args = operands.Args(got);
      RunKernel(kernels(), args, 2);
      DequantizeRow(problem.type, args.weight, values.size(), values.data());
      args = operands.Args(want);
      args.weight_type = DType::kF32;
      args.weight = reinterpret_cast<const std::byte*>(values.data());
      RunKernel(kernels(), args, 2);
      if (IsInIntegers(GetParam(), type, t)) {
        const CompareReport report = CompareClose(got, want, operands.Tolerance());
        EXPECT_TRUE(report.close) << DTypeName(type) << " " << report.message;
      } else {
        EXPECT_EQ(got, want) << DTypeName(type) << " " << t;
      }
    }
  }
}

// Activations of any size, and some that are not finite.
TEST_P(MatMulTest, BlocksTakeActivationsOfEverySize) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const DType type : WeightTypes()) {
    if (!IsBlockQuantized(type)) continue;
    Operands operands({1, 9, 512, type});
    for (const float factor : {0.0f, 1e-38f, 1e-20f, 1e20f}) {
      operands.x() = RandomFloats(operands.x().size(), 7);
      for (float& x : operands.x()) x *= factor;
      std::vector<float> want, got;
      MatMulReference(operands.Args(want));
      RunKernel(kernels(), operands.Args(got), 1);
      std::vector<float> tolerance = operands.Tolerance();
      for (float& value : tolerance) value += 512 * 1e-29f;  // less is taken for zero
      const CompareReport report = CompareClose(got, want, tolerance);
      EXPECT_TRUE(report.close) << DTypeName(type) << " times " << factor << report.message;
    }
    for (const float outlier : {1e6f, -3e4f}) {
      operands.x() = RandomFloats(operands.x().size(), 7);
      operands.x()[100] = outlier;
      std::vector<float> want, got;
      MatMulReference(operands.Args(want));
      RunKernel(kernels(), operands.Args(got), 1);
      const CompareReport report = CompareClose(got, want, operands.Tolerance());
      EXPECT_TRUE(report.close) << DTypeName(type) << " beside " << outlier << report.message;
    }
    for (const float wild : {kInfinity, -kInfinity, std::nanf("")}) {
      operands.x() = RandomFloats(operands.x().size(), 7);
      operands.x()[300] = wild;
      std::vector<float> got;
      const MatMulArgs args = operands.Args(got);
      RunKernel(kernels(), args, 1);
      for (size_t n = 0; n < args.n; ++n) {
        EXPECT_FALSE(std::isfinite(got[n])) << DTypeName(type) << " beside " << wild;
      }
    }
  }
}

TEST_P(MatMulTest, SpreadsFewColumnsOverManyThreadsByTokens) {
  const Problem problem = {64, 7, 33, DType::kF32};
  const Operands operands(problem);
  std::vector<float> want, got;
  MatMulReference(operands.Args(want));
  RunKernel(kernels(), operands.Args(got), 8);
  const CompareReport report = CompareClose(got, want, operands.Tolerance());
  EXPECT_TRUE(report.close) << report.message;
}

// A type that cannot be decoded must not leave the result as it was.
TEST(MatMulWeightTypeTest, WeightsThatNothingDecodesFailACheck) {
  const std::vector<float> x(8), weight(8);
  std::vector<float> y(1);
  for (const CpuIsa isa : SupportedCpuIsas()) {
    MatMulArgs args;
    args.x = x.data();
    args.weight_type = DType::kI32;
    args.weight = reinterpret_cast<const std::byte*>(weight.data());
    args.n = 1;
    args.k = args.x_stride = 8;
    args.y = y.data();
    args.y_stride = args.t = 1;
    EXPECT_DEATH(KernelsFor(isa).matmul(args, {0, 1}, nullptr), "nothing decodes .* i32");
  }
}

}  // namespace
}  // namespace tare
