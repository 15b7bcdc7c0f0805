#include "runtime/batched_axes.h"

#include <vector>

#include "base/check.h"

namespace tare {
namespace {

using Role = BatchedMatMulSpec::Role;

struct Axis {
  Role role = Role::kBatch;
  size_t size = 1;
  size_t a = 0;  // strides in elements; 0 if the operand has no such axis
  size_t b = 0;
  size_t c = 0;
};

std::vector<size_t> StridesOf(const ValueType& type, const StepContext& context) {
  std::vector<size_t> strides(type.rank());
  size_t stride = 1;
  for (size_t axis = type.rank(); axis-- > 0;) {
    strides[axis] = stride;
    stride *= type.dims[axis].Resolve(context.tokens, context.context);
  }
  return strides;
}

size_t StrideAt(const std::vector<size_t>& strides, uint8_t axis) {
  return axis == BatchedMatMulSpec::kAbsent ? 0 : strides[axis];
}

// The spec's axes with sizes and strides, those of size 1 dropped, and neighbours of one role
// merged where every operand steps through both as through one.
std::vector<Axis> ResolveAxes(const StepContext& context, const Step& step) {
  const ValueType& a = *step.input_types[0];
  const ValueType& b = *step.input_types[1];
  const std::vector<size_t> a_strides = StridesOf(a, context);
  const std::vector<size_t> b_strides = StridesOf(b, context);
  const std::vector<size_t> c_strides = StridesOf(step.node->type, context);
  std::vector<Axis> axes;
  for (const BatchedMatMulSpec::Axis& spec : step.node->attributes.batched.axes) {
    const Dim dim =
        spec.a_axis != BatchedMatMulSpec::kAbsent ? a.dims[spec.a_axis] : b.dims[spec.b_axis];
    const Axis axis = {spec.role, dim.Resolve(context.tokens, context.context),
                       StrideAt(a_strides, spec.a_axis), StrideAt(b_strides, spec.b_axis),
                       StrideAt(c_strides, spec.out_axis)};
    if (axis.size == 1) continue;
    if (!axes.empty() && axes.back().role == axis.role && axes.back().a == axis.a * axis.size &&
        axes.back().b == axis.b * axis.size && axes.back().c == axis.c * axis.size) {
      Axis& outer = axes.back();
      outer = {axis.role, outer.size * axis.size, axis.a, axis.b, axis.c};
      continue;
    }
    axes.push_back(axis);
  }
  return axes;
}

// The innermost axis of each role (two for batches) goes into the call; what is left is looped
// over.
struct Nest {
  BatchedMatMulArgs call;
  std::vector<Axis> loops;
};

Nest MakeNest(const StepContext& context, const Step& step) {
  Nest nest;
  BatchedMatMulArgs& call = nest.call;
  call.a.data = reinterpret_cast<const float*>(step.inputs[0]);
  call.b.data = reinterpret_cast<const float*>(step.inputs[1]);
  call.c.data = reinterpret_cast<float*>(step.output);
  call.m = call.n = call.k = 1;
  size_t batches = 2;
  bool has_rows = false;
  bool has_columns = false;
  bool has_contracted = false;
  const std::vector<Axis> axes = ResolveAxes(context, step);
  for (size_t i = axes.size(); i-- > 0;) {
    const Axis& axis = axes[i];
    if (axis.role == Role::kBatch && batches > 0) {
      --batches;
      call.batch[batches] = axis.size;
      call.a.batch_stride[batches] = axis.a;
      call.b.batch_stride[batches] = axis.b;
      call.c.batch_stride[batches] = axis.c;
    } else if (axis.role == Role::kRow && !has_rows) {
      has_rows = true;
      call.m = axis.size;
      call.a.row_stride = axis.a;
      call.c.row_stride = axis.c;
    } else if (axis.role == Role::kColumn && !has_columns) {
      has_columns = true;
      call.n = axis.size;
      call.b.col_stride = axis.b;
      call.c.col_stride = axis.c;
    } else if (axis.role == Role::kContracted) {
      // Passes lower only what contracts over one axis, or over axes that lie together.
      TARE_CHECK(!has_contracted);
      has_contracted = true;
      call.k = axis.size;
      call.a.col_stride = axis.a;
      call.b.row_stride = axis.b;
    } else {
      nest.loops.push_back(axis);
    }
  }
  return nest;
}

void RunLoops(const KernelTable& kernels, BatchedMatMulArgs call, const std::vector<Axis>& loops,
              size_t depth, ThreadSlice slice, std::byte* scratch) {
  if (depth == loops.size()) return kernels.batched_matmul(call, slice, scratch);
  const Axis& axis = loops[depth];
  for (size_t i = 0; i < axis.size; ++i) {
    RunLoops(kernels, call, loops, depth + 1, slice, scratch);
    call.a.data += axis.a;
    call.b.data += axis.b;
    call.c.data += axis.c;
  }
}

}  // namespace

size_t BatchedMatMulScratchBytes(const StepContext& context, const Step& step) {
  return context.kernels->batched_matmul_scratch_bytes(MakeNest(context, step).call);
}

void RunBatchedMatMul(const StepContext& context, const Step& step, ThreadSlice slice,
                      std::byte* scratch) {
  const Nest nest = MakeNest(context, step);
  RunLoops(*context.kernels, nest.call, nest.loops, 0, slice, scratch);
}

}  // namespace tare
