#include "runtime/experts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "graph/builder.h"
#include "graph/infer.h"
#include "kernels/kernel_testing.h"
#include "runtime/executor.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr size_t kIdRows = 16;  // different tokens
constexpr size_t kAllExperts = 5;
constexpr size_t kUsedExperts = 2;
constexpr size_t kOutputs = 21;

// A tensor and its memory.
struct Held {
  std::vector<std::byte> bytes;
  TensorView view;
};

Held RandomTensor(DType type, const Shape& shape, uint32_t seed) {
  Held held = {RandomWeights(type, shape.elements(), seed), {}};
  held.view = {type, shape, held.bytes.data()};
  return held;
}

// Tokens whose inputs and probabilities are looked up, and go to experts.
struct ExpertCase {
  ExpertCase(DType type, size_t inputs)
      : k(inputs),
        table(RandomTensor(DType::kF32, {kIdRows, inputs}, 1)),
        rates(RandomTensor(DType::kF32, {kIdRows, kAllExperts}, 2)),
        weights(RandomTensor(type, {kAllExperts, kOutputs, inputs}, 3)),
        inner(RandomTensor(DType::kF32, {kAllExperts, 7, kOutputs}, 4)) {}

  float Rate(int32_t id, size_t expert) const {
    return rates.view.f32()[static_cast<size_t>(id) * kAllExperts + expert];
  }
  std::vector<size_t> ExpertsOf(int32_t id) const {
    std::vector<size_t> order(kAllExperts);
    std::iota(order.begin(), order.end(), size_t{0});
    std::ranges::stable_sort(order, [&](size_t a, size_t b) { return Rate(id, a) > Rate(id, b); });
    order.resize(kUsedExperts);
    return order;
  }

  size_t k;
  Held table, rates, weights, inner;
};

enum class Output { kExperts, kShares, kNormalised, kProduct, kSecondProduct };

// One constant of all, or one of each expert.
std::vector<NodeId> Constants(GraphBuilder& builder, const TensorView& all, bool is_stacked) {
  if (is_stacked) return {builder.Constant(all, "experts")};
  std::vector<NodeId> each;
  for (size_t e = 0; e < all.shape[0]; ++e) {
    TensorView one = all;
    one.shape = {all.shape[1], all.shape[2]};
    one.data += e * one.bytes();
    each.push_back(builder.Constant(one, "expert"));
  }
  return each;
}

Graph GraphOf(const ExpertCase& test, Output output, bool is_stacked) {
  GraphBuilder builder;
  const NodeId ids = builder.TokenIds();
  const NodeId x = builder.Gather(builder.Constant(test.table.view, "table"), ids);
  const NodeId rates = builder.Gather(builder.Constant(test.rates.view, "rates"), ids);
  const NodeId experts = builder.TopExperts(rates, kUsedExperts);
  if (output == Output::kExperts) return std::move(builder).Finish(experts);
  if (output == Output::kShares || output == Output::kNormalised) {
    const bool normalise = output == Output::kNormalised;
    return std::move(builder).Finish(builder.ExpertWeights(rates, experts, normalise));
  }
  NodeId y = builder.ExpertMatMul(x, experts, Constants(builder, test.weights.view, is_stacked),
                                  "product");
  if (output == Output::kSecondProduct) {
    y = builder.ExpertMatMul(y, experts, Constants(builder, test.inner.view, is_stacked), "second");
  }
  return std::move(builder).Finish(y);
}

std::vector<float> RunExperts(const KernelTable& kernels, const ExpertCase& test, Output output,
                              const std::vector<int32_t>& ids, bool is_stacked = true,
                              size_t threads = 2) {
  ThreadPool pool(threads);
  auto executor = Executor::Create(GraphOf(test, output, is_stacked), kernels, pool);
  EXPECT_TRUE(executor.ok()) << executor.error().message();
  auto cache = KvCache::Create(executor->CacheSlotElements(), ids.size());
  const auto result = executor->Run(ids, *cache);
  EXPECT_TRUE(result.ok()) << result.error().message();
  return {result->begin(), result->end()};
}

std::vector<int32_t> SomeIds(size_t count) {
  std::mt19937 random(5);
  std::vector<int32_t> ids(count);
  for (int32_t& id : ids) id = static_cast<int32_t>(random() % kIdRows);
  return ids;
}

// rows[i] times the matrix [n, k] of its expert, and the bound for a sum of k products in any
// order.
class PlainProducts {
 public:
  PlainProducts(const TensorView& weights, size_t n, size_t k) : n_(n), k_(k) {
    plain_.resize(weights.shape.elements());
    DequantizeRow(weights.dtype, weights.data, plain_.size(), plain_.data());
    // The largest intermediate of a block may exceed the number that it makes.
    more_ = IsBlockQuantized(weights.dtype) ? 1.0 : 0.0;
  }

  void Add(const float* row, size_t expert) {
    for (size_t n = 0; n < n_; ++n) {
      const float* const w = plain_.data() + (expert * n_ + n) * k_;
      double sum = 0;
      double magnitude = 0;
      for (size_t k = 0; k < k_; ++k) {
        sum += double{row[k]} * double{w[k]};
        magnitude += std::abs(double{row[k]}) * (std::abs(double{w[k]}) + more_);
      }
      want.push_back(static_cast<float>(sum));
      tolerance.push_back(static_cast<float>(magnitude) * static_cast<float>(k_ + 4) *
                          kUnitRoundoff);
    }
  }

  std::vector<float> want, tolerance;

 private:
  size_t n_, k_;
  std::vector<float> plain_;
  double more_ = 0.0;
};

