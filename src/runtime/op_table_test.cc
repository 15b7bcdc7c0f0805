// What the shape rules accept, the executor runs: walks the op table and the table of types.
#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <vector>

#include "graph/builder.h"
#include "graph/infer.h"
#include "graph/verify.h"
#include "kernels/kernel_testing.h"
#include "runtime/executor.h"

namespace tare {
namespace {

constexpr size_t kTableRows = 32;
constexpr size_t kWidth = 256;  // whole blocks of every type
constexpr int32_t kIds[] = {3, 30, 7};

// Values that stay, as constants borrow them.
class Values {
 public:
  TensorView Random(DType type, const Shape& shape) {
    const size_t n = shape.elements();
    bytes_.push_back(type == DType::kI32 ? std::vector<std::byte>(n * sizeof(int32_t))
                                         : RandomWeights(type, n, ++seed_));
    return {type, shape, bytes_.back().data()};
  }

 private:
  uint32_t seed_ = 0;
  std::vector<std::vector<std::byte>> bytes_;
};

// x [1, T, C], from which graphs go on.
Graph Beginning(Values& values, NodeId* x) {
  GraphBuilder builder;
  const NodeId table = builder.Constant(values.Random(DType::kF32, {kTableRows, kWidth}), "table");
  *x = builder.Gather(table, builder.TokenIds());
  return std::move(builder).Finish(*x);
}

NodeId AddConstant(Graph& graph, const TensorView& tensor) {
  Node node;
  node.op = Op::kConstant;
  node.constant = tensor;
  node.type = ValueType::Of(tensor);
  return graph.Add(node);
}

// Adds the node with the type that the shape rule gives it. Precondition: it accepts the node.
NodeId AddInferred(Graph& graph, Node node) {
  node.type = *InferType(graph, node);
  return graph.Add(node);
}

std::vector<float> RunGraph(Graph graph, NodeId output) {
  graph.set_output(output);
  ThreadPool pool(2);
  Result<Executor> executor =
      Executor::Create(std::move(graph), KernelsFor(SupportedCpuIsas().back()), pool);
  if (!executor.ok()) {
    ADD_FAILURE() << executor.error().message();
    return {};
  }
  Result<KvCache> cache = KvCache::Create(executor->CacheSlotElements(), std::size(kIds));
  const Result<std::span<const float>> out = executor->Run(kIds, *cache);
  if (!out.ok()) {
    ADD_FAILURE() << out.error().message();
    return {};
  }
  return {out->begin(), out->end()};
}

TEST(OpTableTest, EveryTailThatIsAcceptedDoesWhatItsOpDoes) {
  size_t accepted = 0;
  for (int i = 0; i < kOpCount; ++i) {
    const Op op = static_cast<Op>(i);
    SCOPED_TRACE(InfoOf(op).name);
    Values values;
    NodeId x = kNoNode;
    Graph graph = Beginning(values, &x);
    Node product;
    product.op = Op::kMatMul;
    product.inputs = {x, AddConstant(graph, values.Random(DType::kF32, {kWidth, kWidth}))};
    Node fused = product;
    fused.attributes.tails = {{op, 0}};
    if (InfoOf(op).min_inputs == 2) {
      fused.attributes.tails[0].input = 2;
      fused.inputs.push_back(AddConstant(graph, values.Random(DType::kF32, {kWidth})));
    }
    EXPECT_EQ(InferType(graph, fused).ok(), InfoOf(op).is_tail);
    if (!InferType(graph, fused).ok()) continue;
    ++accepted;
    Node apart;
    apart.op = op;
    apart.inputs = {AddInferred(graph, product)};
    if (fused.inputs.size() == 3) apart.inputs.push_back(fused.inputs[2]);
    const NodeId apart_id = AddInferred(graph, apart);
    const NodeId fused_id = AddInferred(graph, fused);
    const std::vector<float> want = RunGraph(graph, apart_id);
    const std::vector<float> got = RunGraph(graph, fused_id);
    ASSERT_EQ(got.size(), std::size(kIds) * kWidth);
    // Both forms compute the same f32 operations; a fused multiply-add may round once less.
    for (size_t k = 0; k < got.size(); ++k) {
      ASSERT_TRUE(std::abs(got[k] - want[k]) <= 4 * kUnitRoundoff * (1 + std::abs(want[k])))
          << k << ": " << got[k] << " and " << want[k];
    }
  }
  EXPECT_EQ(accepted, 4u);
}

// Each op that reads weights, with weights of every type.
TEST(OpTableTest, WeightsOfEveryTypeThatIsAcceptedAreRead) {
  for (const DType type : kAllDTypes) {
    SCOPED_TRACE(DTypeName(type));
    Values values;
    NodeId x = kNoNode;
    const Graph beginning = Beginning(values, &x);
    const auto expect_runs = [&](Node node, bool weight_first) {
      SCOPED_TRACE(InfoOf(node.op).name);
      Graph graph = beginning;
      const NodeId weight = AddConstant(graph, values.Random(type, {kWidth, kWidth}));
      node.inputs.insert(weight_first ? node.inputs.begin() : node.inputs.end(), weight);
      const bool takes_blocks =
          node.op != Op::kPositions &&
          !(node.op == Op::kMatMul && node.attributes.layout == WeightLayout::kInOut);
      const bool takes = type != DType::kI32 && (takes_blocks || !IsBlockQuantized(type));
      if (!InferType(graph, node).ok()) {
        EXPECT_FALSE(takes);
        return;
      }
      const NodeId output = AddInferred(graph, node);
      graph.set_output(output);
      EXPECT_EQ(Verify(graph).ok(), takes);
      if (!takes) return;
      const std::vector<float> result = RunGraph(graph, output);
      ASSERT_EQ(result.size(), std::size(kIds) * kWidth);
      float sum = 0;
      for (const float value : result) sum += std::abs(value);
      EXPECT_TRUE(sum > 0 && std::isfinite(sum)) << sum;
    };
    Node node;
    node.op = Op::kMatMul;
    node.inputs = {x};
    expect_runs(node, false);
    node.attributes.layout = WeightLayout::kInOut;
    expect_runs(node, false);
    node.op = Op::kEinsum;
    node.attributes.equation = "btc,nc->btn";
    expect_runs(node, false);
    node.op = Op::kPositions;
    expect_runs(node, true);
    node.op = Op::kGather;
    node.inputs = {beginning.node(x).inputs[1]};
    expect_runs(node, true);
  }
}

}  // namespace
}  // namespace tare
