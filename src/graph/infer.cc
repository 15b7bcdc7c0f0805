// The shape rules, one function an op family. One file: they are the second column of op.h's table
// and are read together.
#include "graph/infer.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "einsum/equation.h"

namespace tare {
namespace {

using Inputs = std::vector<const ValueType*>;

std::string TypeText(const ValueType& type) { return type.ToString(); }

Error Mismatch(const Node& node, size_t input, const ValueType& got, std::string_view expected) {
  return InternalError("{}: input {} is {}, expected {}", InfoOf(node.op).name, input,
                       TypeText(got), expected);
}

Status ExpectF32(const Node& node, const Inputs& inputs) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i]->dtype != DType::kF32) return Mismatch(node, i, *inputs[i], "f32");
  }
  return {};
}

// Numbers that kernels decode; token ids are none.
Status ExpectWeights(const Node& node, const Inputs& inputs, size_t input) {
  if (IsWeightType(inputs[input]->dtype)) return {};
  return Mismatch(node, input, *inputs[input], "floating-point or quantised numbers");
}

Status ExpectRank(const Node& node, const Inputs& inputs, size_t input, size_t rank) {
  if (inputs[input]->rank() == rank) return {};
  return Mismatch(node, input, *inputs[input], fmt::format("rank {}", rank));
}

// The executor takes T and S from the step and not from the operand, so an op whose kernel gets
// them must have them on the expected axis.
Status ExpectAxis(const Node& node, const Inputs& inputs, size_t input, size_t axis, Dim size) {
  if (inputs[input]->dims[axis] == size) return {};
  return Mismatch(node, input, *inputs[input], fmt::format("{} as axis {}", size.ToString(), axis));
}

bool IsVectorOf(const ValueType& type, Dim length) {
  return type.rank() == 1 && type.dims[0] == length;
}

// The static factor of the element count and how often T and S divide into it.
struct SymbolicCount {
  size_t product = 1;
  size_t tokens = 0;
  size_t context = 0;
  bool operator==(const SymbolicCount&) const = default;
};

SymbolicCount Count(const ValueType& type) {
  SymbolicCount count;
  for (const Dim& dim : type.dims) {
    if (dim.is_static()) count.product *= dim.value();
    if (dim.kind() == Dim::Kind::kTokens) ++count.tokens;
    if (dim.kind() == Dim::Kind::kContext) ++count.context;
  }
  return count;
}

Result<ValueType> Reshape(const Node& node, const Inputs& inputs) {
  if (node.type.dtype != inputs[0]->dtype || Count(node.type) != Count(*inputs[0])) {
    return Mismatch(node, 0, *inputs[0], "as many elements as " + TypeText(node.type));
  }
  if (IsBlockQuantized(node.type.dtype)) {
    const Dim last = node.type.dims.empty() ? Dim(1) : node.type.dims.back();
    if (!last.is_static() || last.value() % BlockElements(node.type.dtype) != 0) {
      return InternalError("reshape: {} would cut a block of {} elements", TypeText(node.type),
                           BlockElements(node.type.dtype));
    }
  }
  return node.type;
}

Result<ValueType> Repeat(const Node& node, const Inputs& inputs) {
  TARE_RETURN_IF_ERROR(ExpectF32(node, inputs));
  ValueType type = *inputs[0];
  if (type.rank() < 2 || !type.dims[type.rank() - 2].is_static()) {
    return Mismatch(node, 0, type, "a static axis before the last");
  }
  Dim& heads = type.dims[type.rank() - 2];
  heads = Dim(heads.value() * node.attributes.repeats);
  return type;
}

Result<ValueType> Slice(const Node& node, const Inputs& inputs) {
  TARE_RETURN_IF_ERROR(ExpectF32(node, inputs));
  ValueType whole = node.type;
  if (whole.rank() == 0 || whole.rank() != inputs[0]->rank() || !whole.dims.back().is_static() ||
      !inputs[0]->dims.back().is_static()) {
    return Mismatch(node, 0, *inputs[0],
                    "the rank of " + TypeText(whole) + ", its last axis static");
  }
  const size_t size = inputs[0]->dims.back().value();
  const size_t wanted = whole.dims.back().value();
  whole.dims.back() = Dim(size);
  if (whole != *inputs[0] || node.attributes.begin > size ||
      wanted > size - node.attributes.begin) {
    return Mismatch(node, 0, *inputs[0],
                    fmt::format("to hold {} at {}", TypeText(node.type), node.attributes.begin));
  }
  return node.type;
}

