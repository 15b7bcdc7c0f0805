#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "passes/passes.h"
#include "passes/test_interpreter.h"

namespace tare {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing_internal::Weights;

// Divides; anything else is refused as the error says.
class DivEvaluator : public Evaluator {
 public:
  explicit DivEvaluator(ErrorCode refusal = ErrorCode::kUnsupported) : refusal_(refusal) {}

  Result<Storage> Evaluate(const Node& node, const std::vector<TensorView>& inputs) override {
    ++calls;
    if (node.op != Op::kDiv) return Error(refusal_, "only division here");
    TARE_ASSIGN_OR_RETURN(Storage out, Storage::Allocate(DType::kF32, inputs[0].shape));
    for (size_t i = 0; i < inputs[0].shape.elements(); ++i) {
      out.f32()[i] = inputs[0].f32()[i] / inputs[1].f32()[i];
    }
    return out;
  }

  int calls = 0;

 private:
  ErrorCode refusal_;
};

// x + (a / b), of width c.
Graph DivisionGraph(const TensorView& table, const TensorView& a, const TensorView& b) {
  GraphBuilder builder;
  const NodeId x = builder.Gather(builder.Constant(table, "table"), builder.TokenIds());
  const NodeId quotient = builder.Div(builder.Constant(a, "a"), builder.Constant(b, "b"));
  return std::move(builder).Finish(builder.Add(x, quotient));
}

TEST(FoldConstantsTest, ReshapeOfAConstantIsAViewOfTheSameBytes) {
  Weights weights;
  const TensorView kernel = weights.Quantized(DType::kQ4_1, {6, 64});
  GraphBuilder builder;
  const NodeId x =
      builder.Gather(builder.Constant(weights.Random({5, 64}), "table"), builder.TokenIds());
  const NodeId reshaped = builder.Reshape(builder.Constant(kernel, "kernel"), {3, 2, 64});
  Graph graph = std::move(builder).Finish(builder.Einsum("bqm,uhm->bquh", x, reshaped));
  const ConstantBytes before = CountConstantBytes(graph);

  PassContext context;
  ASSERT_TRUE(FoldConstants(&graph, &context).ok());
  ASSERT_TRUE(Verify(graph).ok());
  const Node& folded = graph.node(reshaped);
  EXPECT_EQ(folded.op, Op::kConstant);
  EXPECT_EQ(folded.constant.data, kernel.data);
  EXPECT_EQ(folded.constant.shape, Shape({3, 2, 64}));
  EXPECT_EQ(folded.name, "kernel");
  EXPECT_EQ(CountConstantBytes(graph).borrowed, before.borrowed);
  EXPECT_EQ(CountConstantBytes(graph).owned, 0u);
  EXPECT_EQ(context.copied_bytes, 0u);
}

TEST(FoldConstantsTest, EvaluatesSmallNodesAndCountsTheirBytes) {
  Weights weights;
  const TensorView a = weights.Random({7});
  const TensorView b = weights.Random({7});
  Graph graph = DivisionGraph(weights.Random({3, 7}), a, b);
  const Graph before = graph;
  DivEvaluator evaluator;
  PassContext context;
  context.evaluator = &evaluator;
  ASSERT_TRUE(FoldConstants(&graph, &context).ok());
  EXPECT_EQ(testing_internal::CountOps(graph, Op::kDiv), 0u);
  EXPECT_EQ(context.copied_bytes, 28u);
  EXPECT_EQ(CountConstantBytes(graph).owned, 28u);
  EXPECT_EQ(CountConstantBytes(graph).borrowed, CountConstantBytes(before).borrowed - 2 * 28);
  testing_internal::ExpectSameValues(before, graph, {2, 0});
}

TEST(FoldConstantsTest, LeavesLargeResultsAndSaysSo) {
  Weights weights;
  constexpr size_t kWidth = kMaxFoldedBytes / sizeof(float) + 1;
  Graph graph = DivisionGraph(weights.Random({2, kWidth}), weights.Random({kWidth}),
                              weights.Random({kWidth}));
  DivEvaluator evaluator;
  PassContext context;
  context.evaluator = &evaluator;
  ASSERT_TRUE(FoldConstants(&graph, &context).ok());
  EXPECT_EQ(testing_internal::CountOps(graph, Op::kDiv), 1u);
  EXPECT_EQ(CountConstantBytes(graph).owned, 0u);
  EXPECT_EQ(context.copied_bytes, 0u);
  EXPECT_EQ(evaluator.calls, 0);
  EXPECT_THAT(context.notes, ElementsAre(HasSubstr("65540 bytes, more than 65536")));
}

TEST(FoldConstantsTest, FoldsWhatFollowsAFoldedNode) {
  Weights weights;
  const TensorView a = weights.Random({2, 3});
  GraphBuilder builder;
  const NodeId x =
      builder.Gather(builder.Constant(weights.Random({3, 6}), "table"), builder.TokenIds());
  const NodeId six = builder.Reshape(builder.Constant(a, "a"), {6});
  const NodeId quotient = builder.Div(six, builder.Constant(weights.Random({6}), "b"));
  Graph graph = std::move(builder).Finish(builder.Add(x, builder.Reshape(quotient, {6})));
  DivEvaluator evaluator;
  PassContext context;
  context.evaluator = &evaluator;
  ASSERT_TRUE(FoldConstants(&graph, &context).ok());
  EXPECT_EQ(testing_internal::CountOps(graph, Op::kReshape), 0u);
  EXPECT_EQ(CountConstantBytes(graph).owned, 24u);  // the view of the quotient keeps it alive
}

TEST(FoldConstantsTest, LeavesWhatTheEvaluatorDoesNotSupport) {
  Weights weights;
  GraphBuilder builder;
  const NodeId x =
      builder.Gather(builder.Constant(weights.Random({3, 7}), "table"), builder.TokenIds());
  const NodeId silu = builder.Silu(builder.Constant(weights.Random({7}), "a"));
  Graph graph = std::move(builder).Finish(builder.Add(x, silu));
  DivEvaluator unsupported;
  PassContext context;
  context.evaluator = &unsupported;
  ASSERT_TRUE(FoldConstants(&graph, &context).ok());
  EXPECT_EQ(graph.node(silu).op, Op::kSilu);
  EXPECT_THAT(context.notes, ElementsAre(HasSubstr("only division here")));

  DivEvaluator out_of_memory(ErrorCode::kOutOfMemory);
  context.evaluator = &out_of_memory;
  const Status status = FoldConstants(&graph, &context);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kOutOfMemory);
}

TEST(FoldConstantsTest, WithoutAnEvaluatorFoldsViewsAlone) {
  Weights weights;
  Graph graph = DivisionGraph(weights.Random({3, 7}), weights.Random({7}), weights.Random({7}));
  PassContext context;
  ASSERT_TRUE(FoldConstants(&graph, &context).ok());
  EXPECT_EQ(testing_internal::CountOps(graph, Op::kDiv), 1u);
}

}  // namespace
}  // namespace tare
