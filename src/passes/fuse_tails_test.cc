#include <gtest/gtest.h>

#include "passes/passes.h"
#include "passes/test_interpreter.h"

namespace tare {
namespace {

using testing_internal::CountOps;
using testing_internal::ExpectSameValues;
using testing_internal::FirstOf;
using testing_internal::Weights;

constexpr size_t kWidth = 5;

// A graph that begins with x [1, T, 5] and whose products are lowered.
class FuseTailsTest : public ::testing::Test {
 protected:
  FuseTailsTest() {
    x_ = builder_.Gather(builder_.Constant(weights_.Random({7, kWidth}), "table"),
                         builder_.TokenIds());
  }

  NodeId Product(NodeId x) {
    return builder_.Einsum("btc,nc->btn", x,
                           builder_.Constant(weights_.Random({kWidth, kWidth}), "kernel"));
  }
  NodeId Vector() { return builder_.Constant(weights_.Random({kWidth}), "bias"); }

  // Lowers, fuses and sweeps; checks values and bytes.
  Graph Fuse(NodeId output) {
    Graph graph = std::move(builder_).Finish(output);
    PassContext context;
    EXPECT_TRUE(LowerEinsum(&graph, &context).ok());
    EXPECT_TRUE(EliminateDead(&graph, &context).ok());
    const Graph before = graph;
    EXPECT_TRUE(FuseTails(&graph, &context).ok());
    EXPECT_TRUE(EliminateDead(&graph, &context).ok());
    ExpectSameValues(before, graph, {6, 0, 2});
    EXPECT_EQ(context.copied_bytes, 0u);
    EXPECT_EQ(CountConstantBytes(graph).borrowed, CountConstantBytes(before).borrowed);
    EXPECT_EQ(CountConstantBytes(graph).owned, 0u);
    return graph;
  }

  static std::string TailsOf(const Node& node) {
    std::string text;
    for (const Tail& tail : node.attributes.tails) {
      text.append("+").append(InfoOf(tail.op).name);
    }
    return text;
  }

  Weights weights_;
  GraphBuilder builder_;
  NodeId x_ = kNoNode;
};

TEST_F(FuseTailsTest, BiasActivationAndResidualBecomeOneNode) {
  const NodeId biased = builder_.Add(Product(x_), Vector());
  const Graph graph = Fuse(builder_.Add(x_, builder_.GeluTanh(biased)));
  const Node& output = graph.node(graph.output());
  EXPECT_EQ(output.op, Op::kMatMul);
  EXPECT_EQ(TailsOf(output), "+add+gelu_tanh+add");
  EXPECT_EQ(output.inputs.size(), 4u);
  EXPECT_EQ(CountOps(graph, Op::kAdd), 0u);
}

TEST_F(FuseTailsTest, GatedProductsFuseIntoTheLaterOne) {
  const NodeId gate = builder_.Silu(Product(x_));
  const NodeId up = Product(x_);
  const Graph graph = Fuse(builder_.Mul(up, gate));
  EXPECT_EQ(CountOps(graph, Op::kMatMul), 2u);
  EXPECT_EQ(CountOps(graph, Op::kMul), 0u);
  const Node& output = graph.node(graph.output());
  EXPECT_EQ(TailsOf(output), "+mul");
  EXPECT_EQ(TailsOf(graph.node(output.inputs[2])), "+silu");
}

TEST_F(FuseTailsTest, FusesThroughReshapesThatComeBackToTheProductsType) {
  const NodeId heads = builder_.Reshape(Product(x_), {1, Dim::Tokens(), 1, kWidth});
  const NodeId flat = builder_.Reshape(heads, {1, Dim::Tokens(), kWidth});
  const Graph graph = Fuse(builder_.Add(flat, Vector()));
  EXPECT_EQ(TailsOf(graph.node(graph.output())), "+add");
}

TEST_F(FuseTailsTest, LeavesAProductThatSomebodyElseReads) {
  const NodeId product = Product(x_);
  const Graph graph = Fuse(builder_.Add(builder_.Silu(product), product));
  EXPECT_EQ(CountOps(graph, Op::kSilu), 1u);
  EXPECT_EQ(CountOps(graph, Op::kAdd), 1u);
}

TEST_F(FuseTailsTest, LeavesAProductAddedToItself) {
  const NodeId product = Product(x_);
  const Graph graph = Fuse(builder_.Add(product, product));
  EXPECT_EQ(CountOps(graph, Op::kAdd), 1u);
}

TEST_F(FuseTailsTest, LeavesTheDivisionAndAProductOfAnotherType) {
  const NodeId quotient = builder_.Div(Product(x_), Vector());
  const NodeId heads = builder_.Reshape(Product(quotient), {1, Dim::Tokens(), 1, kWidth});
  const Graph graph = Fuse(builder_.Silu(heads));
  EXPECT_EQ(CountOps(graph, Op::kDiv), 1u);
  EXPECT_EQ(CountOps(graph, Op::kSilu), 1u);
}

TEST_F(FuseTailsTest, StopsWhereTheExecutorHasNoMoreRoom) {
  NodeId value = Product(x_);
  for (int i = 0; i < 10; ++i) value = builder_.Silu(value);
  const Graph graph = Fuse(value);
  EXPECT_EQ(FirstOf(graph, Op::kMatMul).attributes.tails.size(), 8u);
  EXPECT_EQ(CountOps(graph, Op::kSilu), 2u);
}

}  // namespace
}  // namespace tare
