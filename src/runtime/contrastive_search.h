#ifndef TARE_RUNTIME_CONTRASTIVE_SEARCH_H_
#define TARE_RUNTIME_CONTRASTIVE_SEARCH_H_

#include <span>
#include <vector>

#include "base/error.h"
#include "runtime/branches.h"
#include "runtime/result_writer.h"
#include "tare/generate.h"

namespace tare {

// The largest cosine between `candidate` [C] and any of `seen` [n, C]; -1 if there is none.
double MaxCosine(std::span<const float> seen, std::span<const float> candidate);

// KerasHub's contrastive search. It tries each of the sampling.top_k likeliest tokens and chooses
// the one with the largest (1 - alpha) * probability - alpha * MaxCosine. The cosine compares the
// output norm's result for the token with those of all earlier tokens.
//   prompt_logits  [V] after the prompt; may be in memory that `branches` overwrites.
//   seen           [P, C]: the output norm's results for the prompt's tokens.
//   branches       one.
//   Errors         those of LogSumExp, Branches and ResultWriter.
//   Source         Su et al. 2022; same as keras_hub.samplers.ContrastiveSampler.
Status ContrastiveSearch(std::span<const float> prompt_logits, std::vector<float> seen,
                         const GenerateOptions& options, Branches& branches, ResultWriter& writer);

}  // namespace tare

#endif  // TARE_RUNTIME_CONTRASTIVE_SEARCH_H_
