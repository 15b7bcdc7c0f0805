#include <gtest/gtest.h>

#include "passes/passes.h"
#include "passes/test_interpreter.h"

namespace tare {
namespace {

using testing_internal::CountOps;
using testing_internal::Weights;

struct AttentionOptions {
  std::string_view scores = "bquh,bkuh->buqk";
  std::string_view mix = "buqk,bkuh->bquh";
  bool key_first = false;    // in the scores
  bool value_first = false;  // in the mix
  size_t kv_heads = 2;
  bool repeat_value = true;
  bool scale_query = false;
  bool scores_used_twice = false;
  float soft_cap = 0.0f;
  size_t window = 0;
};

constexpr size_t kHeads = 6;
constexpr size_t kSize = 5;

// Attention over a width of 30; q, k and v are slices of one table's rows by three projections.
Graph AttentionGraph(const AttentionOptions& options, Weights* weights) {
  GraphBuilder builder;
  const NodeId x =
      builder.Gather(builder.Constant(weights->Random({7, 4}), "table"), builder.TokenIds());
  const auto project = [&](size_t heads) {
    return builder.Einsum("bqm,uhm->bquh", x,
                          builder.Constant(weights->Random({heads, kSize, 4}), "kernel"));
  };
  NodeId query = project(kHeads);
  NodeId key = builder.CacheAppend(project(options.kv_heads), "key");
  NodeId value =
      builder.CacheAppend(project(options.repeat_value ? options.kv_heads : kHeads), "value");
  if (options.kv_heads != kHeads) {
    key = builder.Repeat(key, kHeads / options.kv_heads);
    if (options.repeat_value) value = builder.Repeat(value, kHeads / options.kv_heads);
  }
  if (options.scale_query) query = builder.Scale(query, 0.5f);
  NodeId scores = builder.Scale(options.key_first ? builder.Einsum(options.scores, key, query)
                                                  : builder.Einsum(options.scores, query, key),
                                0.25f);
  if (options.soft_cap > 0.0f) scores = builder.SoftCap(scores, options.soft_cap);
  const NodeId probabilities = builder.CausalSoftmax(scores, options.window);
  NodeId mixed = options.value_first ? builder.Einsum(options.mix, value, probabilities)
                                     : builder.Einsum(options.mix, probabilities, value);
  if (options.scores_used_twice) {
    mixed = builder.Add(mixed, builder.Einsum(options.mix, probabilities, value));
  }
  return std::move(builder).Finish(mixed);
}

Graph Fused(const Graph& graph) {
  Graph fused = graph;
  PassContext context;
  EXPECT_TRUE(FuseAttention(&fused, &context).ok());
  EXPECT_TRUE(EliminateDead(&fused, &context).ok());
  EXPECT_EQ(context.copied_bytes, 0u);
  EXPECT_EQ(CountConstantBytes(fused).borrowed, CountConstantBytes(graph).borrowed);
  EXPECT_EQ(CountConstantBytes(fused).owned, 0u);
  return fused;
}

void ExpectFuses(const AttentionOptions& options, float scale) {
  Weights weights;
  const Graph graph = AttentionGraph(options, &weights);
  const Graph fused = Fused(graph);
  ASSERT_EQ(CountOps(fused, Op::kAttention), 1u);
  EXPECT_EQ(CountOps(fused, Op::kCausalSoftmax), 0u);
  EXPECT_EQ(CountOps(fused, Op::kRepeat), 0u);
  EXPECT_EQ(CountOps(fused, Op::kScale), 0u);
  EXPECT_EQ(CountOps(fused, Op::kSoftCap), 0u);
  EXPECT_FLOAT_EQ(testing_internal::FirstOf(fused, Op::kAttention).attributes.scale, scale);
  testing_internal::ExpectSameValues(graph, fused, {3, 1, 4, 1, 5});
}

void ExpectStays(const AttentionOptions& options) {
  Weights weights;
  const Graph graph = AttentionGraph(options, &weights);
  EXPECT_EQ(CountOps(Fused(graph), Op::kAttention), 0u);
}

TEST(FuseAttentionTest, FusesGroupedQueriesAndDropsTheRepeats) { ExpectFuses({}, 0.25f); }

TEST(FuseAttentionTest, FusesKerasEquationsWithKeysFirst) {
  AttentionOptions options;
  options.scores = "aecd,abcd->acbe";
  options.mix = "acbe,aecd->abcd";
  options.key_first = true;
  options.kv_heads = kHeads;
  ExpectFuses(options, 0.25f);
}

TEST(FuseAttentionTest, FusesSwappedOperandsUnderAnyLabels) {
  AttentionOptions options;
  options.scores = "ZsXd,ZtXd->ZXts";
  options.mix = "qwer,qetw->qter";
  options.key_first = true;
  options.value_first = true;
  ExpectFuses(options, 0.25f);
}

TEST(FuseAttentionTest, TakesAScaleAtTheQuery) {
  AttentionOptions options;
  options.scale_query = true;
  ExpectFuses(options, 0.125f);
}

TEST(FuseAttentionTest, TakesASoftCapAndAWindow) {
  AttentionOptions options;
  options.soft_cap = 0.3f;
  ExpectFuses(options, 0.25f);
  options.window = 2;
  ExpectFuses(options, 0.25f);
  options.soft_cap = 0.0f;
  ExpectFuses(options, 0.25f);
}

TEST(FuseAttentionTest, LeavesProbabilitiesThatSomebodyElseReads) {
  AttentionOptions options;
  options.scores_used_twice = true;
  ExpectStays(options);
}

TEST(FuseAttentionTest, LeavesKeysAndValuesGroupedDifferently) {
  AttentionOptions options;
  options.repeat_value = false;  // keys are repeated, values are not
  Weights weights;
  const Graph graph = AttentionGraph(options, &weights);
  const Graph fused = Fused(graph);
  // Still attention, but over the repeated keys.
  EXPECT_EQ(CountOps(fused, Op::kAttention), 1u);
  EXPECT_EQ(CountOps(fused, Op::kRepeat), 1u);
  testing_internal::ExpectSameValues(graph, fused, {2, 0, 6});
}

TEST(FuseAttentionTest, LeavesOtherContractions) {
  // Heads and tokens trade places: T and H are equal, so that the shapes alone would not tell.
  GraphBuilder builder;
  Weights weights;
  const NodeId x =
      builder.Gather(builder.Constant(weights.Random({7, 4}), "table"), builder.TokenIds());
  const NodeId query = builder.Reshape(x, {1, Dim::Tokens(), 2, 2});
  const NodeId key = builder.CacheAppend(query, "key");
  const NodeId probabilities = builder.CausalSoftmax(builder.Einsum("bquh,bkuh->buqk", query, key));
  // Mixes with the head's elements first: no attention's output.
  Graph graph = std::move(builder).Finish(builder.Einsum("buqk,bkuh->bqhu", probabilities, key));
  EXPECT_EQ(CountOps(Fused(graph), Op::kAttention), 0u);
}

}  // namespace
}  // namespace tare
