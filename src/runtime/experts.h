#ifndef TARE_RUNTIME_EXPERTS_H_
#define TARE_RUNTIME_EXPERTS_H_

#include <cstddef>

#include "runtime/step.h"

namespace tare {

// The steps of a mixture of experts: kTopExperts, kExpertWeights and kExpertMatMul, each as RunStep
// and StepScratchBytes. Of the experts' weights only those are read that a token of the step uses.

size_t TopExpertsScratchBytes(const Step& step);
// Of equally likely experts the first is taken.
void RunTopExperts(const StepContext& context, const Step& step, ThreadSlice slice,
                   std::byte* scratch);

void RunExpertWeights(const StepContext& context, const Step& step, ThreadSlice slice);

size_t ExpertMatMulScratchBytes(const StepContext& context, const Step& step);
void RunExpertMatMul(const StepContext& context, const Step& step, ThreadSlice slice,
                     std::byte* scratch);

}  // namespace tare

#endif  // TARE_RUNTIME_EXPERTS_H_
