#include "runtime/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <numeric>

#include "base/testing/fails_with.h"
#include "base/testing/temp_folder.h"
#include "models/families/llama/testing/tiny_llama.h"
#include "models/model.h"
#include "passes/pass_manager.h"
#include "runtime/evaluator.h"

namespace tare {
namespace {

using Logits = std::vector<float>;

struct RunOptions {
  std::string passes = {};
  size_t threads = 2;
  size_t at_once = 1000;  // tokens a step
  CpuIsa isa = SupportedCpuIsas().back();
};

class ExecutorTest : public ::testing::Test {
 protected:
  void Write(const TinyLlama& tiny) {
    const std::string path = folder_ + "/model.gguf";
    std::filesystem::remove(path);
    const Status written = WriteTinyLlama(tiny, path);
    ASSERT_TRUE(written.ok()) << written.error().message();
    Result<Model> model = Model::Open(path);
    ASSERT_TRUE(model.ok()) << model.error().message();
    model_ = std::make_unique<Model>(*std::move(model));
  }

  Executor MakeExecutor(const RunOptions& options, ThreadPool& pool) {
    const KernelTable& kernels = KernelsFor(options.isa);
    const auto passes = PassSelection::Parse(options.passes);
    Graph graph = *model_->BuildGraph(LogitsFor::kAllTokens);
    KernelEvaluator evaluator(kernels);
    EXPECT_TRUE(RunPasses(*passes, &evaluator, &graph).ok());
    auto executor =
        Executor::Create(std::move(graph), kernels, pool, passes->Enabled(kReuseMemory));
    EXPECT_TRUE(executor.ok());
    return *std::move(executor);
  }

  // Logits of every position.
  Logits Run(const std::vector<int32_t>& ids, const RunOptions& options = {}) {
    ThreadPool pool(options.threads);
    Executor executor = MakeExecutor(options, pool);
    auto cache = KvCache::Create(executor.CacheSlotElements(), ids.size());
    EXPECT_TRUE(cache.ok());
    Logits all;
    for (size_t i = 0; i < ids.size(); i += options.at_once) {
      const size_t n = std::min(options.at_once, ids.size() - i);
      const auto logits = executor.Run(std::span(ids).subspan(i, n), *cache);
      EXPECT_TRUE(logits.ok()) << logits.error().message();
      all.insert(all.end(), logits->begin(), logits->end());
    }
    return all;
  }

