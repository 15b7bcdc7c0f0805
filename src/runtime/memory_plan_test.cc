#include "runtime/memory_plan.h"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <random>
#include <set>

#include "passes/passes.h"
#include "passes/test_interpreter.h"

namespace tare {
namespace {

using testing_internal::Weights;

constexpr size_t kTokens = 3;
constexpr size_t kContext = 7;
constexpr size_t kCell = sizeof(float);

bool IsView(const Node& node) { return node.op == Op::kReshape || node.op == Op::kLastToken; }
bool Runs(const Node& node) {
  return !IsView(node) && node.op != Op::kInput && node.op != Op::kConstant;
}

// Runs a plan on an arena whose cells remember who wrote them, and sees who touches what between
// barriers. It knows offsets and barriers alone, nothing of how they were found.
class PlanChecker {
 public:
  PlanChecker(const Graph& graph, const MemoryPlan& plan)
      : graph_(graph), plan_(plan), writers_(plan.arena_bytes / kCell, kNoNode) {}

  void Check() {
    ASSERT_EQ(plan_.offsets.size(), graph_.size());
    ASSERT_EQ(plan_.needs_barrier_before.size(), graph_.size());
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (plan_.needs_barrier_before[id]) touched_.clear();
      if (Runs(graph_.node(id))) Run(id);
      if (::testing::Test::HasFatalFailure()) return;
    }
    touched_.clear();  // All threads are done; the output is read after this.
    Read(kNoNode, graph_.output());
  }

 private:
  struct Touched {
    std::set<NodeId> readers;
    std::set<NodeId> writers;
  };

  NodeId WriterOf(NodeId id) const {
    while (IsView(graph_.node(id))) id = graph_.node(id).inputs[0];
    return id;
  }

  // The cells of a value; those of cache slots lie past the arena.
  std::vector<size_t> CellsOf(NodeId id) const {
    const Node& root = graph_.node(WriterOf(id));
    if (root.op == Op::kCacheAppend) return {writers_.size() + root.attributes.cache_slot};
    if (root.op == Op::kInput || root.op == Op::kConstant) return {};
    const size_t count = graph_.node(id).type.Resolve(kTokens, kContext).elements();
    EXPECT_NE(plan_.offsets[id], MemoryPlan::kNoOffset) << id;
    EXPECT_EQ(plan_.offsets[id] % kCell, 0u);
    EXPECT_LE(plan_.offsets[id] / kCell + count, writers_.size()) << id;
    std::vector<size_t> cells(count);
    std::iota(cells.begin(), cells.end(), plan_.offsets[id] / kCell);
    return cells;
  }

  void Read(NodeId reader, NodeId value) {
    for (size_t cell : CellsOf(value)) {
      if (cell < writers_.size()) {
        ASSERT_EQ(writers_[cell], WriterOf(value)) << "%" << reader << " reads %" << value;
      }
      Touched& touched = touched_[cell];
      touched.readers.insert(reader);
      for (NodeId writer : touched.writers) {
        ASSERT_EQ(writer, reader) << "no barrier between %" << writer << " and its reader";
      }
    }
  }

  void Write(NodeId id) {
    for (size_t cell : CellsOf(id)) {
      if (cell < writers_.size()) writers_[cell] = id;
      Touched& touched = touched_[cell];
      for (NodeId reader : touched.readers) {
        ASSERT_EQ(reader, id) << "no barrier between reader %" << reader << " and %" << id;
      }
      for (NodeId writer : touched.writers) ASSERT_EQ(writer, id);
      touched.writers.insert(id);
    }
  }

  void Run(NodeId id) {
    const Node& node = graph_.node(id);
    for (NodeId input : node.inputs) Read(id, input);
    // What is written may be what is read only where the op may run in place, over input 0.
    const std::vector<size_t> cells = CellsOf(id);
    const std::set<size_t> written(cells.begin(), cells.end());
    for (size_t i = InfoOf(node.op).in_place ? 1 : 0; i < node.inputs.size(); ++i) {
      for (size_t cell : CellsOf(node.inputs[i])) ASSERT_FALSE(written.contains(cell)) << "%" << id;
    }
    Write(id);
  }

  const Graph& graph_;
  const MemoryPlan& plan_;
  std::vector<NodeId> writers_;
  std::map<size_t, Touched> touched_;
};

// A random graph over values [1, T, 6], with caches and score matrices.
class RandomGraph {
 public:
  explicit RandomGraph(uint32_t seed) : random_(seed) {}

  Graph Make() {
    const NodeId ids = builder_.TokenIds();
    const NodeId table = builder_.Constant(weights_.Random({5, 6}), "table");
    values_ = {builder_.Gather(table, ids), builder_.Gather(table, ids)};
    for (int i = 0; i < 25; ++i) values_.push_back(Next());
    return std::move(builder_).Finish(Pick(2) == 0 ? values_.back()
                                                   : builder_.LastToken(values_.back()));
  }

