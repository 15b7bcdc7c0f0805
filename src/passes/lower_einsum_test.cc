#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/testing/test_paths.h"
#include "passes/passes.h"
#include "passes/test_interpreter.h"

namespace tare {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing_internal::CountOps;
using testing_internal::ExpectSameValues;
using testing_internal::FirstOf;
using testing_internal::Weights;

struct Lowered {
  Graph graph;
  PassContext context;
};

Lowered Lower(const Graph& graph) {
  Lowered result{graph, {}};
  EXPECT_TRUE(LowerEinsum(&result.graph, &result.context).ok());
  PassContext sweep;
  EXPECT_TRUE(EliminateDead(&result.graph, &sweep).ok());
  EXPECT_TRUE(Verify(result.graph).ok());
  EXPECT_EQ(result.context.copied_bytes, 0u);
  EXPECT_EQ(CountConstantBytes(result.graph).borrowed, CountConstantBytes(graph).borrowed);
  EXPECT_EQ(CountConstantBytes(result.graph).owned, CountConstantBytes(graph).owned);
  return result;
}

// A variable of a static shape: the last token's row, reshaped.
NodeId Variable(GraphBuilder* builder, Weights* weights, const EinsumShape& shape, NodeId ids) {
  size_t elements = 1;
  for (size_t dim : shape) elements *= dim;
  const NodeId table = builder->Constant(weights->Random({2, elements}), "table");
  return builder->Reshape(builder->LastToken(builder->Gather(table, ids)),
                          {shape.begin(), shape.end()});
}

// x [1, T, rest…] times a constant, by the equation.
Graph ConstantGraph(std::string_view equation, std::vector<Dim> x_dims, const TensorView& w,
                    bool constant_first, Weights* weights) {
  GraphBuilder builder;
  size_t width = 1;
  for (size_t i = 2; i < x_dims.size(); ++i) width *= x_dims[i].value();
  const NodeId table = builder.Constant(weights->Random({5, width}), "table");
  const NodeId x = builder.Reshape(builder.Gather(table, builder.TokenIds()), std::move(x_dims));
  const NodeId constant = builder.Constant(w, "kernel");
  return std::move(builder).Finish(constant_first ? builder.Einsum(equation, constant, x)
                                                  : builder.Einsum(equation, x, constant));
}

TEST(LowerEinsumTest, ProjectionsBecomeProductsOfTheBorrowedConstant) {
  const struct {
    std::string_view equation;
    std::vector<Dim> x;
    Shape w;
    WeightLayout layout;
    Shape matrix;
    bool constant_first = false;
  } cases[] = {
      {"bqm,uhm->bquh", {1, Dim::Tokens(), 7}, {2, 3, 7}, WeightLayout::kOutIn, {6, 7}},
      {"bqm,muh->bquh", {1, Dim::Tokens(), 7}, {7, 2, 3}, WeightLayout::kInOut, {7, 6}},
      {"abc,cde->abde", {1, Dim::Tokens(), 7}, {7, 2, 3}, WeightLayout::kInOut, {7, 6}},
      {"bquh,muh->bqm", {1, Dim::Tokens(), 2, 3}, {7, 2, 3}, WeightLayout::kOutIn, {7, 6}},
      {"bquh,uhm->bqm", {1, Dim::Tokens(), 2, 3}, {2, 3, 7}, WeightLayout::kInOut, {6, 7}},
      {"btc,nc->btn", {1, Dim::Tokens(), 5}, {3, 5}, WeightLayout::kOutIn, {3, 5}},
      {"btc,cn->btn", {1, Dim::Tokens(), 5}, {5, 3}, WeightLayout::kInOut, {5, 3}},
      {"nc,btc->btn", {1, Dim::Tokens(), 5}, {3, 5}, WeightLayout::kOutIn, {3, 5}, true},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.equation);
    Weights weights;
    const TensorView w = weights.Random(c.w);
    const Graph graph = ConstantGraph(c.equation, c.x, w, c.constant_first, &weights);
    const Lowered lowered = Lower(graph);
    EXPECT_EQ(CountOps(lowered.graph, Op::kEinsum), 0u);
    const Node& product = FirstOf(lowered.graph, Op::kMatMul);
    const Node& matrix = lowered.graph.node(product.inputs[1]);
    EXPECT_EQ(product.attributes.layout, c.layout);
    EXPECT_EQ(matrix.constant.data, w.data);
    EXPECT_EQ(matrix.constant.shape, c.matrix);
    ExpectSameValues(graph, lowered.graph, {4, 0, 3});
  }
}

