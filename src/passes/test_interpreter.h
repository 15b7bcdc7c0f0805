#ifndef TARE_PASSES_TEST_INTERPRETER_H_
#define TARE_PASSES_TEST_INTERPRETER_H_

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "einsum/reference.h"
#include "graph/builder.h"
#include "graph/graph.h"
#include "graph/verify.h"

namespace tare::testing_internal {

// Runs a graph by its definition, in plain loops, for tests that compare a graph with what a pass
// made of it. An empty cache: S = T. f32 constants alone.
class Interpreter {
 public:
  Interpreter(const Graph& graph, std::vector<int32_t> ids) : graph_(graph), ids_(std::move(ids)) {}

  std::vector<float> Run() {
    values_.resize(graph_.size());
    for (NodeId id = 0; id < graph_.size(); ++id) values_[id] = Value(graph_.node(id));
    return values_[graph_.output()];
  }

 private:
  using Values = std::vector<float>;

  EinsumShape ShapeOf(NodeId id) const {
    const Shape shape = graph_.node(id).type.Resolve(ids_.size(), ids_.size());
    return {shape.begin(), shape.end()};
  }
  size_t Elements(const Node& node) const {
    return node.type.Resolve(ids_.size(), ids_.size()).elements();
  }
  size_t Last(NodeId id) const { return ShapeOf(id).back(); }
  const Values& In(const Node& node, size_t i) const { return values_[node.inputs[i]]; }

  Values Value(const Node& node) const {
    switch (node.op) {
      case Op::kInput:
        return {};
      case Op::kConstant: {
        EXPECT_EQ(node.constant.dtype, DType::kF32);
        return {node.constant.f32(), node.constant.f32() + node.constant.shape.elements()};
      }
      case Op::kReshape:
      case Op::kCacheAppend:
        return In(node, 0);
      case Op::kLastToken:
        return {In(node, 0).end() - static_cast<ptrdiff_t>(Elements(node)), In(node, 0).end()};
      case Op::kGather:
        return Gather(node);
      case Op::kRepeat:
        return Repeat(node);
      case Op::kEinsum:
        return Einsum(node, node.attributes.equation);
      case Op::kBatchedMatMul:
        return Einsum(node, EquationOf(node));
      case Op::kMatMul:
        return MatMul(node);
      case Op::kAttention:
        return Attention(node);
      case Op::kCausalSoftmax:
        return CausalSoftmax(node);
      case Op::kAdd:
      case Op::kMul:
      case Op::kDiv:
      case Op::kScale:
      case Op::kSilu:
      case Op::kGeluTanh:
        return Pointwise(node.op, In(node, 0), node.inputs.size() > 1 ? In(node, 1) : Values{},
                         node.attributes.scale);
      case Op::kSoftCap:
        return Capped(In(node, 0), node.attributes.soft_cap);
      default:
        ADD_FAILURE() << "no definition of " << InfoOf(node.op).name;
        return Values(Elements(node), 0.0f);
    }
  }

  Values Gather(const Node& node) const {
    const size_t width = Last(node.inputs[0]);
    Values out;
    for (int32_t id : ids_) {
      const auto row =
          In(node, 0).begin() + static_cast<ptrdiff_t>(id) * static_cast<ptrdiff_t>(width);
      out.insert(out.end(), row, row + static_cast<ptrdiff_t>(width));
    }
    return out;
  }

  Values Repeat(const Node& node) const {
    const size_t size = Last(node.inputs[0]);
    const Values& x = In(node, 0);
    Values out;
    for (size_t row = 0; row < x.size() / size; ++row) {
      for (size_t i = 0; i < node.attributes.repeats; ++i) {
        for (size_t d = 0; d < size; ++d) out.push_back(x[row * size + d]);
      }
    }
    return out;
  }