 private:
  size_t Pick(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }
  // Recent values more often, so that many die early.
  NodeId Any() { return values_[values_.size() - 1 - Pick(std::min<size_t>(5, values_.size()))]; }
  NodeId Heads(NodeId x) { return builder_.Reshape(x, {1, Dim::Tokens(), 2, 3}); }

  NodeId Next() {
    switch (Pick(9)) {
      case 0:
        return builder_.Silu(Any());
      case 1:
        return builder_.Add(Any(), Any());
      case 2:
        return builder_.Mul(Any(), builder_.Constant(weights_.Random({6}), "w"));
      case 3:
        return Product(Any(), 6, 6);
      case 4:
        return Flat(builder_.Silu(Heads(Any())));
      case 5: {
        const NodeId x = Any();
        return builder_.Add(x, LastRow(Pick(2) == 0 ? x : builder_.Silu(Any())));
      }
      case 6:
      case 7:
        return Wide();
      default:
        return Attention();
    }
  }
  NodeId Product(NodeId x, size_t from, size_t to) {
    return builder_.Einsum("btc,nc->btn", x, builder_.Constant(weights_.Random({to, from}), "w"));
  }
  // Values of many sizes that live together.
  NodeId Wide() {
    const size_t first = 1 + Pick(60);
    const size_t second = 1 + Pick(60);
    const NodeId a = Product(Any(), 6, first);
    const NodeId b = Product(builder_.Silu(Product(Any(), 6, second)), second, 6);
    return builder_.Add(b, Product(a, first, 6));
  }
  NodeId Flat(NodeId heads) { return builder_.Reshape(heads, {1, Dim::Tokens(), 6}); }

  // The last token's row, as a vector.
  NodeId LastRow(NodeId x) {
    const NodeId row = builder_.LastToken(x);
    return builder_.Reshape(Pick(2) == 0 ? row : builder_.Scale(row, 2.0f), {6});
  }

  NodeId Attention() {
    const NodeId key = builder_.CacheAppend(Heads(Any()), "key");
    const NodeId value = builder_.Repeat(builder_.CacheAppend(Heads(Any()), "value"), 1);
    const NodeId scores = builder_.Einsum("bquh,bkuh->buqk", Heads(Any()), key);
    return Flat(builder_.Einsum("buqk,bkuh->bquh", builder_.CausalSoftmax(scores), value));
  }

  std::mt19937 random_;
  Weights weights_;
  GraphBuilder builder_;
  std::vector<NodeId> values_;
};

TEST(PlanMemoryTest, RandomGraphsNeverShareLiveMemoryAndMeetInTime) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    const Graph made = RandomGraph(seed).Make();
    Graph swept = made;
    PassContext context;
    ASSERT_TRUE(EliminateDead(&swept, &context).ok());
    PlanChecker(swept, PlanMemory(swept, kTokens, kContext)).Check();
    ASSERT_FALSE(HasFatalFailure());
    PlanChecker(swept, PlanMemory(swept, kTokens, kContext, /*reuse=*/false)).Check();
    ASSERT_FALSE(HasFatalFailure());
    // Dead nodes take no memory.
    EXPECT_EQ(PlanMemory(made, kTokens, kContext).arena_bytes,
              PlanMemory(swept, kTokens, kContext).arena_bytes);
  }
}

// x [1, T, 16]: T = 4 makes a value 256 bytes.
class SmallPlanTest : public ::testing::Test {
 protected:
  SmallPlanTest() {
    x_ = builder_.Gather(builder_.Constant(weights_.Random({5, 16}), "table"), builder_.TokenIds());
  }
  NodeId Product(NodeId x) {
    return builder_.Einsum("btc,nc->btn", x,
                           builder_.Constant(weights_.Random({16, 16}), "kernel"));
  }
  MemoryPlan Plan(NodeId output, bool reuse = true) {
    const Graph graph = std::move(builder_).Finish(output);
    return PlanMemory(graph, 4, 4, reuse);
  }

  Weights weights_;
  GraphBuilder builder_;
  NodeId x_ = kNoNode;
};

TEST_F(SmallPlanTest, PointwiseChainsNeedOneBlock) {
  const NodeId a = builder_.Silu(x_);
  const NodeId b = builder_.Scale(a, 2.0f);
  const MemoryPlan plan = Plan(b);
  EXPECT_EQ(plan.arena_bytes, 256u);
  EXPECT_EQ(plan.offsets[a], plan.offsets[x_]);
  EXPECT_EQ(plan.offsets[b], plan.offsets[x_]);
}

TEST_F(SmallPlanTest, WithoutReuseEveryValueHasItsOwn) {
  EXPECT_EQ(Plan(builder_.Scale(builder_.Silu(x_), 2.0f), /*reuse=*/false).arena_bytes, 3 * 256u);
}