TEST(LowerEinsumTest, SeesAConstantThroughItsReshape) {
  Weights weights;
  const TensorView w = weights.Quantized(DType::kQ4_0, {6, 32});
  GraphBuilder builder;
  const NodeId x =
      builder.Gather(builder.Constant(weights.Random({5, 32}), "table"), builder.TokenIds());
  const NodeId heads = builder.Reshape(builder.Constant(w, "kernel"), {2, 3, 32});
  const Graph graph = std::move(builder).Finish(builder.Einsum("bqm,uhm->bquh", x, heads));
  const Lowered lowered = Lower(graph);
  const Node& matrix = lowered.graph.node(FirstOf(lowered.graph, Op::kMatMul).inputs[1]);
  EXPECT_EQ(matrix.constant.data, w.data);
  EXPECT_EQ(matrix.constant.shape, Shape({6, 32}));
  EXPECT_EQ(matrix.name, "kernel");
}

TEST(LowerEinsumTest, LeavesBlocksThatNoKernelReadsAndSaysSo) {
  Weights weights;
  const TensorView in_out = weights.Quantized(DType::kQ8_0, {7, 64});
  const Graph graph = ConstantGraph("btc,cn->btn", {1, Dim::Tokens(), 7}, in_out, false, &weights);
  const Lowered lowered = Lower(graph);
  EXPECT_EQ(CountOps(lowered.graph, Op::kEinsum), 1u);
  EXPECT_THAT(lowered.context.notes, ElementsAre(HasSubstr("stays: it is not a product of views")));
}

TEST(LowerEinsumTest, ReadsAnInterleavedConstantThroughStrides) {
  Weights weights;
  const TensorView w = weights.Random({2, 7, 3});
  const Graph graph = ConstantGraph("bqm,hmu->bquh", {1, Dim::Tokens(), 7}, w, false, &weights);
  const Lowered lowered = Lower(graph);
  const Node& product = FirstOf(lowered.graph, Op::kBatchedMatMul);
  EXPECT_EQ(lowered.graph.node(product.inputs[1]).constant.data, w.data);
  ExpectSameValues(graph, lowered.graph, {1, 2});
}

TEST(LowerEinsumTest, ReadsAConstantHeadByHead) {
  Weights weights;
  const TensorView w = weights.Random({2, 7, 3});
  const Graph graph = ConstantGraph("bqm,umh->bquh", {1, Dim::Tokens(), 7}, w, false, &weights);
  const Lowered lowered = Lower(graph);
  const Node& product = FirstOf(lowered.graph, Op::kMatMul);
  EXPECT_EQ(product.attributes.layout, WeightLayout::kInOut);
  EXPECT_EQ(lowered.graph.node(product.inputs[1]).constant.data, w.data);
  ExpectSameValues(graph, lowered.graph, {1, 2});
}

TEST(LowerEinsumTest, VariablesBecomeABatchedProductWithNothingMoved) {
  for (const auto& [scores, mix, key_first] :
       {std::tuple{"bquh,bkuh->buqk", "buqk,bkuh->bquh", false},
        std::tuple{"aecd,abcd->acbe", "acbe,aecd->abcd", true}}) {
    Weights weights;
    GraphBuilder builder;
    const NodeId x = builder.Reshape(
        builder.Gather(builder.Constant(weights.Random({5, 6}), "table"), builder.TokenIds()),
        {1, Dim::Tokens(), 2, 3});
    const NodeId key = builder.CacheAppend(builder.Scale(x, 0.5f), "key");
    const NodeId product =
        key_first ? builder.Einsum(scores, key, x) : builder.Einsum(scores, x, key);
    const NodeId mixed = builder.Einsum(mix, builder.CausalSoftmax(product), key);
    const Graph graph = std::move(builder).Finish(mixed);
    const Lowered lowered = Lower(graph);
    EXPECT_EQ(CountOps(lowered.graph, Op::kBatchedMatMul), 2u);
    EXPECT_EQ(lowered.graph.size(), graph.size());
    const auto& axes = FirstOf(lowered.graph, Op::kBatchedMatMul).attributes.batched.axes;
    ASSERT_EQ(axes.size(), 5u);
    EXPECT_EQ(axes.front().role, BatchedMatMulSpec::Role::kBatch);
    EXPECT_EQ(axes.back().role, BatchedMatMulSpec::Role::kContracted);
    ExpectSameValues(graph, lowered.graph, {4, 0, 3, 3});
  }
}

