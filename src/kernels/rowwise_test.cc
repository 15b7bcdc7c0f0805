#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/gather.h"
#include "kernels/kernel_testing.h"
#include "kernels/norm.h"
#include "kernels/softmax.h"

namespace tare {
namespace {

constexpr size_t kRows = 5;
const size_t kWidths[] = {1, 2, 3, 15, 16, 17, 33, 90, 576, 997};

void ExpectClose(std::span<const float> got, std::span<const float> want, float tolerance) {
  const CompareReport report = CompareClose(got, want, tolerance);
  EXPECT_TRUE(report.close) << report.message;
}

// One element in, so that no operand is aligned.
struct Rows {
  Rows(size_t rows, size_t cols, uint32_t seed, float scale = 1.0f)
      : values(RandomFloats(rows * cols + 1, seed, scale)) {}
  const float* data() const { return values.data() + 1; }
  std::vector<float> values;
};

class RowwiseTest : public EveryIsa {
 protected:
  template <typename Args>
  void Run(void (*kernel)(const Args&, ThreadSlice) noexcept, const Args& args, size_t threads) {
    RunOnThreads(threads, 0, [&](ThreadSlice slice, std::byte*) { kernel(args, slice); });
  }
};
TARE_INSTANTIATE_EVERY_ISA(RowwiseTest);

TEST_P(RowwiseTest, RmsNormAgreesWithTheReference) {
  for (size_t cols : kWidths) {
    SCOPED_TRACE(cols);
    const Rows x(kRows, cols, 1, 3.0f), gamma(1, cols, 2);
    std::vector<float> want(kRows * cols), got(kRows * cols);
    RmsNormArgs args = {x.data(), gamma.data(), want.data(), kRows, cols, 1e-5f, 0.0f};
    RmsNormReference(args);
    args.out = got.data();
    Run(kernels().rms_norm, args, 2);
    // |out| <= sqrt(cols); the sum of squares errs by cols roundings, the rest by a few.
    const float n = static_cast<float>(cols);
    ExpectClose(got, want, std::sqrt(n) * (n + 8) * kUnitRoundoff);
    // In place.
    std::vector<float> in_place(x.data(), x.data() + kRows * cols);
    args.x = args.out = in_place.data();
    Run(kernels().rms_norm, args, 1);
    EXPECT_EQ(in_place, got);
  }
}

TEST_P(RowwiseTest, RmsNormAddsTheOffsetToGamma) {
  const size_t cols = 37;
  const Rows x(kRows, cols, 1, 3.0f), gamma(1, cols, 2);
  std::vector<float> want(kRows * cols), got(kRows * cols), plain(kRows * cols);
  RmsNormArgs args = {x.data(), gamma.data(), want.data(), kRows, cols, 1e-5f, 1.0f};
  RmsNormReference(args);
  args.out = got.data();
  Run(kernels().rms_norm, args, 2);
  ExpectClose(got, want, 2 * std::sqrt(37.0f) * (37 + 9) * kUnitRoundoff);  // |1 + gamma| <= 2
  args.out = plain.data();
  args.gamma_offset = 0.0f;
  Run(kernels().rms_norm, args, 2);
  EXPECT_NE(got, plain);
}

TEST_P(RowwiseTest, LayerNormAgreesWithTheReference) {
  for (size_t cols : kWidths) {
    SCOPED_TRACE(cols);
    const Rows x(kRows, cols, 1, 3.0f), gamma(1, cols, 2), beta(1, cols, 3);
    std::vector<float> want(kRows * cols), got(kRows * cols);
    LayerNormArgs args = {x.data(), gamma.data(), beta.data(), want.data(), kRows, cols, 1e-5f};
    LayerNormReference(args);
    args.out = got.data();
    Run(kernels().layer_norm, args, 2);
    // The mean errs by cols roundings of |x| <= 3, which the division magnifies by at most
    // 1 / sqrt(epsilon) where a row hardly varies (one column: exactly zero on both sides).
    const float n = static_cast<float>(cols);
    ExpectClose(got, want, (std::sqrt(n) * (n + 8) + 3 * n) * 4 * kUnitRoundoff);
  }
}

TEST_P(RowwiseTest, LayerNormDoesNotCancelFarFromZero) {
  const size_t cols = 64;
  std::vector<float> x = RandomFloats(cols, 1);
  for (float& value : x) value += 4096.0f;
  const std::vector<float> gamma(cols, 1.0f), beta(cols, 0.0f);
  std::vector<float> want(cols), got(cols);
  LayerNormArgs args = {x.data(), gamma.data(), beta.data(), want.data(), 1, cols, 1e-5f};
  LayerNormReference(args);
  args.out = got.data();
  Run(kernels().layer_norm, args, 1);
  // The mean is within a few units in the last place of 4096 (2^-11), the deviation near 0.58.
  ExpectClose(got, want, 4 * 0x1p-11f);
}

TEST_P(RowwiseTest, SoftmaxAgreesWithTheReference) {
  for (size_t cols : kWidths) {
    SCOPED_TRACE(cols);
    const Rows x(kRows, cols, 1, 20.0f);
    std::vector<float> want(kRows * cols), got(kRows * cols, 5.0f);
    SoftmaxArgs args = {x.data(), want.data(), kRows, cols, 0, 0};
    SoftmaxReference(args);
    args.out = got.data();
    Run(kernels().softmax, args, 2);
    // Differences of at most 40 round by 20 units; exp adds two, the sum cols, the division one.
    ExpectClose(got, want, (static_cast<float>(cols) + 64) * kUnitRoundoff);
    float sum = 0;
    for (size_t c = 0; c < cols; ++c) sum += got[c];
    EXPECT_NEAR(sum, 1.0f, (static_cast<float>(cols) + 8) * kUnitRoundoff);
  }
}

TEST_P(RowwiseTest, SoftmaxIsFiniteForHugeInputsAndZeroForMinusInfinity) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float x[] = {1e30f, -infinity, 1e30f, -1e30f, 0.0f};
  float out[5];
  Run(kernels().softmax, SoftmaxArgs{x, out, 1, 5, 0, 0}, 1);
  const float want[] = {0.5f, 0.0f, 0.5f, 0.0f, 0.0f};
  ExpectClose(out, want, 0.0f);
}

TEST_P(RowwiseTest, CausalSoftmaxIgnoresTheFuture) {
  // Two heads, three queries, seven keys: query t sees 4 + t + 1 keys.
  const size_t queries = 3, cols = 7, rows = 2 * queries;
  std::vector<float> x = RandomFloats(rows * cols, 1, 4.0f);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 5 + r % queries; c < cols; ++c) x[r * cols + c] = 1e30f;
  }
  std::vector<float> want(x.size()), got(x.size());
  SoftmaxArgs args = {x.data(), want.data(), rows, cols, queries, 0};
  SoftmaxReference(args);
  args.out = got.data();
  Run(kernels().softmax, args, 2);
  ExpectClose(got, want, 64 * kUnitRoundoff);
  EXPECT_EQ(got[5], 0.0f);
  EXPECT_NE(got[cols + 5], 0.0f);
  // With a window of three, query 0 sees keys 2 to 4.
  args.window = 3;
  args.out = want.data();
  SoftmaxReference(args);
  args.out = got.data();
  Run(kernels().softmax, args, 2);
  ExpectClose(got, want, 64 * kUnitRoundoff);
  EXPECT_EQ(got[1], 0.0f);
  EXPECT_NE(got[2], 0.0f);
  EXPECT_NE(got[4], 0.0f);
  EXPECT_EQ(got[cols + 6], 0.0f);
}

