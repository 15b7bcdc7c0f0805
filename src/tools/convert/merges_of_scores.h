#ifndef TARE_TOOLS_CONVERT_MERGES_OF_SCORES_H_
#define TARE_TOOLS_CONVERT_MERGES_OF_SCORES_H_

#include <vector>

#include "tools/convert/convert_source.h"

namespace tare {

// Scores as a list of merges: all pairs of normal tokens that make one, the highest score first; of
// equal ones, as Transformers' converter has it, the longer left part and then the longer right
// part. A list cannot say "the leftmost of equal scores", so a text in which pairs of one token
// overlap may get other ids.
std::vector<Tokenizer::MergedPair> MergesOfScores(const FittedVocabulary& fitted);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_MERGES_OF_SCORES_H_
