#include "openvino_engine/graph_to_ir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "graph/builder.h"

namespace tare {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// 7 tokens, 6 wide: one head of rows, then rows times a vector.
class GraphToIrTest : public ::testing::Test {
 protected:
  Graph Gathered() {
    GraphBuilder builder;
    const NodeId ids = builder.TokenIds();
    const NodeId rows = builder.Gather(builder.Constant(Table(DType::kF32), "table"), ids);
    return std::move(builder).Finish(builder.Silu(rows));
  }
  TensorView Table(DType type) const {
    return {type, Shape{7, 6}, reinterpret_cast<const std::byte*>(memory_.data())};
  }

  std::array<float, 64> memory_ = {};
};

TEST_F(GraphToIrTest, RowsOfATableAreFedAndTheTableIsNoConstant) {
  const Graph graph = Gathered();
  const Result<IrModel> ir = GraphToIr(graph, {});
  ASSERT_TRUE(ir.ok()) << ir.error().message();
  ASSERT_EQ(ir->inputs.size(), 1u);
  EXPECT_EQ(ir->inputs[0].kind, IrInput::Kind::kTokenRows);
  EXPECT_EQ(ir->inputs[0].table.data, Table(DType::kF32).data);
  EXPECT_THAT(ir->xml, Not(HasSubstr("Const")));
}

TEST_F(GraphToIrTest, WithoutThatMeasureTheTableIsAConstantAndIdsAreFed) {
  const Graph graph = Gathered();
  OpenVinoMeasures measures;
  measures.gather = false;
  const Result<IrModel> ir = GraphToIr(graph, measures);
  ASSERT_TRUE(ir.ok()) << ir.error().message();
  ASSERT_EQ(ir->inputs.size(), 1u);
  EXPECT_EQ(ir->inputs[0].kind, IrInput::Kind::kTokenIds);
  EXPECT_THAT(ir->xml, HasSubstr(R"(shape="7,6")"));
}

TEST_F(GraphToIrTest, AnOpWithoutALayerIsNamed) {
  GraphBuilder builder;
  const NodeId rows =
      builder.Gather(builder.Constant(Table(DType::kF32), "table"), builder.TokenIds());
  const NodeId out =
      builder.Einsum("btc,vc->btv", rows, builder.Constant(Table(DType::kF32), "kernel"), "logits");
  const Graph graph = std::move(builder).Finish(out);
  const Result<IrModel> ir = GraphToIr(graph, {});
  ASSERT_FALSE(ir.ok());
  EXPECT_THAT(ir.error().message(), HasSubstr("einsum (logits)"));
}

TEST(OpenVinoMeasuresTest, AreNamedToBeLeftOut) {
  const Result<OpenVinoMeasures> some = OpenVinoMeasures::Parse("no-drop,no-sdpa");
  ASSERT_TRUE(some.ok());
  EXPECT_FALSE(some->drop);
  EXPECT_FALSE(some->sdpa);
  EXPECT_TRUE(some->map);
  const Result<OpenVinoMeasures> none = OpenVinoMeasures::Parse("no-such");
  ASSERT_FALSE(none.ok());
  EXPECT_THAT(none.error().message(), HasSubstr("no-such"));
}

}  // namespace
}  // namespace tare