  const TempFolder temp_;
  const std::string& folder_ = temp_.path();
  std::unique_ptr<Model> model_;
};

std::vector<int32_t> TokenIds(size_t n) {
  std::vector<int32_t> ids(n);
  for (size_t i = 0; i < n; ++i) ids[i] = static_cast<int32_t>((i * 11 + 3) % 37);
  return ids;
}

// Two orders of the same f32 sums: four products deep a layer, each of at most 128 terms, on logits
// of magnitude `scale`. Worst case of one sum is n * eps * sum|ab|; the walk of rounding errors is
// near its root.
void ExpectClose(const Logits& got, const Logits& want) {
  ASSERT_EQ(got.size(), want.size());
  float scale = 0.0f;
  for (float value : want) scale = std::max(scale, std::fabs(value));
  ASSERT_GT(scale, 0.1f);
  const float tolerance = 2 * 4 * std::sqrt(128.0f) * 1.2e-7f * 8 * scale;
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_TRUE(std::fabs(got[i] - want[i]) <= tolerance)
        << "logit " << i << ": " << got[i] << " against " << want[i];
  }
}

TEST_F(ExecutorTest, EveryPassMayBeLeftOut) {
  for (const DType type : {DType::kF32, DType::kBF16, DType::kQ4_1}) {
    TinyLlama tiny;
    tiny.weights = type;
    tiny.rope_divisors = true;
    Write(tiny);
    const std::vector<int32_t> ids = TokenIds(9);
    const Logits want = Run(ids, {.passes = "none"});
    ExpectClose(Run(ids), want);
    for (std::string_view pass : SelectableNames()) {
      SCOPED_TRACE(pass);
      ExpectClose(Run(ids, {.passes = "no-" + std::string(pass)}), want);
      ExpectClose(Run(ids, {.passes = std::string(pass)}), want);
    }
  }
}

// Einsums and fused products, few tokens and many.
TEST_F(ExecutorTest, EveryTypeRunsAsItsValuesInF32) {
  for (const DType type : kAllDTypes) {
    if (!CanQuantize(type)) continue;
    SCOPED_TRACE(DTypeName(type));
    TinyLlama tiny;
    tiny.layers = 1;
    tiny.width = tiny.inner_width = 256;
    tiny.head_size = 64;
    tiny.values_of = type;
    Write(tiny);
    const std::vector<int32_t> ids = TokenIds(9);
    const Logits want = Run(ids);
    tiny.values_of.reset();
    tiny.weights = type;
    Write(tiny);
    for (const CpuIsa isa : SupportedCpuIsas()) ExpectClose(Run(ids, {.isa = isa}), want);
    ExpectClose(Run(ids, {.at_once = 1}), want);
    ExpectClose(Run(ids, {.passes = "none"}), want);
  }
}

TEST_F(ExecutorTest, EveryInstructionSetAgrees) {
  Write({});
  const std::vector<int32_t> ids = TokenIds(20);
  const Logits want = Run(ids, {.passes = "none", .isa = CpuIsa::kPortable});
  for (CpuIsa isa : SupportedCpuIsas()) {
    SCOPED_TRACE(CpuIsaName(isa));
    ExpectClose(Run(ids, {.isa = isa}), want);
  }
}

TEST_F(ExecutorTest, ThreadsDoNotChangeABit) {
  TinyLlama tiny;
  tiny.weights = DType::kQ4_1;
  Write(tiny);
  const std::vector<int32_t> ids = TokenIds(50);
  for (const size_t at_once : {size_t{1}, size_t{7}, size_t{50}}) {
    const Logits want = Run(ids, {.threads = 1, .at_once = at_once});
    for (const size_t threads : {2, 3, 8}) {
      EXPECT_EQ(Run(ids, {.threads = threads, .at_once = at_once}), want) << threads;
    }
  }
}

TEST_F(ExecutorTest, TokensAtOnceOrOneByOne) {
  Write({});
  const std::vector<int32_t> ids = TokenIds(100);
  const Logits want = Run(ids);
  for (const size_t at_once : {1, 3, 64}) {
    SCOPED_TRACE(at_once);
    ExpectClose(Run(ids, {.at_once = at_once}), want);
  }
}

TEST_F(ExecutorTest, WhatComesLaterChangesNothing) {
  Write({});
  std::vector<int32_t> ids = TokenIds(12);
  const Logits before = Run(ids);
  ids.back() = 36;
  const Logits after = Run(ids);
  EXPECT_TRUE(std::equal(before.begin(), before.end() - 37, after.begin()));
  EXPECT_NE(before, after);
}

TEST_F(ExecutorTest, GoesBackInTheCache) {
  Write({});
  ThreadPool pool(2);
  Executor executor = MakeExecutor({}, pool);
  auto cache = KvCache::Create(executor.CacheSlotElements(), 64);
  ASSERT_TRUE(cache.ok());
  const std::vector<int32_t> ids = TokenIds(8);
  ASSERT_TRUE(executor.Run(ids, *cache).ok());
  const auto first = executor.Run(std::vector<int32_t>{5}, *cache);
  ASSERT_TRUE(first.ok());
  const Logits want(first->begin(), first->end());
  cache->set_length(8);
  const auto again = executor.Run(std::vector<int32_t>{5}, *cache);
  EXPECT_THAT(*again, ::testing::ElementsAreArray(want));
}

TEST_F(ExecutorTest, RefusesWhatItCannotRun) {
  Write({});
  ThreadPool pool(1);
  Executor executor = MakeExecutor({}, pool);
  auto cache = KvCache::Create(executor.CacheSlotElements(), 4);
  ASSERT_TRUE(cache.ok());
  EXPECT_THAT(executor.Run({}, *cache).error().message(), ::testing::HasSubstr("no tokens"));
  for (const int32_t id : {-1, 37, INT32_MAX}) {
    const auto result = executor.Run(std::vector<int32_t>{id}, *cache);
    ASSERT_FALSE(result.ok());
    EXPECT_THAT(result.error().message(), ::testing::HasSubstr("outside [0, 37)"));
  }
  EXPECT_THAT(executor.Run(TokenIds(5), *cache).error().message(),
              ::testing::HasSubstr("5 tokens do not fit the context of 4"));
  EXPECT_EQ(cache->length(), 0u);
  EXPECT_TRUE(executor.Run(TokenIds(4), *cache).ok());
  EXPECT_THAT(executor.Run(TokenIds(1), *cache),
              FailsWith(ErrorCode::kInvalidInput, "5 tokens do not fit the context of 4"));
}

TEST_F(ExecutorTest, ReusedMemoryIsLess) {
  Write({});
  ThreadPool pool(1);
  const auto arena = [&](const std::string& passes) {
    Executor executor = MakeExecutor({.passes = passes}, pool);
    auto cache = KvCache::Create(executor.CacheSlotElements(), 64);
    EXPECT_TRUE(executor.Run(TokenIds(64), *cache).ok());
    return executor.arena_bytes();
  };
  EXPECT_LT(arena("all") * 2, arena("no-plan_memory"));
}

}  // namespace
}  // namespace tare
