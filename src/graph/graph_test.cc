#include "graph/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "graph/builder.h"
#include "graph/dump.h"
#include "graph/infer.h"
#include "graph/verify.h"

namespace tare {
namespace {

using ::testing::HasSubstr;

alignas(64) const std::array<std::byte, 1 << 16> kZeros = {};

// `offset` keeps tensors apart that are to count as two.
TensorView Tensor(DType type, const Shape& shape, size_t offset = 0) {
  return {type, shape, kZeros.data() + offset};
}

// Embedding, one projection into heads of 3 x 5, and the last token's.
Graph SmallGraph() {
  GraphBuilder builder;
  const NodeId ids = builder.TokenIds();
  const NodeId table = builder.Constant(Tensor(DType::kF32, {11, 7}), "table");
  const NodeId x = builder.Gather(table, ids);
  builder.PushScope("layer.0");
  const NodeId kernel = builder.Constant(Tensor(DType::kF32, {15, 7}, 4096), "kernel");
  const NodeId heads = builder.Reshape(kernel, {3, 5, 7});
  const NodeId y = builder.Einsum("bqm,uhm->bquh", x, heads, "query");
  builder.PopScope();
  const NodeId flat = builder.Reshape(y, {1, Dim::Tokens(), 15});
  return std::move(builder).Finish(builder.LastToken(flat));
}

TEST(GraphTest, DumpShowsOpsTypesNamesAndBytes) {
  EXPECT_EQ(DumpGraph(SmallGraph()),
            "%0 = input () : i32 [1, T]   # tokens\n"
            "%2 = gather (@table, %0) : f32 [1, T, 7]\n"
            "%4 = reshape (@kernel) : f32 [3, 5, 7]   # layer.0\n"
            "%5 = einsum \"bqm,uhm->bquh\" (%2, %4) : f32 [1, T, 3, 5]   # layer.0.query\n"
            "%6 = reshape (%5) : f32 [1, T, 15]\n"
            "%7 = last_token (%6) : f32 [1, 1, 15]\n"
            "constants: 728 bytes borrowed from the file, 0 bytes owned\n");
}

TEST(GraphTest, AConstantThatIsUsedTwiceCountsOnce) {
  GraphBuilder builder;
  const NodeId ids = builder.TokenIds();
  const TensorView table = Tensor(DType::kF32, {11, 7});
  const NodeId x = builder.Gather(builder.Constant(table, "table"), ids);
  const NodeId logits = builder.Einsum("btc,vc->btv", x, builder.Constant(table, "same bytes"));
  const Graph graph = std::move(builder).Finish(logits);
  EXPECT_EQ(CountConstantBytes(graph).borrowed, 11u * 7 * 4);
}

TEST(GraphTest, WhatTheOutputDoesNotNeedCountsNot) {
  Graph graph = SmallGraph();
  graph.set_output(2);
  EXPECT_EQ(CountConstantBytes(graph).borrowed, 11u * 7 * 4);
}

TEST(GraphTest, CachesGrowFromTokensToContext) {
  GraphBuilder builder;
  const NodeId ids = builder.TokenIds();
  const NodeId x = builder.Gather(builder.Constant(Tensor(DType::kF32, {11, 8}), "table"), ids);
  const NodeId key = builder.Reshape(x, {1, Dim::Tokens(), 2, 4});
  const NodeId all = builder.CacheAppend(key, "keys");
  EXPECT_EQ(builder.type(all).ToString(), "f32 [1, S, 2, 4]");
  EXPECT_EQ(builder.type(builder.Repeat(all, 3)).ToString(), "f32 [1, S, 6, 4]");
  const Graph graph = std::move(builder).Finish(all);
  EXPECT_EQ(graph.cache_slots(), 1u);
  EXPECT_EQ(graph.node(all).type.Resolve(2, 9), (Shape{1, 9, 2, 4}));
}

// Each change makes a sound graph unsound; Verify names the node and what is wrong.
void ExpectBroken(const std::function<void(Graph&)>& change, const std::string& text) {
  Graph graph = SmallGraph();
  ASSERT_TRUE(Verify(graph).ok());
  change(graph);
  const Status status = Verify(graph);
  ASSERT_FALSE(status.ok()) << text;
  EXPECT_EQ(status.error().code(), ErrorCode::kInternal);
  EXPECT_THAT(status.error().message(), HasSubstr(text));
}

TEST(VerifyTest, FindsWhatIsWrong) {
  ExpectBroken([](Graph& g) { g.set_output(99); }, "no output");
  ExpectBroken([](Graph& g) { g.node(5).inputs[0] = 6; }, "comes later");
  ExpectBroken([](Graph& g) { g.node(5).inputs.pop_back(); }, "1 inputs, expected 2");
  ExpectBroken([](Graph& g) { g.node(2).type.dims[2] = 8; }, "inputs make it f32 [1, T, 7]");
  ExpectBroken([](Graph& g) { g.node(5).attributes.equation = "bqm,umh->bquh"; }, "node %5");
  ExpectBroken([](Graph& g) { g.node(5).attributes.equation = "bqm->bqm"; }, "two operands");
  ExpectBroken([](Graph& g) { g.node(5).attributes.equation = "bqmx,uhm->bquh"; }, "rank");
  ExpectBroken([](Graph& g) { g.node(6).type.dims[2] = 16; }, "as many elements");
  ExpectBroken([](Graph& g) { g.node(6).type.dims[1] = Dim::Context(); }, "as many elements");
  ExpectBroken([](Graph& g) { g.node(3).constant.data = nullptr; }, "without data");
  ExpectBroken([](Graph& g) { g.node(4).op = Op::kSilu; }, "layer.0");
}

TEST(VerifyTest, KeepsBlocksWhole) {
  GraphBuilder builder;
  const NodeId ids = builder.TokenIds();
  const NodeId table = builder.Constant(Tensor(DType::kQ4_1, {11, 64}), "table");
  const NodeId x = builder.Gather(table, ids);
  const NodeId kernel = builder.Constant(Tensor(DType::kQ4_1, {96, 64}), "kernel");
  Graph graph = std::move(builder).Finish(builder.Einsum("btc,nc->btn", x, kernel));
  ASSERT_TRUE(Verify(graph).ok());

  // 64 x 96 elements, but rows of 48 would begin inside a block.
  Node cut;
  cut.op = Op::kReshape;
  cut.inputs = {kernel};
  cut.type = {DType::kQ4_1, {128, 48}};
  EXPECT_THAT(InferType(graph, cut).error().message(), HasSubstr("cut a block"));
  cut.type = {DType::kQ4_1, {192, 32}};
  EXPECT_TRUE(InferType(graph, cut).ok());

  Node pointwise;
  pointwise.op = Op::kSilu;
  pointwise.inputs = {kernel};
  pointwise.type = graph.node(kernel).type;
  graph.set_output(graph.Add(pointwise));
  EXPECT_THAT(Verify(graph).error().message(), HasSubstr("q4_1"));
}

TEST(VerifyTest, TailsNameTheirInputs) {
  GraphBuilder builder;
  const NodeId ids = builder.TokenIds();
  const NodeId x = builder.Gather(builder.Constant(Tensor(DType::kF32, {11, 8}), "t"), ids);
  const NodeId weight = builder.Constant(Tensor(DType::kF32, {6, 8}), "w");
  const NodeId bias = builder.Constant(Tensor(DType::kF32, {6}), "b");
  const NodeId wrong = builder.Constant(Tensor(DType::kF32, {7}), "b7");
  Graph graph = std::move(builder).Finish(x);
  Node node;
  node.op = Op::kMatMul;
  node.inputs = {x, weight, bias};
  node.attributes.tails = {{Op::kAdd, 2}, {Op::kSilu, 0}};
  EXPECT_EQ(InferType(graph, node)->ToString(), "f32 [1, T, 6]");
  node.inputs[2] = wrong;
  EXPECT_FALSE(InferType(graph, node).ok());
  node.inputs[2] = bias;
  node.attributes.tails[0].input = 1;
  EXPECT_THAT(InferType(graph, node).error().message(), HasSubstr("expected 2"));
  node.attributes.tails.clear();
  EXPECT_THAT(InferType(graph, node).error().message(), HasSubstr("3 inputs"));
}

TEST(VerifyTest, RefusesTailsThatNoKernelHas) {
  GraphBuilder builder;
  const NodeId ids = builder.TokenIds();
  const NodeId x = builder.Gather(builder.Constant(Tensor(DType::kF32, {11, 8}), "t"), ids);
  const NodeId weight = builder.Constant(Tensor(DType::kF32, {6, 8}), "w");
  const Graph graph = std::move(builder).Finish(x);
  Node node;
  node.op = Op::kMatMul;
  node.inputs = {x, weight};
  node.attributes.tails = {{Op::kGeluErf, 0}};
  ASSERT_FALSE(InferType(graph, node).ok());
  EXPECT_THAT(InferType(graph, node).error().message(),
              HasSubstr("the kernels have no tail gelu_erf"));
  node.attributes.tails.assign(kMaxTails, {Op::kSilu, 0});
  EXPECT_TRUE(InferType(graph, node).ok());
  node.attributes.tails.assign(kMaxTails + 1, {Op::kSilu, 0});
  ASSERT_FALSE(InferType(graph, node).ok());
  EXPECT_THAT(InferType(graph, node).error().message(), HasSubstr("9 tails, expected at most 8"));
}

}  // namespace
}  // namespace tare