  Values Einsum(const Node& node, const std::string& text) const {
    const auto equation = EinsumEquation::Parse(text);
    EXPECT_TRUE(equation.ok()) << text;
    const EinsumShape shapes[] = {ShapeOf(node.inputs[0]), ShapeOf(node.inputs[1])};
    const std::span<const float> operands[] = {In(node, 0), In(node, 1)};
    Values out(Elements(node), -1e9f);
    EXPECT_TRUE(EinsumReference(equation.value(), shapes, operands, out).ok()) << text;
    return out;
  }

  // A spec says what an equation says, by axis instead of by label.
  static std::string EquationOf(const Node& node) {
    std::string terms[3];
    const auto set = [](std::string* term, uint8_t axis, char label) {
      if (axis == BatchedMatMulSpec::kAbsent) return;
      if (term->size() <= axis) term->resize(axis + size_t{1}, '?');
      (*term)[axis] = label;
    };
    char label = 'a';
    for (const auto& axis : node.attributes.batched.axes) {
      set(&terms[0], axis.a_axis, label);
      set(&terms[1], axis.b_axis, label);
      set(&terms[2], axis.out_axis, label);
      ++label;
    }
    return terms[0] + "," + terms[1] + "->" + terms[2];
  }

  Values MatMul(const Node& node) const {
    const Values& x = In(node, 0);
    const Values& w = In(node, 1);
    const size_t k = Last(node.inputs[0]);
    const size_t n = w.size() / k;
    // A weight of three axes is a matrix [k, d] of each head after another.
    const size_t d = ShapeOf(node.inputs[1]).size() == 3 ? ShapeOf(node.inputs[1])[2] : n;
    const bool out_in = node.attributes.layout == WeightLayout::kOutIn;
    Values y;
    for (size_t row = 0; row < x.size() / k; ++row) {
      for (size_t column = 0; column < n; ++column) {
        double sum = 0;
        for (size_t i = 0; i < k; ++i) {
          sum += double{x[row * k + i]} *
                 w[out_in ? column * k + i : column / d * k * d + i * d + column % d];
        }
        y.push_back(static_cast<float>(sum));
      }
    }
    for (const Tail& tail : node.attributes.tails) {
      y = Pointwise(tail.op, y, tail.input == 0 ? Values{} : In(node, tail.input), 1.0f);
    }
    return y;
  }

  static void SoftmaxRow(std::span<float> row) {
    double sum = 0;
    for (float& value : row) {
      value = std::exp(value);
      sum += value;
    }
    for (float& value : row) value = static_cast<float>(value / sum);
  }

  Values CausalSoftmax(const Node& node) const {
    Values out = In(node, 0);
    const size_t t = ids_.size();
    for (size_t row = 0; row < out.size() / t; ++row) {
      const std::span<float> keys(out.data() + row * t, t);
      const size_t visible = row % t + 1;
      const size_t first = FirstSeen(node, visible);
      SoftmaxRow(keys.subspan(first, visible - first));
      for (float& value : keys.first(first)) value = 0.0f;
      for (float& value : keys.subspan(visible)) value = 0.0f;
    }
    return out;
  }

  static size_t FirstSeen(const Node& node, size_t visible) {
    const size_t window = node.attributes.window;
    return window == 0 || visible <= window ? 0 : visible - window;
  }

  static Values Capped(Values x, float cap) {
    for (float& value : x) value = static_cast<float>(cap * std::tanh(double{value} / cap));
    return x;
  }

