#include "kernels/batched_matmul.h"

#include <gtest/gtest.h>

#include <vector>

#include "kernels/kernel_testing.h"

namespace tare {
namespace {

struct Sizes {
  size_t i, j, m, n, k;
};

class BatchedMatMulTest : public EveryIsa {
 protected:
  void Run(const BatchedMatMulArgs& args, size_t threads) {
    RunOnThreads(threads, kernels().batched_matmul_scratch_bytes(args),
                 [&](ThreadSlice slice, std::byte* scratch) {
                   kernels().batched_matmul(args, slice, scratch);
                 });
  }
};
TARE_INSTANTIATE_EVERY_ISA(BatchedMatMulTest);

// Strides of [i, j, row, col], stored so or with the last two axes swapped, or with j inside row.
enum class Order { kPlain, kTransposed, kBatchInside };

template <typename T>
StridedMatrices<T> Place(T* data, const Sizes& s, size_t rows, size_t cols, Order order) {
  switch (order) {
    case Order::kPlain:
      return {data, {s.j * rows * cols, rows * cols}, cols, 1};
    case Order::kTransposed:
      return {data, {s.j * rows * cols, rows * cols}, 1, rows};
    case Order::kBatchInside:
      return {data, {s.j * rows * cols, cols}, s.j * cols, 1};
  }
  return {};
}

TEST_P(BatchedMatMulTest, AgreesWithTheReferenceForEveryOrderOfAxes) {
  for (const Sizes& s : {Sizes{2, 3, 5, 7, 11}, Sizes{1, 1, 1, 1, 1}, Sizes{1, 2, 130, 33, 70},
                         Sizes{1, 1, 13, 97, 530}, Sizes{3, 1, 1, 64, 17}}) {
    const std::vector<float> a = RandomFloats(s.i * s.j * s.m * s.k, 1);
    const std::vector<float> b = RandomFloats(s.i * s.j * s.k * s.n, 2);
    for (Order a_order : {Order::kPlain, Order::kTransposed, Order::kBatchInside}) {
      for (Order b_order : {Order::kPlain, Order::kTransposed}) {
        for (Order c_order : {Order::kPlain, Order::kBatchInside}) {
          std::vector<float> want(s.i * s.j * s.m * s.n), got(want.size());
          BatchedMatMulArgs args = {Place(a.data(), s, s.m, s.k, a_order),
                                    Place(b.data(), s, s.k, s.n, b_order),
                                    Place(want.data(), s, s.m, s.n, c_order),
                                    {s.i, s.j},
                                    s.m,
                                    s.n,
                                    s.k};
          BatchedMatMulReference(args);
          args.c.data = got.data();
          Run(args, 2);
          // (k + 2) u Σ |a b|, with |a b| <= 1.
          const float k = static_cast<float>(s.k);
          const CompareReport report = CompareClose(got, want, (k + 2) * k * kUnitRoundoff);
          EXPECT_TRUE(report.close) << report.message;
        }
      }
    }
  }
}

TEST_P(BatchedMatMulTest, BroadcastsAnOperandOfStrideZero) {
  const Sizes s = {2, 3, 4, 5, 6};
  const std::vector<float> a = RandomFloats(s.i * s.j * s.m * s.k, 1);
  const std::vector<float> b = RandomFloats(s.k * s.n, 2);
  std::vector<float> want(s.i * s.j * s.m * s.n), got(want.size());
  BatchedMatMulArgs args = {Place(a.data(), s, s.m, s.k, Order::kPlain),
                            {b.data(), {0, 0}, s.n, 1},
                            Place(want.data(), s, s.m, s.n, Order::kPlain),
                            {s.i, s.j},
                            s.m,
                            s.n,
                            s.k};
  BatchedMatMulReference(args);
  args.c.data = got.data();
  Run(args, 1);
  const CompareReport report = CompareClose(got, want, 48 * kUnitRoundoff);
  EXPECT_TRUE(report.close) << report.message;
}

TEST_P(BatchedMatMulTest, ResultDoesNotDependOnTheNumberOfThreads) {
  const Sizes s = {1, 3, 100, 40, 300};
  const std::vector<float> a = RandomFloats(s.j * s.m * s.k, 1);
  const std::vector<float> b = RandomFloats(s.j * s.k * s.n, 2);
  std::vector<float> one(s.j * s.m * s.n);
  BatchedMatMulArgs args = {Place(a.data(), s, s.m, s.k, Order::kPlain),
                            Place(b.data(), s, s.k, s.n, Order::kTransposed),
                            Place(one.data(), s, s.m, s.n, Order::kPlain),
                            {s.i, s.j},
                            s.m,
                            s.n,
                            s.k};
  Run(args, 1);
  for (size_t threads = 2; threads <= 8; ++threads) {
    std::vector<float> many(one.size());
    args.c.data = many.data();
    Run(args, threads);
    EXPECT_EQ(one, many) << threads;
  }
}

}  // namespace
}  // namespace tare
