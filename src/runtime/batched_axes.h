#ifndef TARE_RUNTIME_BATCHED_AXES_H_
#define TARE_RUNTIME_BATCHED_AXES_H_

#include "runtime/step.h"

namespace tare {

// Runs kBatchedMatMul. The spec's axes become strides of one kernel call. If a role has more axes
// than a call takes, axes that are adjacent in memory are merged and the others looped over.
size_t BatchedMatMulScratchBytes(const StepContext& context, const Step& step);
void RunBatchedMatMul(const StepContext& context, const Step& step, ThreadSlice slice,
                      std::byte* scratch);

}  // namespace tare

#endif  // TARE_RUNTIME_BATCHED_AXES_H_
