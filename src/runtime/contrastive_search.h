#ifndef TARE_RUNTIME_CONTRASTIVE_SEARCH_H_
#define TARE_RUNTIME_CONTRASTIVE_SEARCH_H_

#include <span>
#include <vector>

#include "base/error.h"
#include "runtime/branches.h"
#include "runtime/result_writer.h"
#include "tare/generate.h"

namespace tare {

// The largest cosine between `candidate` [C] and any of `seen` [n, C]; -1 where there is none.
double MaxCosine(std::span<const float> seen, std::span<const float> candidate);

// KerasHub's contrastive search: each of the sampling.top_k likeliest tokens is tried, and the one
// with the largest (1 - alpha) * probability - alpha * MaxCosine is chosen, where the cosine is
// between what the output norm makes of it and of the tokens before it.
//   prompt_logits  [V] after the prompt; may lie in memory that branches overwrites.
//   seen           [P, C]: what the output norm made of the prompt's tokens.
//   branches       one.
//   Errors         those of LogSumExp, Branches and ResultWriter.
//   Source         Su et al. 2022; same as keras_hub.samplers.ContrastiveSampler.
Status ContrastiveSearch(std::span<const float> prompt_logits, std::vector<float> seen,
                         const GenerateOptions& options, Branches& branches, ResultWriter& writer);

}  // namespace tare

#endif  // TARE_RUNTIME_CONTRASTIVE_SEARCH_H_
