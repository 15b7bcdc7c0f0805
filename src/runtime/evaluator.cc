#include "runtime/evaluator.h"

#include <cstring>
#include <utility>

#include "base/aligned_buffer.h"
#include "runtime/step.h"

namespace tare {

Result<Storage> KernelEvaluator::Evaluate(const Node& node, const std::vector<TensorView>& inputs) {
  if (!node.type.is_static() || !InfoOf(node.op).foldable) {
    return Unsupported("{} {} of type {} cannot be computed in advance", InfoOf(node.op).name,
                       node.name, node.type.ToString());
  }
  TARE_ASSIGN_OR_RETURN(Storage result,
                        Storage::Allocate(node.type.dtype, node.type.Resolve(0, 0)));
  if (node.op == Op::kReshape) {
    std::memcpy(result.data(), inputs[0].data, inputs[0].bytes());
    return result;
  }
  std::vector<ValueType> types;
  for (const TensorView& input : inputs) {
    if (input.dtype != DType::kF32) {
      return Unsupported("{} {}: {} constants are not folded", InfoOf(node.op).name, node.name,
                         DTypeName(input.dtype));
    }
    types.push_back(ValueType::Of(input));
  }
  Step step;
  step.node = &node;
  for (size_t i = 0; i < inputs.size(); ++i) {
    step.input_types.push_back(&types[i]);
    step.inputs.push_back(inputs[i].data);
  }
  step.output = result.data();
  const StepContext context = {&kernels_, 0, 0};
  TARE_ASSIGN_OR_RETURN(const AlignedBuffer scratch,
                        AlignedBuffer::Allocate(StepScratchBytes(context, step)));
  RunStep(context, step, {0, 1}, scratch.data());
  return result;
}

}  // namespace tare
