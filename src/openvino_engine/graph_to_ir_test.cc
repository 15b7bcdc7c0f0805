#include "openvino_engine/graph_to_ir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

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
    const NodeId out = builder.Silu(rows);
    return std::move(builder).Finish(out);
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
  EXPECT_THAT(ir->xml, Not(HasSubstr(R"(shape="7,6")")));
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

// Where the first constant of this shape lies.
const std::byte* AddressOf(const IrModel& ir, const std::string& shape) {
  const size_t constant = ir.xml.find(" shape=\"" + shape + "\" size=");
  if (constant == std::string::npos) return nullptr;
  const std::string word = " offset=\"";
  const size_t offset = ir.xml.find(word, constant) + word.size();
  return ir.writer->weights() + std::stoull(ir.xml.substr(offset));
}

TEST_F(GraphToIrTest, SmallConstantsAreCopiedAndLargeOnesAreNot) {
  const std::vector<float> large(size_t{128} * 128);
  for (const size_t rows : {size_t{1}, size_t{128}}) {
    const TensorView tensor = {DType::kF32, Shape{rows, 128},
                               reinterpret_cast<const std::byte*>(large.data())};
    GraphBuilder builder;
    const NodeId out = builder.Silu(builder.Constant(tensor, "constant"));
    const Graph graph = std::move(builder).Finish(out);
    const Result<IrModel> ir = GraphToIr(graph, {});
    ASSERT_TRUE(ir.ok()) << ir.error().message();
    const std::string shape = std::to_string(rows) + ",128";
    ASSERT_NE(AddressOf(*ir, shape), nullptr);
    EXPECT_EQ(AddressOf(*ir, shape) == tensor.data, rows == 128);
    OpenVinoMeasures measures;
    measures.small = false;
    const Result<IrModel> mapped = GraphToIr(graph, measures);
    ASSERT_TRUE(mapped.ok());
    EXPECT_EQ(AddressOf(*mapped, shape), tensor.data);
  }
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

TEST_F(GraphToIrTest, WithoutThatMeasureAnActivationHasNoViews) {
  const Graph graph = Gathered();
  OpenVinoMeasures measures;
  const Result<IrModel> apart = GraphToIr(graph, measures);
  measures.apart = false;
  const Result<IrModel> together = GraphToIr(graph, measures);
  ASSERT_TRUE(apart.ok() && together.ok());
  EXPECT_THAT(together->xml, HasSubstr("Swish"));
  EXPECT_THAT(together->xml, Not(HasSubstr("Reshape")));
}

TEST_F(GraphToIrTest, WithoutStateACacheIsAnInputAndAnOutput) {
  GraphBuilder builder;
  const NodeId rows =
      builder.Gather(builder.Constant(Table(DType::kF32), "table"), builder.TokenIds());
  const NodeId heads = builder.Reshape(rows, {1, Dim::Tokens(), 2, 3});
  const NodeId keys = builder.CacheAppend(heads, "keys");
  const NodeId values = builder.CacheAppend(heads, "values");
  Graph graph = std::move(builder).Finish(values);
  Node attention;
  attention.op = Op::kAttention;
  attention.type = graph.node(heads).type;
  attention.inputs = {heads, keys, values};
  graph.set_output(graph.Add(std::move(attention)));
  OpenVinoMeasures measures;
  const Result<IrModel> stateful = GraphToIr(graph, measures);
  measures.state = false;
  const Result<IrModel> fed = GraphToIr(graph, measures);
  ASSERT_TRUE(stateful.ok() && fed.ok());
  EXPECT_THAT(stateful->xml, HasSubstr("ReadValue"));
  EXPECT_THAT(fed->xml, Not(HasSubstr("ReadValue")));
  std::vector<size_t> outputs;
  for (const IrInput& input : fed->inputs) {
    if (input.kind != IrInput::Kind::kPast) continue;
    outputs.push_back(input.output);
    EXPECT_EQ(input.heads, 2);
    EXPECT_EQ(input.head_size, 3);
  }
  EXPECT_EQ(outputs, (std::vector<size_t>{1, 2}));
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
