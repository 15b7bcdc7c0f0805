#ifndef TARE_RUNTIME_BEAM_SEARCH_H_
#define TARE_RUNTIME_BEAM_SEARCH_H_

#include <span>

#include "base/error.h"
#include "runtime/branches.h"
#include "runtime/result_writer.h"
#include "tare/generate.h"

namespace tare {

// KerasHub's beam search: in each step the sampling.beams likeliest continuations of all beams
// live on; one that has met a stop token goes on too. It ends when all have met one, or at the
// writer's limit, and the likeliest beam is the result, up to its stop token. Tokens that all beams
// share are written as soon as they do.
//   prompt_logits  [V] after the prompt; may lie in memory that branches overwrites.
//   branches       sampling.beams of them.
//   Errors         those of LogSumExp, Branches and ResultWriter.
//   Source         keras_hub.samplers.BeamSampler.
Status BeamSearch(std::span<const float> prompt_logits, const GenerateOptions& options,
                  Branches& branches, ResultWriter& writer);

}  // namespace tare

#endif  // TARE_RUNTIME_BEAM_SEARCH_H_