Result<ValueType> LastToken(const Node& node, const Inputs& inputs) {
  TARE_RETURN_IF_ERROR(ExpectRank(node, inputs, 0, 3));
  TARE_RETURN_IF_ERROR(ExpectAxis(node, inputs, 0, 1, Dim::Tokens()));
  ValueType type = *inputs[0];
  type.dims[1] = Dim(1);
  return type;
}

Result<ValueType> Gather(const Node& node, const Inputs& inputs) {
  TARE_RETURN_IF_ERROR(ExpectWeights(node, inputs, 0));
  TARE_RETURN_IF_ERROR(ExpectRank(node, inputs, 0, 2));
  TARE_RETURN_IF_ERROR(ExpectRank(node, inputs, 1, 2));
  TARE_RETURN_IF_ERROR(ExpectAxis(node, inputs, 1, 1, Dim::Tokens()));
  if (inputs[1]->dtype != DType::kI32) return Mismatch(node, 1, *inputs[1], "i32");
  return ValueType{DType::kF32, {inputs[1]->dims[0], inputs[1]->dims[1], inputs[0]->dims[1]}};
}

Result<ValueType> Positions(const Node& node, const Inputs& inputs) {
  TARE_RETURN_IF_ERROR(ExpectWeights(node, inputs, 0));
  TARE_RETURN_IF_ERROR(ExpectRank(node, inputs, 0, 2));
  TARE_RETURN_IF_ERROR(ExpectRank(node, inputs, 1, 3));
  TARE_RETURN_IF_ERROR(ExpectAxis(node, inputs, 1, 1, Dim::Tokens()));
  if (inputs[0]->dims[1] != inputs[1]->dims[2]) {
    return Mismatch(node, 0, *inputs[0], "rows as wide as " + TypeText(*inputs[1]));
  }
  return ValueType{DType::kF32, inputs[1]->dims};
}

Result<ValueType> Einsum(const Node& node, const Inputs& inputs) {
  TARE_ASSIGN_OR_RETURN(const EinsumEquation equation,
                        EinsumEquation::Parse(node.attributes.equation));
  if (equation.operand_count() != 2 || equation.has_ellipsis()) {
    return InternalError("einsum \"{}\": expected two operands and no ellipsis",
                         node.attributes.equation);
  }
  std::map<char, Dim> sizes;
  for (size_t i = 0; i < 2; ++i) {
    TARE_RETURN_IF_ERROR(ExpectWeights(node, inputs, i));
    const std::string& labels = equation.operand(i);
    if (labels.size() != inputs[i]->rank()) {
      return Mismatch(node, i, *inputs[i], "the rank of \"" + labels + "\"");
    }
    for (size_t axis = 0; axis < labels.size(); ++axis) {
      const auto [entry, is_new] = sizes.emplace(labels[axis], inputs[i]->dims[axis]);
      if (!is_new && entry->second != inputs[i]->dims[axis]) {
        return Mismatch(node, i, *inputs[i],
                        fmt::format("{} for label {} of \"{}\"", entry->second.ToString(),
                                    labels[axis], node.attributes.equation));
      }
    }
  }
  ValueType type;
  for (char label : equation.output()) type.dims.push_back(sizes.at(label));
  return type;
}

// The kernels' own list of tails, and of operands in the order in which the tails read them.
Status CheckTails(const Node& node, const Inputs& inputs, const ValueType& product) {
  const std::vector<Tail>& tails = node.attributes.tails;
  if (tails.size() > kMaxTails) {
    return InternalError("matmul: {} tails, expected at most {}", tails.size(), kMaxTails);
  }
  size_t operands = 2;
  for (const Tail& tail : tails) {
    const OpInfo& info = InfoOf(tail.op);
    if (!info.is_tail) {
      return InternalError("matmul: the kernels have no tail {}", info.name);
    }
    if (info.min_inputs == 1) continue;
    if (tail.input != operands || operands >= inputs.size()) {
      return InternalError("matmul: tail {} reads input {}, expected {}", info.name, tail.input,
                           operands);
    }
    const ValueType& operand = *inputs[operands];
    if (operand.dtype != DType::kF32 ||
        (operand != product && !IsVectorOf(operand, product.dims.back()))) {
      return Mismatch(node, operands, operand, TypeText(product) + " or a vector of its last axis");
    }
    ++operands;
  }
  if (operands != inputs.size()) {
    return InternalError("matmul: {} inputs, but product and tails read {}", inputs.size(),
                         operands);
  }
  return {};
}

