#include <gtest/gtest.h>

#include "passes/passes.h"
#include "passes/rewriter.h"
#include "passes/test_interpreter.h"

namespace tare {
namespace {

using testing_internal::CountOps;
using testing_internal::Weights;

class EliminateDeadTest : public ::testing::Test {
 protected:
  EliminateDeadTest() {
    x_ = builder_.Gather(builder_.Constant(weights_.Random({7, 6}), "table"), builder_.TokenIds());
  }

  Graph Sweep(NodeId output) {
    Graph graph = std::move(builder_).Finish(output);
    const Graph before = graph;
    EXPECT_TRUE(EliminateDead(&graph, &context_).ok());
    testing_internal::ExpectSameValues(before, graph, {5, 0});
    EXPECT_EQ(CountConstantBytes(graph).borrowed, CountConstantBytes(before).borrowed);
    EXPECT_EQ(CountConstantBytes(graph).owned, 0u);
    return graph;
  }

  Weights weights_;
  GraphBuilder builder_;
  NodeId x_ = kNoNode;
  PassContext context_;
};

TEST_F(EliminateDeadTest, RemovesWhatTheOutputDoesNotDependOn) {
  const NodeId dead = builder_.Silu(x_);
  builder_.Add(dead, builder_.Constant(weights_.Random({6}), "unread"));
  const Graph graph = Sweep(builder_.Scale(x_, 2.0f));
  EXPECT_EQ(graph.size(), 4u);
  EXPECT_EQ(context_.notes, std::vector<std::string>{"removed 3 nodes"});
}

TEST_F(EliminateDeadTest, RemovesAReshapeToTheSameType) {
  const Graph graph = Sweep(builder_.Silu(builder_.Reshape(x_, {1, Dim::Tokens(), 6})));
  EXPECT_EQ(CountOps(graph, Op::kReshape), 0u);
}

TEST_F(EliminateDeadTest, JoinsReshapesOfReshapes) {
  const NodeId heads = builder_.Reshape(x_, {1, Dim::Tokens(), 2, 3});
  const NodeId rows = builder_.Reshape(heads, {Dim::Tokens(), 6});
  const Graph joined = Sweep(builder_.Silu(rows));
  EXPECT_EQ(CountOps(joined, Op::kReshape), 1u);
}

TEST_F(EliminateDeadTest, UndoesAReshapeThatComesBack) {
  const NodeId heads = builder_.Reshape(x_, {1, Dim::Tokens(), 2, 3});
  const Graph graph = Sweep(builder_.Reshape(heads, {1, Dim::Tokens(), 6}));
  EXPECT_EQ(CountOps(graph, Op::kReshape), 0u);
  EXPECT_EQ(graph.node(graph.output()).op, Op::kGather);
}

TEST_F(EliminateDeadTest, KeepsCachesThatAreReadAndTheirCount) {
  const NodeId heads = builder_.Reshape(x_, {1, Dim::Tokens(), 2, 3});
  builder_.CacheAppend(heads, "unread");
  const Graph graph = Sweep(builder_.CacheAppend(builder_.Silu(heads), "read"));
  EXPECT_EQ(CountOps(graph, Op::kCacheAppend), 1u);
  EXPECT_EQ(graph.cache_slots(), 2u);
  EXPECT_EQ(graph.node(graph.output()).attributes.cache_slot, 1u);
}

TEST(LiveUseCountsTest, CountsReadersThatTheOutputDependsOn) {
  Weights weights;
  GraphBuilder builder;
  const NodeId x =
      builder.Gather(builder.Constant(weights.Random({7, 6}), "table"), builder.TokenIds());
  builder.Silu(x);
  const NodeId sum = builder.Add(x, x);
  const Graph graph = std::move(builder).Finish(sum);
  EXPECT_EQ(LiveUseCounts(graph)[x], 2u);
  EXPECT_EQ(LiveUseCounts(graph)[sum], 1u);
  EXPECT_EQ(graph.UseCounts()[x], 3u);
}

}  // namespace
}  // namespace tare
