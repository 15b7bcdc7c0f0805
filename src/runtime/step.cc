// From nodes to kernels: each function turns one op's operands into its kernel's arguments. One
// file: it is the executor's column of op.h's table.
#include "runtime/step.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "einsum/reference.h"
#include "runtime/batched_axes.h"
#include "runtime/experts.h"
#include "tensor/dequantize.h"

namespace tare {
namespace {

const float* F32(const std::byte* data) { return reinterpret_cast<const float*>(data); }
float* F32(std::byte* data) { return reinterpret_cast<float*>(data); }

size_t DimOf(const ValueType& type, size_t axis, const StepContext& context) {
  return type.dims[axis].Resolve(context.tokens, context.context);
}

size_t LastOf(const ValueType& type, const StepContext& context) {
  return type.rank() == 0 ? 1 : DimOf(type, type.rank() - 1, context);
}

size_t RowsOf(const ValueType& type, const StepContext& context) {
  const size_t last = LastOf(type, context);
  return last == 0 ? 0 : ElementsOf(type, context) / last;
}

TailKind TailKindOf(const Step& step, const Tail& tail) {
  switch (tail.op) {
    case Op::kAdd:
      return step.input_types[tail.input]->rank() == 1 ? TailKind::kBias : TailKind::kAdd;
    case Op::kMul:
      return TailKind::kMul;
    case Op::kSilu:
      return TailKind::kSilu;
    case Op::kGeluTanh:
      return TailKind::kGeluTanh;
    default:
      internal::CheckFailed(__FILE__, __LINE__, "a tail that the kernels do not have");
  }
}

// Matrices of the product's weight, one of each head; 1 for a plain one.
size_t HeadsOf(const Step& step) {
  const ValueType& weight = *step.input_types[1];
  return weight.rank() == 3 ? weight.dims[0].value() : 1;
}

// Of the first head, if the weight has heads. `tails` is filled from the node's and must live as
// long as the result is used.
MatMulArgs MatMulArgsOf(const StepContext& context, const Step& step,
                        std::array<MatMulTail, kMaxTails>& tails) {
  const Attributes& attributes = step.node->attributes;
  const ValueType& weight = *step.input_types[1];
  MatMulArgs args;
  args.x = F32(step.inputs[0]);
  args.weight_type = weight.dtype;
  args.layout = attributes.layout;
  args.weight = step.inputs[1];
  const bool out_in = attributes.layout == WeightLayout::kOutIn;
  const size_t heads = HeadsOf(step);
  const size_t last = weight.rank() - 1;
  args.n = weight.dims[out_in ? 0 : last].value();
  args.k = weight.dims[out_in ? last : last - 1].value();
  args.x_stride = args.k;
  args.y = F32(step.output);
  args.y_stride = heads * args.n;
  args.t = RowsOf(*step.input_types[0], context);
  TARE_CHECK_LE(attributes.tails.size(), kMaxTails);
  for (size_t i = 0; i < attributes.tails.size(); ++i) {
    const Tail& tail = attributes.tails[i];
    tails[i].kind = TailKindOf(step, tail);
    if (tail.input == 0) continue;
    tails[i].operand = F32(step.inputs[tail.input]);
    tails[i].stride = step.input_types[tail.input]->rank() == 1 ? 0 : args.y_stride;
  }
  args.tails = std::span<const MatMulTail>(tails).first(attributes.tails.size());
  return args;
}

void RunMatMul(const StepContext& context, const Step& step, ThreadSlice slice,
               std::byte* scratch) {
  std::array<MatMulTail, kMaxTails> tails;
  MatMulArgs args = MatMulArgsOf(context, step, tails);
  const size_t heads = HeadsOf(step);
  for (size_t head = 0; head < heads; ++head) {
    context.kernels->matmul(args, slice, scratch);
    args.weight += StoredBytes(args.weight_type, args.k * args.n);
    args.y += args.n;
    for (MatMulTail& tail : tails) {
      if (tail.operand != nullptr) tail.operand += args.n;
    }
  }
}

AttentionArgs AttentionArgsOf(const StepContext& context, const Step& step) {
  const ValueType& q = *step.input_types[0];
  const ValueType& k = *step.input_types[1];
  AttentionArgs args;
  args.q = F32(step.inputs[0]);
  args.k = F32(step.inputs[1]);
  args.v = F32(step.inputs[2]);
  args.out = F32(step.output);
  args.t = context.tokens;
  args.past = context.past();
  args.heads = q.dims[2].value();
  args.kv_heads = k.dims[2].value();
  args.head_size = q.dims[3].value();
  args.q_stride = args.out_stride = args.heads * args.head_size;
  args.kv_stride = args.kv_heads * args.head_size;
  args.scale = step.node->attributes.scale;
  args.soft_cap = step.node->attributes.soft_cap;
  args.window = step.node->attributes.window;
  return args;
}

RopeArgs RopeArgsOf(const StepContext& context, const Step& step) {
  const ValueType& x = *step.input_types[0];
  RopeArgs args;
  args.x = F32(step.inputs[0]);
  args.out = F32(step.output);
  const bool has_long = step.inputs.size() == 3;
  args.inv_freq = F32(step.inputs[has_long && context.is_long ? 2 : 1]);
  args.t = context.tokens;
  args.heads = x.dims[2].value();
  args.head_size = x.dims[3].value();
  args.x_stride = args.out_stride = args.heads * args.head_size;
  args.start = context.past();
  args.pairing = step.node->attributes.pairing;
  args.rotated = 2 * step.input_types[1]->dims[0].value();
  args.scale = step.node->attributes.scale;
  return args;
}

// `factor`: for the ops that have one.
void RunUnary(UnaryOp op, const StepContext& context, const Step& step, ThreadSlice slice,
              float factor = 1.0f) {
  const size_t n = ElementsOf(step.node->type, context);
  context.kernels->unary({op, F32(step.inputs[0]), F32(step.output), n, factor}, slice);
}

void RunBinary(BinaryOp op, const StepContext& context, const Step& step, ThreadSlice slice) {
  const size_t n = ElementsOf(step.node->type, context);
  const size_t period = ElementsOf(*step.input_types[1], context);
  context.kernels->binary(
      {op, F32(step.inputs[0]), F32(step.inputs[1]), F32(step.output), n, period}, slice);
}

void RunSoftmax(bool causal, const StepContext& context, const Step& step, ThreadSlice slice) {
  const ValueType& type = *step.input_types[0];
  context.kernels->softmax(
      {F32(step.inputs[0]), F32(step.output), RowsOf(type, context), LastOf(type, context),
       causal ? context.tokens : 0, step.node->attributes.window},
      slice);
}

void RunRepeat(const StepContext& context, const Step& step, ThreadSlice slice) {
  const ValueType& type = *step.input_types[0];
  const size_t repeats = step.node->attributes.repeats;
  const size_t row_bytes = LastOf(type, context) * sizeof(float);
  const IndexRange rows = SplitRange(RowsOf(type, context), 1, slice);
  for (size_t row = rows.begin; row < rows.end; ++row) {
    for (size_t i = 0; i < repeats; ++i) {
      std::memcpy(step.output + (row * repeats + i) * row_bytes, step.inputs[0] + row * row_bytes,
                  row_bytes);
    }
  }
}

void RunSlice(const StepContext& context, const Step& step, ThreadSlice slice) {
  const size_t from = LastOf(*step.input_types[0], context);
  const size_t to = LastOf(step.node->type, context);
  const float* x = F32(step.inputs[0]) + step.node->attributes.begin;
  const IndexRange rows = SplitRange(RowsOf(*step.input_types[0], context), 1, slice);
  for (size_t row = rows.begin; row < rows.end; ++row) {
    std::memcpy(F32(step.output) + row * to, x + row * from, to * sizeof(float));
  }
}

void RunCacheAppend(const StepContext& context, const Step& step, ThreadSlice slice) {
  const ValueType& type = *step.input_types[0];
  const size_t row_bytes = ElementsOf(type, context) / context.tokens * sizeof(float);
  const IndexRange rows = SplitRange(context.tokens, 1, slice);
  if (context.branches.empty()) {
    std::memcpy(step.output + (context.past() + rows.begin) * row_bytes,
                step.inputs[0] + rows.begin * row_bytes, (rows.end - rows.begin) * row_bytes);
    return;
  }
  for (size_t row = rows.begin; row < rows.end; ++row) {
    std::memcpy(step.output + context.CacheRowOf(row) * row_bytes, step.inputs[0] + row * row_bytes,
                row_bytes);
  }
}

void RunAttention(const StepContext& context, const Step& step, ThreadSlice slice,
                  std::byte* scratch) {
  AttentionArgs args = AttentionArgsOf(context, step);
  if (context.branches.empty()) return context.kernels->attention(args, slice, scratch);
  args.t = 1;
  for (const std::span<const uint32_t> rows : context.branches) {
    args.rows = rows.data();
    args.past = rows.size() - 1;
    context.kernels->attention(args, slice, scratch);
    args.q += args.q_stride;
    args.out += args.out_stride;
  }
}

void RunRope(const StepContext& context, const Step& step, ThreadSlice slice, std::byte* scratch) {
  RopeArgs args = RopeArgsOf(context, step);
  if (context.branches.empty()) return context.kernels->rope(args, slice, scratch);
  args.t = 1;
  for (const std::span<const uint32_t> rows : context.branches) {
    args.start = rows.size() - 1;
    context.kernels->rope(args, slice, scratch);
    args.x += args.x_stride;
    args.out += args.out_stride;
  }
}

void RunGather(const StepContext& context, const Step& step, ThreadSlice slice) {
  const ValueType& table = *step.input_types[0];
  const size_t cols = table.dims[1].value();
  context.kernels->gather(
      {table.dtype, step.inputs[0], cols, reinterpret_cast<const int32_t*>(step.inputs[1]),
       context.tokens, F32(step.output), cols, 1.0f},
      slice);
}

void RunPositions(const StepContext& context, const Step& step, ThreadSlice slice) {
  const ValueType& table = *step.input_types[0];
  const size_t cols = table.dims[1].value();
  const IndexRange rows = SplitRange(context.tokens, 1, slice);
  for (size_t row = rows.begin; row < rows.end; ++row) {
    const int32_t position = static_cast<int32_t>(context.PositionOf(row));
    context.kernels->gather({table.dtype, step.inputs[0], cols, &position, 1,
                             F32(step.output) + row * cols, cols, 1.0f},
                            {0, 1});
  }
}

// The definition, on one thread: what an einsum costs when its pass is switched off is not
// measured.
void RunEinsum(const StepContext& context, const Step& step, ThreadSlice slice,
               std::byte* scratch) {
  if (slice.index != 0) return;
  std::vector<EinsumShape> shapes(2);
  std::vector<std::span<const float>> operands(2);
  for (size_t i = 0; i < 2; ++i) {
    const ValueType& type = *step.input_types[i];
    const size_t n = ElementsOf(type, context);
    for (size_t axis = 0; axis < type.rank(); ++axis) {
      shapes[i].push_back(DimOf(type, axis, context));
    }
    const float* data = F32(step.inputs[i]);
    if (type.dtype != DType::kF32) {
      DequantizeRow(type.dtype, step.inputs[i], n, F32(scratch));
      data = F32(scratch);
      scratch += n * sizeof(float);
    }
    operands[i] = {data, n};
  }
  const std::span<float> out(F32(step.output), ElementsOf(step.node->type, context));
  TARE_CHECK(EinsumReference(*step.equation, shapes, operands, out).ok());
}

size_t EinsumScratchBytes(const StepContext& context, const Step& step) {
  size_t elements = 0;
  for (const ValueType* type : step.input_types) {
    if (type->dtype != DType::kF32) elements += ElementsOf(*type, context);
  }
  return elements * sizeof(float);
}

}  // namespace

size_t ElementsOf(const ValueType& type, const StepContext& context) {
  size_t elements = 1;
  for (const Dim& dim : type.dims) elements *= dim.Resolve(context.tokens, context.context);
  return elements;
}

Result<Step> MakeStep(const Graph& graph, NodeId id) {
  Step step;
  step.node = &graph.node(id);
  for (NodeId input : step.node->inputs) step.input_types.push_back(&graph.node(input).type);
  step.inputs.resize(step.input_types.size());
  if (step.node->op == Op::kEinsum) {
    TARE_ASSIGN_OR_RETURN(step.equation, EinsumEquation::Parse(step.node->attributes.equation));
  }
  return step;
}

size_t StepScratchBytes(const StepContext& context, const Step& step) {
  const KernelTable& kernels = *context.kernels;
  switch (step.node->op) {
    case Op::kMatMul: {
      std::array<MatMulTail, kMaxTails> tails;
      return kernels.matmul_scratch_bytes(MatMulArgsOf(context, step, tails));
    }
    case Op::kAttention:
      return kernels.attention_scratch_bytes(AttentionArgsOf(context, step));
    case Op::kRope:
      return kernels.rope_scratch_bytes(RopeArgsOf(context, step));
    case Op::kBatchedMatMul:
      return BatchedMatMulScratchBytes(context, step);
    case Op::kTopExperts:
      return TopExpertsScratchBytes(step);
    case Op::kExpertMatMul:
      return ExpertMatMulScratchBytes(context, step);
    case Op::kEinsum:
      return EinsumScratchBytes(context, step);
    default:
      return 0;
  }
}

void RunStep(const StepContext& context, const Step& step, ThreadSlice slice, std::byte* scratch) {
  const KernelTable& kernels = *context.kernels;
  const Node& node = *step.node;
  switch (node.op) {
    case Op::kMatMul:
      return RunMatMul(context, step, slice, scratch);
    case Op::kAttention:
      return RunAttention(context, step, slice, scratch);
    case Op::kRope:
      return RunRope(context, step, slice, scratch);
    case Op::kBatchedMatMul:
      return RunBatchedMatMul(context, step, slice, scratch);
    case Op::kEinsum:
      return RunEinsum(context, step, slice, scratch);
    case Op::kRmsNorm:
      return kernels.rms_norm(
          {F32(step.inputs[0]), F32(step.inputs[1]), F32(step.output), RowsOf(node.type, context),
           LastOf(node.type, context), node.attributes.epsilon, node.attributes.gamma_offset},
          slice);
    case Op::kLayerNorm:
      return kernels.layer_norm(
          {F32(step.inputs[0]), F32(step.inputs[1]), F32(step.inputs[2]), F32(step.output),
           RowsOf(node.type, context), LastOf(node.type, context), node.attributes.epsilon},
          slice);
    case Op::kTopExperts:
      return RunTopExperts(context, step, slice, scratch);
    case Op::kExpertWeights:
      return RunExpertWeights(context, step, slice);
    case Op::kExpertMatMul:
      return RunExpertMatMul(context, step, slice, scratch);
    case Op::kSoftmax:
      return RunSoftmax(false, context, step, slice);
    case Op::kCausalSoftmax:
      return RunSoftmax(true, context, step, slice);
    case Op::kAdd:
      return RunBinary(BinaryOp::kAdd, context, step, slice);
    case Op::kMul:
      return RunBinary(BinaryOp::kMul, context, step, slice);
    case Op::kDiv:
      return RunBinary(BinaryOp::kDiv, context, step, slice);
    case Op::kScale:
      return RunUnary(UnaryOp::kScale, context, step, slice, node.attributes.scale);
    case Op::kSoftCap:
      return RunUnary(UnaryOp::kSoftCap, context, step, slice, node.attributes.soft_cap);
    case Op::kSilu:
      return RunUnary(UnaryOp::kSilu, context, step, slice);
    case Op::kGeluTanh:
      return RunUnary(UnaryOp::kGeluTanh, context, step, slice);
    case Op::kGeluErf:
      return RunUnary(UnaryOp::kGeluErf, context, step, slice);
    case Op::kRepeat:
      return RunRepeat(context, step, slice);
    case Op::kSlice:
      return RunSlice(context, step, slice);
    case Op::kCacheAppend:
      return RunCacheAppend(context, step, slice);
    case Op::kGather:
      return RunGather(context, step, slice);
    case Op::kPositions:
      return RunPositions(context, step, slice);
    case Op::kInput:
    case Op::kConstant:
    case Op::kReshape:
    case Op::kLastToken:
      return;  // Views: their addresses were resolved with the plan.
  }
}

}  // namespace tare