  // q [T, H, D], k and v [T, K, D]
  Values Attention(const Node& node) const {
    const EinsumShape q_shape = ShapeOf(node.inputs[0]);
    const size_t heads = q_shape[2];
    const size_t size = q_shape[3];
    const size_t kv_heads = ShapeOf(node.inputs[1])[2];
    Values out(Elements(node), 0.0f);
    for (size_t t = 0; t < q_shape[1]; ++t) {
      for (size_t h = 0; h < heads; ++h) {
        const size_t kv = h / (heads / kv_heads);
        Values weights(t + 1);
        const size_t first = FirstSeen(node, t + 1);
        for (size_t s = first; s <= t; ++s) {
          double sum = 0;
          for (size_t d = 0; d < size; ++d) {
            sum += double{In(node, 0)[(t * heads + h) * size + d]} *
                   In(node, 1)[(s * kv_heads + kv) * size + d];
          }
          weights[s] = static_cast<float>(sum) * node.attributes.scale;
        }
        if (node.attributes.soft_cap > 0.0f) weights = Capped(weights, node.attributes.soft_cap);
        SoftmaxRow(std::span(weights).subspan(first));
        for (size_t s = first; s <= t; ++s) {
          for (size_t d = 0; d < size; ++d) {
            out[(t * heads + h) * size + d] +=
                weights[s] * In(node, 2)[(s * kv_heads + kv) * size + d];
          }
        }
      }
    }
    return out;
  }

  static Values Pointwise(Op op, const Values& a, const Values& b, float scale) {
    Values out = a;
    for (size_t i = 0; i < a.size(); ++i) {
      const double x = a[i];
      const double y = b.empty() ? 0.0 : b[i % b.size()];
      double result = x;
      if (op == Op::kAdd) result = x + y;
      if (op == Op::kMul) result = x * y;
      if (op == Op::kDiv) result = x / y;
      if (op == Op::kScale) result = x * scale;
      if (op == Op::kSilu) result = x / (1.0 + std::exp(-x));
      if (op == Op::kGeluTanh) {
        result = x / 2 * (1 + std::tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));
      }
      out[i] = static_cast<float>(result);
    }
    return out;
  }

  const Graph& graph_;
  std::vector<int32_t> ids_;
  std::vector<Values> values_;
};

// Tensors for test graphs, which must not outlive it. Distinct values in [-1, 1].
class Weights {
 public:
  TensorView Random(const Shape& shape) {
    auto storage = Storage::Allocate(DType::kF32, shape);
    EXPECT_TRUE(storage.ok());
    std::uniform_real_distribution<float> distribution(-1.0f, 1.0f);
    for (size_t i = 0; i < shape.elements(); ++i) storage->f32()[i] = distribution(random_);
    kept_.push_back(std::make_unique<Storage>(std::move(storage).value()));
    return kept_.back()->view();
  }
  // Zero bytes of a block-quantised type: for tests of structure alone.
  TensorView Quantized(DType type, const Shape& shape) {
    auto storage = Storage::Allocate(type, shape);
    EXPECT_TRUE(storage.ok());
    kept_.push_back(std::make_unique<Storage>(std::move(storage).value()));
    return kept_.back()->view();
  }

 private:
  std::mt19937 random_{7};
  std::vector<std::unique_ptr<Storage>> kept_;
};

inline size_t CountOps(const Graph& graph, Op op) {
  size_t count = 0;
  for (const Node& node : graph.nodes()) count += node.op == op;
  return count;
}

// The first node of an op. Precondition: there is one.
inline const Node& FirstOf(const Graph& graph, Op op) {
  for (const Node& node : graph.nodes()) {
    if (node.op == op) return node;
  }
  ADD_FAILURE() << "no " << InfoOf(op).name;
  return graph.node(graph.output());
}

// Every sum here has at most 64 terms of magnitude at most 8, each rounded a few times.
inline void ExpectSameValues(const Graph& before, const Graph& after, std::vector<int32_t> ids) {
  ASSERT_TRUE(Verify(after).ok()) << Verify(after).error().message();
  const std::vector<float> expected = Interpreter(before, ids).Run();
  const std::vector<float> got = Interpreter(after, ids).Run();
  ASSERT_EQ(got.size(), expected.size());
  const float tolerance = 64 * 8 * 4 * std::numeric_limits<float>::epsilon();
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_TRUE(std::abs(got[i] - expected[i]) <= tolerance)
        << "element " << i << ": got " << got[i] << ", expected " << expected[i];
  }
}

}  // namespace tare::testing_internal

#endif  // TARE_PASSES_TEST_INTERPRETER_H_
