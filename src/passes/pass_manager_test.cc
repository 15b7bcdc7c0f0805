#include "passes/pass_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "passes/test_interpreter.h"

namespace tare {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing_internal::CountOps;
using testing_internal::Weights;

std::vector<std::string> EnabledBy(std::string_view text) {
  const auto selection = PassSelection::Parse(text);
  EXPECT_TRUE(selection.ok()) << selection.error().message();
  std::vector<std::string> enabled;
  for (std::string_view name : SelectableNames()) {
    if (selection->Enabled(name)) enabled.emplace_back(name);
  }
  return enabled;
}

TEST(PassSelectionTest, DefaultsToAllInOrder) {
  const auto all = ElementsAre("fold_constants", "fuse_attention", "lower_einsum", "fuse_tails",
                               "eliminate_dead", "plan_memory");
  EXPECT_THAT(EnabledBy(""), all);
  EXPECT_THAT(EnabledBy("all"), all);
  EXPECT_TRUE(PassSelection().Enabled(kReuseMemory));
}

TEST(PassSelectionTest, NamesAreTheseAlone) {
  EXPECT_THAT(EnabledBy("fuse_tails, lower_einsum"), ElementsAre("lower_einsum", "fuse_tails"));
  EXPECT_THAT(EnabledBy("none"), ElementsAre());
}

TEST(PassSelectionTest, NoNamesAreAllButThese) {
  EXPECT_THAT(EnabledBy("no-fuse_tails,no-plan_memory"),
              ElementsAre("fold_constants", "fuse_attention", "lower_einsum", "eliminate_dead"));
  EXPECT_THAT(EnabledBy("fuse_tails,no-fuse_tails,plan_memory"), ElementsAre("plan_memory"));
}

TEST(PassSelectionTest, RefusesUnknownNamesAndListsTheKnown) {
  for (std::string_view text : {"no-", "no-all", "nothing"}) {
    const auto selection = PassSelection::Parse(text);
    ASSERT_FALSE(selection.ok()) << text;
    EXPECT_EQ(selection.error().code(), ErrorCode::kInvalidInput);
    EXPECT_THAT(selection.error().message(), HasSubstr("fold_constants, fuse_attention"));
  }
  EXPECT_THAT(PassSelection::Parse("fuse_tail").error().message(),
              HasSubstr("did you mean fuse_tails?"));
  EXPECT_FALSE(PassSelection::Parse("fuse_tails,none").ok());
}

// One decoder layer as a family's builder writes it: 2 heads over 1 key/value head, C = 6, D = 3.
Graph LayerGraph(Weights* weights) {
  GraphBuilder builder;
  const auto constant = [&](const Shape& shape) {
    return builder.Constant(weights->Random(shape), "w");
  };
  const NodeId x = builder.Gather(constant({7, 6}), builder.TokenIds());
  const NodeId query =
      builder.Einsum("bqm,uhm->bquh", x, builder.Reshape(constant({6, 6}), {2, 3, 6}));
  NodeId key = builder.Einsum("bkm,vhm->bkvh", x, builder.Reshape(constant({3, 6}), {1, 3, 6}));
  NodeId value = builder.Einsum("bkm,vhm->bkvh", x, builder.Reshape(constant({3, 6}), {1, 3, 6}));
  key = builder.Repeat(builder.CacheAppend(key, "key"), 2);
  value = builder.Repeat(builder.CacheAppend(value, "value"), 2);
  const NodeId scores = builder.Scale(builder.Einsum("bquh,bkuh->buqk", query, key), 0.5f);
  const NodeId mixed = builder.Einsum("buqk,bkuh->bquh", builder.CausalSoftmax(scores), value);
  const NodeId out =
      builder.Einsum("bquh,muh->bqm", mixed, builder.Reshape(constant({6, 6}), {6, 2, 3}));
  const NodeId residual = builder.Add(out, x);
  const NodeId gate = builder.Silu(builder.Einsum("btc,nc->btn", residual, constant({5, 6})));
  const NodeId up = builder.Einsum("btc,nc->btn", residual, constant({5, 6}));
  const NodeId down = builder.Einsum("btc,nc->btn", builder.Mul(up, gate), constant({6, 5}));
  return std::move(builder).Finish(builder.Add(down, residual));
}

TEST(RunPassesTest, MakesALayerOfProductsAndOneAttention) {
  Weights weights;
  Graph graph = LayerGraph(&weights);
  const Graph before = graph;
  const auto records = RunPasses(PassSelection(), nullptr, &graph);
  ASSERT_TRUE(records.ok()) << records.error().message();
  EXPECT_EQ(CountOps(graph, Op::kMatMul), 7u);
  EXPECT_EQ(CountOps(graph, Op::kAttention), 1u);
  EXPECT_EQ(CountOps(graph, Op::kCacheAppend), 2u);
  for (Op op : {Op::kEinsum, Op::kBatchedMatMul, Op::kRepeat, Op::kScale, Op::kAdd, Op::kMul,
                Op::kSilu, Op::kCausalSoftmax}) {
    EXPECT_EQ(CountOps(graph, op), 0u) << InfoOf(op).name;
  }
  testing_internal::ExpectSameValues(before, graph, {6, 2, 0, 3});
}

TEST(RunPassesTest, RecordsNodesAndBytesOfEveryPass) {
  Weights weights;
  Graph graph = LayerGraph(&weights);
  const size_t bytes = CountConstantBytes(graph).borrowed;
  const auto records = RunPasses(PassSelection(), nullptr, &graph);
  ASSERT_TRUE(records.ok());
  ASSERT_EQ(records->size(), 5u);
  for (const PassRecord& record : *records) {
    EXPECT_TRUE(record.ran) << record.name;
    EXPECT_GE(record.elapsed_ns, 0) << record.name;
    EXPECT_EQ(record.constants_before.borrowed, bytes) << record.name;
    EXPECT_EQ(record.constants_after.borrowed, bytes) << record.name;
    EXPECT_EQ(record.constants_after.owned, 0u) << record.name;
    EXPECT_EQ(record.copied_bytes, 0u) << record.name;
  }
  EXPECT_LT((*records)[1].nodes_after, (*records)[1].nodes_before);  // fuse_attention
  EXPECT_EQ((*records)[4].nodes_after, graph.size());
}

TEST(RunPassesTest, EverySelectionComputesTheSame) {
  for (std::string_view text :
       {"none", "no-fold_constants", "no-fuse_attention", "no-lower_einsum", "no-fuse_tails",
        "no-eliminate_dead", "lower_einsum", "fuse_attention", "fuse_tails"}) {
    SCOPED_TRACE(text);
    Weights weights;
    Graph graph = LayerGraph(&weights);
    const Graph before = graph;
    const auto selection = PassSelection::Parse(text);
    ASSERT_TRUE(selection.ok());
    ASSERT_TRUE(RunPasses(*selection, nullptr, &graph).ok());
    testing_internal::ExpectSameValues(before, graph, {1, 5, 5});
    EXPECT_EQ(CountConstantBytes(graph).borrowed, CountConstantBytes(before).borrowed);
  }
}

TEST(RunPassesTest, ASwitchedOffPassDoesNothing) {
  Weights weights;
  Graph graph = LayerGraph(&weights);
  const auto selection = PassSelection::Parse("no-fuse_attention");
  const auto records = RunPasses(*selection, nullptr, &graph);
  ASSERT_TRUE(records.ok());
  EXPECT_FALSE((*records)[1].ran);
  EXPECT_EQ(CountOps(graph, Op::kAttention), 0u);
  EXPECT_EQ(CountOps(graph, Op::kBatchedMatMul), 2u);
  EXPECT_THAT(FormatPassLog(*records), HasSubstr("fuse_attention  off\n"));
}

TEST(RunPassesTest, NamesThePassThatFails) {
  class Failing : public Evaluator {
    Result<Storage> Evaluate(const Node&, const std::vector<TensorView>&) override {
      return Error(ErrorCode::kOutOfMemory, "no room");
    }
  } evaluator;
  Weights weights;
  GraphBuilder builder;
  const NodeId x =
      builder.Gather(builder.Constant(weights.Random({2, 3}), "table"), builder.TokenIds());
  const NodeId silu = builder.Silu(builder.Constant(weights.Random({3}), "a"));
  Graph graph = std::move(builder).Finish(builder.Add(x, silu));
  const auto records = RunPasses(PassSelection(), &evaluator, &graph);
  ASSERT_FALSE(records.ok());
  EXPECT_EQ(records.error().message(), "pass fold_constants: no room");
}

TEST(FormatPassLogTest, PrintsNodesBytesAndNotes) {
  PassRecord record;
  record.name = "fold_constants";
  record.ran = true;
  record.elapsed_ns = 1250000;
  record.nodes_before = 812;
  record.nodes_after = 692;
  record.constants_before = {100 << 20, 0};
  record.constants_after = {100 << 20, 1536};
  record.copied_bytes = 128;
  record.notes = {"%7 (div) stays"};
  EXPECT_EQ(FormatPassLog({record}),
            "fold_constants      1.25 ms   nodes 812 -> 692   constants 100.0 MiB borrowed, 0 B "
            "owned -> 100.0 MiB borrowed, 1.5 KiB owned   copied 128 B\n  %7 (div) stays\n");
}

}  // namespace
}  // namespace tare
