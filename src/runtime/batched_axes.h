#ifndef TARE_RUNTIME_BATCHED_AXES_H_
#define TARE_RUNTIME_BATCHED_AXES_H_

#include "runtime/step.h"

namespace tare {

// kBatchedMatMul: the spec's axes become the strides of one kernel call; axes of a role beyond what
// a call takes are merged where they lie together, else looped over.
size_t BatchedMatMulScratchBytes(const StepContext& context, const Step& step);
void RunBatchedMatMul(const StepContext& context, const Step& step, ThreadSlice slice,
                      std::byte* scratch);

}  // namespace tare

#endif  // TARE_RUNTIME_BATCHED_AXES_H_
