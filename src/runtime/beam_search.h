#ifndef TARE_RUNTIME_BEAM_SEARCH_H_
#define TARE_RUNTIME_BEAM_SEARCH_H_

#include <span>

#include "base/error.h"
#include "runtime/branches.h"
#include "runtime/result_writer.h"
#include "tare/generate.h"

namespace tare {

// KerasHub's beam search. Each step keeps the sampling.beams likeliest continuations of all beams;
// a beam that has met a stop token continues too. The search ends when all beams have met one, or
// at the writer's limit. The result is the likeliest beam up to its stop token. Tokens are written
// as soon as all beams share them.
//   prompt_logits  [V] after the prompt; may be in memory that `branches` overwrites.
//   branches       sampling.beams of them.
//   Errors         those of LogSumExp, Branches and ResultWriter.
//   Source         keras_hub.samplers.BeamSampler.
Status BeamSearch(std::span<const float> prompt_logits, const GenerateOptions& options,
                  Branches& branches, ResultWriter& writer);

}  // namespace tare

#endif  // TARE_RUNTIME_BEAM_SEARCH_H_