Result<ValueType> MatMul(const Node& node, const Inputs& inputs) {
  TARE_RETURN_IF_ERROR(ExpectWeights(node, inputs, 1));
  const bool out_in = node.attributes.layout == WeightLayout::kOutIn;
  const bool has_heads = inputs[1]->rank() == 3 && !out_in && inputs[1]->is_static();
  if (!has_heads) TARE_RETURN_IF_ERROR(ExpectRank(node, inputs, 1, 2));
  if (inputs[0]->rank() == 0 || inputs[0]->dtype != DType::kF32) {
    return Mismatch(node, 0, *inputs[0], "f32 [.., K]");
  }
  const std::vector<Dim>& dims = inputs[1]->dims;
  const Dim k = has_heads || out_in ? dims[1] : dims[0];
  const Dim n = has_heads ? Dim(dims[0].value() * dims[2].value()) : dims[out_in ? 0 : 1];
  if (inputs[0]->dims.back() != k) {
    return Mismatch(node, 0, *inputs[0], "a last axis of " + k.ToString());
  }
  if (!out_in && IsBlockQuantized(inputs[1]->dtype)) {
    return Mismatch(node, 1, *inputs[1], "blocks along the contracted axis");
  }
  ValueType type = *inputs[0];
  type.dims.back() = n;
  TARE_RETURN_IF_ERROR(CheckTails(node, inputs, type));
  return type;
}

Result<ValueType> BatchedMatMul(const Node& node, const Inputs& inputs) {
  TARE_RETURN_IF_ERROR(ExpectF32(node, inputs));
  const std::array<size_t, 2> ranks = {inputs[0]->rank(), inputs[1]->rank()};
  std::vector<Dim> dims;
  for (const BatchedMatMulSpec::Axis& axis : node.attributes.batched.axes) {
    const bool in_a = axis.a_axis != BatchedMatMulSpec::kAbsent;
    const bool in_b = axis.b_axis != BatchedMatMulSpec::kAbsent;
    if ((in_a && axis.a_axis >= ranks[0]) || (in_b && axis.b_axis >= ranks[1]) ||
        (!in_a && !in_b)) {
      return InternalError("batched_matmul: an axis lies outside its operands");
    }
    const Dim size = in_a ? inputs[0]->dims[axis.a_axis] : inputs[1]->dims[axis.b_axis];
    if (in_a && in_b && size != inputs[1]->dims[axis.b_axis]) {
      return Mismatch(node, 1, *inputs[1], "operands that agree on their common axes");
    }
    if (axis.out_axis == BatchedMatMulSpec::kAbsent) continue;
    if (dims.size() <= axis.out_axis) dims.resize(axis.out_axis + size_t{1}, Dim(0));
    dims[axis.out_axis] = size;
  }
  return ValueType{DType::kF32, dims};
}

Result<ValueType> Attention(const Node& node, const Inputs& inputs) {
  TARE_RETURN_IF_ERROR(ExpectF32(node, inputs));
  for (size_t i = 0; i < 3; ++i) TARE_RETURN_IF_ERROR(ExpectRank(node, inputs, i, 4));
  TARE_RETURN_IF_ERROR(ExpectAxis(node, inputs, 0, 1, Dim::Tokens()));
  TARE_RETURN_IF_ERROR(ExpectAxis(node, inputs, 1, 1, Dim::Context()));
  const ValueType& q = *inputs[0];
  const ValueType& k = *inputs[1];
  if (k != *inputs[2]) return Mismatch(node, 2, *inputs[2], TypeText(k));
  if (k.dims[0] != q.dims[0] || k.dims[3] != q.dims[3] || !k.dims[2].is_static() ||
      !q.dims[2].is_static() || k.dims[2].value() == 0 ||
      q.dims[2].value() % k.dims[2].value() != 0) {
    return Mismatch(node, 1, k, "keys whose heads divide those of " + TypeText(q));
  }
  return q;
}