TEST_P(RowwiseTest, GatherWidensTheRowsThatAreAskedFor) {
  const int32_t ids[] = {6, 0, 3, 3, 2};
  for (DType type : WeightTypes()) {
    for (const size_t least : {32, 64, 96, 1, 7, 33, 90, 300}) {
      const size_t cols = WholeBlocks(type, least);
      SCOPED_TRACE(testing::Message() << DTypeName(type) << " " << cols);
      const std::vector<std::byte> rows = RandomWeights(type, 7 * cols, 1);
      const Misaligned table(rows.data(), rows.size(), 2);
      std::vector<float> want(5 * (cols + 2), 9.0f), got = want;
      GatherArgs args = {type, table.data(), cols, ids, 5, want.data(), cols + 2, 1.5f};
      GatherReference(args);
      args.out = got.data();
      Run(kernels().gather, args, 3);
      // |d q| and |m| are at most 1.5 before scaling; two roundings against one.
      ExpectClose(got, want, 8 * kUnitRoundoff);
    }
  }
}

TEST_P(RowwiseTest, ResultsDoNotDependOnTheNumberOfThreads) {
  const Rows x(kRows, 90, 1), gamma(1, 90, 2);
  std::vector<float> one(kRows * 90);
  Run(kernels().rms_norm, RmsNormArgs{x.data(), gamma.data(), one.data(), kRows, 90, 0.0f}, 1);
  for (size_t threads = 2; threads <= 8; ++threads) {
    std::vector<float> many(kRows * 90);
    Run(kernels().rms_norm, RmsNormArgs{x.data(), gamma.data(), many.data(), kRows, 90, 0.0f},
        threads);
    EXPECT_EQ(one, many);
  }
}

}  // namespace
}  // namespace tare