class ExpertsTest : public EveryIsa {};
TARE_INSTANTIATE_EVERY_ISA(ExpertsTest);

TEST_P(ExpertsTest, EachTokenIsMultipliedByItsOwnExperts) {
  for (const DType type : WeightTypes()) {
    const ExpertCase test(type, WholeBlocks(type, 37));
    // One token, a few, and, where that is quick, more than an expert takes at once.
    const bool is_plain = type == DType::kF32;
    for (const size_t tokens : {1, 11, is_plain ? 200 : 3}) {
      SCOPED_TRACE(testing::Message() << DTypeName(type) << ", " << tokens);
      const std::vector<int32_t> ids = SomeIds(tokens);
      PlainProducts plain(test.weights.view, kOutputs, test.k);
      for (const int32_t id : ids) {
        const float* const row = test.table.view.f32() + static_cast<size_t>(id) * test.k;
        for (const size_t expert : test.ExpertsOf(id)) plain.Add(row, expert);
      }
      for (const bool is_stacked : {true, false}) {
        const std::vector<float> got =
            RunExperts(kernels(), test, Output::kProduct, ids, is_stacked);
        const CompareReport report = CompareClose(got, plain.want, plain.tolerance);
        EXPECT_TRUE(report.close) << report.message;
      }
    }
  }
}

TEST_P(ExpertsTest, EachRowOfATokenHasItsOwnExpert) {
  const ExpertCase test(DType::kF32, 37);
  const std::vector<int32_t> ids = SomeIds(23);
  const std::vector<float> rows = RunExperts(kernels(), test, Output::kProduct, ids);
  PlainProducts plain(test.inner.view, 7, kOutputs);
  size_t row = 0;
  for (const int32_t id : ids) {
    for (const size_t expert : test.ExpertsOf(id)) plain.Add(&rows[kOutputs * row++], expert);
  }
  const std::vector<float> got = RunExperts(kernels(), test, Output::kSecondProduct, ids);
  const CompareReport report = CompareClose(got, plain.want, plain.tolerance);
  EXPECT_TRUE(report.close) << report.message;
}

TEST_P(ExpertsTest, TheNumberOfThreadsChangesNothing) {
  const ExpertCase test(DType::kQ8_0, 64);
  const std::vector<int32_t> ids = SomeIds(40);
  EXPECT_EQ(RunExperts(kernels(), test, Output::kProduct, ids, true, 1),
            RunExperts(kernels(), test, Output::kProduct, ids, true, 3));
}

TEST_P(ExpertsTest, ExpertsThatNoTokenUsesAreNotMultiplied) {
  ExpertCase test(DType::kF32, 37);
  constexpr int32_t kId = 4;
  auto* const weights = reinterpret_cast<float*>(test.weights.bytes.data());
  const std::vector<size_t> used = test.ExpertsOf(kId);
  const size_t each = kOutputs * test.k;
  for (size_t i = 0; i < kAllExperts * each; ++i) {
    if (std::ranges::find(used, i / each) == used.end()) {
      weights[i] = std::numeric_limits<float>::quiet_NaN();
    }
  }
  for (const float value : RunExperts(kernels(), test, Output::kProduct, {kId, kId, kId})) {
    EXPECT_TRUE(std::isfinite(value));
  }
}

TEST(ExpertRoutingTest, TheMostLikelyAreTakenAndTheirWeightsMadeToSumToOne) {
  ExpertCase test(DType::kF32, 3);
  auto* const rates = reinterpret_cast<float*>(test.rates.bytes.data());
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float rows[][kAllExperts] = {
      {0.1f, 0.25f, 0.0f, 0.15f, 0.5f}, {0.2f, 0.3f, 0.3f, 0.2f, 0.0f}, {nan, nan, nan, nan, nan}};
  std::copy_n(&rows[0][0], std::size(rows) * kAllExperts, rates);
  const KernelTable& kernels = KernelsFor(SupportedCpuIsas().back());
  std::vector<int32_t> experts;
  for (const float bits : RunExperts(kernels, test, Output::kExperts, {0, 1, 2})) {
    experts.push_back(std::bit_cast<int32_t>(bits));
  }
  EXPECT_THAT(experts, ElementsAre(4, 1, 1, 2, 0, 1));
  EXPECT_THAT(RunExperts(kernels, test, Output::kShares, {0, 1}),
              ElementsAre(0.5f, 0.25f, 0.3f, 0.3f));
  EXPECT_THAT(RunExperts(kernels, test, Output::kNormalised, {0, 1}),
              ElementsAre(0.5f / 0.75f, 0.25f / 0.75f, 0.5f, 0.5f));
}

TEST(ExpertRoutingTest, ShapesThatDoNotFitAreRefused) {
  const ExpertCase test(DType::kF32, 37);
  Graph graph = GraphOf(test, Output::kProduct, false);
  Node product = graph.node(graph.output());
  const auto message = [&graph](const Node& node) {
    const auto type = InferType(graph, node);
    return type.ok() ? std::string() : type.error().message();
  };
  EXPECT_EQ(message(product), "");
  Node other = product;
  other.inputs.back() = other.inputs[0];
  EXPECT_THAT(message(other), HasSubstr("a matrix as f32 [21, 37]"));
  other = product;
  std::swap(other.inputs[0], other.inputs[1]);
  EXPECT_THAT(message(other), HasSubstr("i32, its last axis static"));
  Node top = graph.node(product.inputs[1]);
  top.type.dims.back() = Dim(kAllExperts + 1);
  EXPECT_THAT(message(top), HasSubstr("as many experts as"));
}

}  // namespace
}  // namespace tare