Result<ValueType> TopExperts(const Node& node, const Inputs& inputs) {
  TARE_RETURN_IF_ERROR(ExpectF32(node, inputs));
  TARE_RETURN_IF_ERROR(ExpectRank(node, inputs, 0, 3));
  TARE_RETURN_IF_ERROR(ExpectAxis(node, inputs, 0, 1, Dim::Tokens()));
  ValueType type = {DType::kI32, inputs[0]->dims};
  const Dim all = type.dims.back();
  const Dim used = node.type.rank() == 3 ? node.type.dims.back() : Dim(0);
  if (!all.is_static() || !used.is_static() || used.value() == 0 || used.value() > all.value()) {
    return Mismatch(node, 0, *inputs[0], "as many experts as " + TypeText(node.type) + " uses");
  }
  type.dims.back() = used;
  return type;
}

// Which experts the tokens use: i32 [B, T, U].
Status ExpectExperts(const Node& node, const Inputs& inputs) {
  TARE_RETURN_IF_ERROR(ExpectRank(node, inputs, 1, 3));
  TARE_RETURN_IF_ERROR(ExpectAxis(node, inputs, 1, 1, Dim::Tokens()));
  if (inputs[1]->dtype == DType::kI32 && inputs[1]->dims[2].is_static()) return {};
  return Mismatch(node, 1, *inputs[1], "i32, its last axis static");
}

Result<ValueType> ExpertWeights(const Node& node, const Inputs& inputs) {
  TARE_RETURN_IF_ERROR(ExpectExperts(node, inputs));
  TARE_RETURN_IF_ERROR(ExpectRank(node, inputs, 0, 3));
  TARE_RETURN_IF_ERROR(ExpectAxis(node, inputs, 0, 1, Dim::Tokens()));
  if (inputs[0]->dtype != DType::kF32 || !inputs[0]->dims[2].is_static()) {
    return Mismatch(node, 0, *inputs[0], "f32, its last axis static");
  }
  return ValueType{DType::kF32, inputs[1]->dims};
}

// The weights from input 2 on: the matrix [N, K] that each expert has.
Result<std::vector<Dim>> ExpertMatrix(const Node& node, const Inputs& inputs) {
  const bool is_stacked = inputs[2]->rank() == 3 && inputs.size() == 3;
  std::vector<Dim> matrix = inputs[2]->dims;
  if (is_stacked) matrix.erase(matrix.begin());
  for (size_t i = 2; i < inputs.size(); ++i) {
    TARE_RETURN_IF_ERROR(ExpectWeights(node, inputs, i));
    if (!is_stacked && inputs[i]->dims != matrix) {
      return Mismatch(node, i, *inputs[i], "a matrix as " + TypeText(*inputs[2]));
    }
  }
  const auto is_static = [](const Dim& dim) { return dim.is_static(); };
  if (matrix.size() != 2 || !std::ranges::all_of(matrix, is_static)) {
    return Mismatch(node, 2, *inputs[2], "[N, K], or alone [E, N, K]");
  }
  return matrix;
}

Result<ValueType> ExpertMatMul(const Node& node, const Inputs& inputs) {
  TARE_RETURN_IF_ERROR(ExpectExperts(node, inputs));
  TARE_ASSIGN_OR_RETURN(const std::vector<Dim> matrix, ExpertMatrix(node, inputs));
  ValueType shared = {DType::kF32, inputs[1]->dims};  // x: one row a token
  shared.dims.back() = matrix[1];
  ValueType own = {DType::kF32, inputs[1]->dims};  // one row a token and expert
  own.dims.push_back(matrix[1]);
  if (*inputs[0] != shared && *inputs[0] != own) {
    return Mismatch(node, 0, *inputs[0], TypeText(shared) + " or " + TypeText(own));
  }
  own.dims.back() = matrix[0];
  return own;
}

Result<ValueType> Norm(const Node& node, const Inputs& inputs) {
  TARE_RETURN_IF_ERROR(ExpectF32(node, inputs));
  for (size_t i = 1; i < inputs.size(); ++i) {
    if (inputs[0]->rank() == 0 || !IsVectorOf(*inputs[i], inputs[0]->dims.back())) {
      return Mismatch(node, i, *inputs[i], "a vector of the last axis of " + TypeText(*inputs[0]));
    }
  }
  return *inputs[0];
}