TEST(LowerEinsumTest, LeavesAContractionOverScatteredAxes) {
  Weights weights;
  GraphBuilder builder;
  const NodeId ids = builder.TokenIds();
  const NodeId a = Variable(&builder, &weights, {2, 3, 5}, ids);
  const NodeId b = Variable(&builder, &weights, {5, 7, 2}, ids);
  const Graph graph = std::move(builder).Finish(builder.Einsum("kxl,lyk->xy", a, b));
  const Lowered lowered = Lower(graph);
  EXPECT_EQ(CountOps(lowered.graph, Op::kEinsum), 1u);
  EXPECT_EQ(lowered.context.notes.size(), 1u);
}

// Every two-operand equation of the golden file, with two variables and with a constant either
// side.
TEST(LowerEinsumTest, RandomEquationsKeepTheirValues) {
  std::ifstream file(SourceFile("tests/golden/einsum.json"));
  const auto cases = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  ASSERT_TRUE(cases.is_array());
  size_t products = 0;
  size_t batched = 0;
  for (const auto& entry : cases) {
    const auto text = entry[0].get<std::string>();
    const auto shapes = entry[1].get<std::vector<EinsumShape>>();
    if (shapes.size() != 2 || text.find('.') != std::string::npos) continue;
    for (size_t constant : {0u, 1u, 2u}) {
      SCOPED_TRACE(entry.dump() + " constant " + std::to_string(constant));
      Weights weights;
      GraphBuilder builder;
      const NodeId ids = builder.TokenIds();
      NodeId inputs[2];
      for (size_t i = 0; i < 2; ++i) {
        inputs[i] = i == constant ? builder.Constant(weights.Random(Shape(shapes[i])), "w")
                                  : Variable(&builder, &weights, shapes[i], ids);
      }
      const Graph graph = std::move(builder).Finish(builder.Einsum(text, inputs[0], inputs[1]));
      const Lowered lowered = Lower(graph);
      products += CountOps(lowered.graph, Op::kMatMul);
      batched += CountOps(lowered.graph, Op::kBatchedMatMul);
      ExpectSameValues(graph, lowered.graph, {1});
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GT(products, 100u);
  EXPECT_GT(batched, 100u);
}

TEST(LowerEinsumTest, AMatrixOfEachHeadIsReadInPlace) {
  GraphBuilder builder;
  Weights weights;
  const NodeId x =
      builder.Gather(builder.Constant(weights.Random({7, 5}), "table"), builder.TokenIds());
  const NodeId kernel = builder.Constant(weights.Random({3, 5, 2}), "kernel");
  const Graph graph = std::move(builder).Finish(builder.Einsum("bqm,umh->bquh", x, kernel));
  Graph lowered = graph;
  PassContext context;
  ASSERT_TRUE(LowerEinsum(&lowered, &context).ok());
  ASSERT_TRUE(EliminateDead(&lowered, &context).ok());
  EXPECT_EQ(CountOps(lowered, Op::kEinsum), 0u);
  EXPECT_EQ(CountOps(lowered, Op::kMatMul), 1u);
  EXPECT_EQ(CountConstantBytes(lowered).owned, 0u);
  testing_internal::ExpectSameValues(graph, lowered, {3, 1, 6, 2});
}

}  // namespace
}  // namespace tare