TEST_F(SmallPlanTest, ChainsOfProductsTakeTurnsInTwoBlocks) {
  NodeId value = x_;
  for (int i = 0; i < 6; ++i) value = Product(value);
  EXPECT_EQ(Plan(value).arena_bytes, 2 * 256u);
}

TEST_F(SmallPlanTest, AValueReadLaterIsNotOverwritten) {
  const NodeId a = builder_.Silu(x_);
  const MemoryPlan plan = Plan(builder_.Add(a, x_));
  EXPECT_NE(plan.offsets[a], plan.offsets[x_]);
  EXPECT_EQ(plan.arena_bytes, 2 * 256u);
}

TEST_F(SmallPlanTest, ConstantsAndInputsTakeNone) {
  const NodeId constant = builder_.Constant(weights_.Random({16}), "w");
  const MemoryPlan plan = Plan(builder_.Add(x_, constant));
  EXPECT_EQ(plan.offsets[constant], MemoryPlan::kNoOffset);
  EXPECT_EQ(plan.offsets[0], MemoryPlan::kNoOffset);
  EXPECT_EQ(plan.arena_bytes, 256u);
}

TEST_F(SmallPlanTest, TheLastTokenIsARowOfItsSource) {
  const NodeId row = builder_.LastToken(x_);
  const NodeId heads = builder_.Reshape(row, {1, 1, 2, 8});
  const MemoryPlan plan = Plan(Product(builder_.Reshape(heads, {1, 1, 16})));
  EXPECT_EQ(plan.offsets[row], plan.offsets[x_] + 3 * 64);
  EXPECT_EQ(plan.offsets[heads], plan.offsets[row]);
}

TEST_F(SmallPlanTest, IndependentProductsNeedNoBarrierBetweenThem) {
  const NodeId a = Product(x_);
  const NodeId b = Product(x_);
  const NodeId sum = builder_.Add(a, b);
  const MemoryPlan plan = Plan(sum);
  EXPECT_FALSE(plan.needs_barrier_before[x_]);
  EXPECT_TRUE(plan.needs_barrier_before[a]);
  EXPECT_FALSE(plan.needs_barrier_before[b]);
  EXPECT_TRUE(plan.needs_barrier_before[sum]);
}

TEST_F(SmallPlanTest, ReadersOfACacheWaitForWhatIsAppended) {
  const NodeId heads = builder_.Reshape(x_, {1, Dim::Tokens(), 2, 8});
  const NodeId key = builder_.CacheAppend(heads, "key");
  const NodeId value = builder_.CacheAppend(heads, "value");
  const NodeId scores = builder_.Einsum("bquh,bkuh->buqk", heads, key);
  const NodeId mixed = builder_.Einsum("buqk,bkuh->bquh", builder_.CausalSoftmax(scores), value);
  const MemoryPlan plan = Plan(mixed);
  EXPECT_EQ(plan.offsets[key], MemoryPlan::kNoOffset);
  EXPECT_TRUE(plan.needs_barrier_before[key]);     // reads what the gather wrote
  EXPECT_FALSE(plan.needs_barrier_before[value]);  // another slot
  EXPECT_TRUE(plan.needs_barrier_before[scores]);
}

TEST_F(SmallPlanTest, TwoWritersOfOneCacheMeet) {
  const NodeId heads = builder_.Reshape(x_, {1, Dim::Tokens(), 2, 8});
  const NodeId first = builder_.CacheAppend(heads, "key");
  const NodeId second = builder_.CacheAppend(heads, "key again");
  const NodeId product = builder_.Einsum("bquh,bkuh->buqk", first, second);
  Graph graph = std::move(builder_).Finish(product);
  graph.node(second).attributes.cache_slot = graph.node(first).attributes.cache_slot;
  EXPECT_TRUE(PlanMemory(graph, 4, 4).needs_barrier_before[second]);
}

TEST_F(SmallPlanTest, AVectorThatIsARowOfTheOtherOperandIsNotOverwritten) {
  const NodeId row = builder_.Reshape(builder_.LastToken(x_), {16});
  const NodeId sum = builder_.Add(x_, row);
  const MemoryPlan plan = Plan(sum);
  EXPECT_NE(plan.offsets[sum], plan.offsets[x_]);
}

TEST_F(SmallPlanTest, SizesFollowTokensAndContext) {
  const NodeId heads = builder_.Reshape(x_, {1, Dim::Tokens(), 2, 8});
  const NodeId repeated = builder_.Repeat(builder_.CacheAppend(heads, "key"), 2);
  const Graph graph = std::move(builder_).Finish(repeated);
  const size_t row = 2 * 2 * 8 * sizeof(float);
  EXPECT_EQ(PlanMemory(graph, 1, 100).arena_bytes, 100 * row);
  EXPECT_EQ(PlanMemory(graph, 8, 200).arena_bytes, 200 * row);
}

}  // namespace
}  // namespace tare