Result<ValueType> Rope(const Node& node, const Inputs& inputs) {
  TARE_RETURN_IF_ERROR(ExpectF32(node, inputs));
  TARE_RETURN_IF_ERROR(ExpectRank(node, inputs, 0, 4));
  TARE_RETURN_IF_ERROR(ExpectAxis(node, inputs, 0, 1, Dim::Tokens()));
  const Dim size = inputs[0]->dims[3];
  const ValueType& frequencies = *inputs[1];
  if (!size.is_static() || size.value() % 2 != 0 || frequencies.rank() != 1 ||
      !frequencies.is_static() || frequencies.dims[0].value() == 0 ||
      frequencies.dims[0].value() > size.value() / 2) {
    return Mismatch(node, 1, frequencies,
                    "up to half as many as the last axis of " + TypeText(*inputs[0]));
  }
  if (inputs.size() == 3 && *inputs[2] != frequencies) {
    return Mismatch(node, 2, *inputs[2], TypeText(frequencies));
  }
  return *inputs[0];
}

Result<ValueType> Pointwise(const Node& node, const Inputs& inputs) {
  TARE_RETURN_IF_ERROR(ExpectF32(node, inputs));
  if (inputs.size() == 2 && *inputs[1] != *inputs[0] &&
      (inputs[0]->rank() == 0 || !IsVectorOf(*inputs[1], inputs[0]->dims.back()))) {
    return Mismatch(node, 1, *inputs[1], TypeText(*inputs[0]) + " or a vector of its last axis");
  }
  return *inputs[0];
}

Result<ValueType> CausalSoftmax(const Node& node, const Inputs& inputs) {
  TARE_RETURN_IF_ERROR(ExpectF32(node, inputs));
  TARE_RETURN_IF_ERROR(ExpectRank(node, inputs, 0, 4));
  TARE_RETURN_IF_ERROR(ExpectAxis(node, inputs, 0, 2, Dim::Tokens()));
  TARE_RETURN_IF_ERROR(ExpectAxis(node, inputs, 0, 3, Dim::Context()));
  return *inputs[0];
}

Result<ValueType> CacheAppend(const Node& node, const Inputs& inputs) {
  TARE_RETURN_IF_ERROR(ExpectF32(node, inputs));
  TARE_RETURN_IF_ERROR(ExpectRank(node, inputs, 0, 4));
  ValueType type = *inputs[0];
  if (type.dims[1] != Dim::Tokens()) return Mismatch(node, 0, type, "[B, T, K, D]");
  type.dims[1] = Dim::Context();
  return type;
}

}  // namespace

Result<ValueType> InferType(const Graph& graph, const Node& node) {
  const OpInfo& info = InfoOf(node.op);
  const int count = static_cast<int>(node.inputs.size());
  if (count < info.min_inputs || count > info.max_inputs) {
    return InternalError("{}: {} inputs, expected {} to {}", info.name, count, info.min_inputs,
                         info.max_inputs);
  }
  Inputs inputs;
  for (NodeId input : node.inputs) {
    if (input >= graph.size()) {
      return InternalError("{}: reads %{}, which is not in the graph", info.name, input);
    }
    inputs.push_back(&graph.node(input).type);
  }
  switch (node.op) {
    case Op::kInput:
      return node.type;
    case Op::kConstant:
      return ValueType::Of(node.constant);
    case Op::kReshape:
      return Reshape(node, inputs);
    case Op::kRepeat:
      return Repeat(node, inputs);
    case Op::kSlice:
      return Slice(node, inputs);
    case Op::kLastToken:
      return LastToken(node, inputs);
    case Op::kGather:
      return Gather(node, inputs);
    case Op::kPositions:
      return Positions(node, inputs);
    case Op::kEinsum:
      return Einsum(node, inputs);
    case Op::kMatMul:
      return MatMul(node, inputs);
    case Op::kBatchedMatMul:
      return BatchedMatMul(node, inputs);
    case Op::kAttention:
      return Attention(node, inputs);
    case Op::kTopExperts:
      return TopExperts(node, inputs);
    case Op::kExpertWeights:
      return ExpertWeights(node, inputs);
    case Op::kExpertMatMul:
      return ExpertMatMul(node, inputs);
    case Op::kRmsNorm:
    case Op::kLayerNorm:
      return Norm(node, inputs);
    case Op::kRope:
      return Rope(node, inputs);
    case Op::kCausalSoftmax:
      return CausalSoftmax(node, inputs);
    case Op::kSoftmax:
    case Op::kAdd:
    case Op::kMul:
    case Op::kDiv:
    case Op::kScale:
    case Op::kSilu:
    case Op::kGeluTanh:
    case Op::kGeluErf:
    case Op::kSoftCap:
      return Pointwise(node, inputs);
    case Op::kCacheAppend:
      return CacheAppend(node, inputs);
  }
  return InternalError("unknown op {}", static_cast<int>(node.op));
}

}  // namespace tare
