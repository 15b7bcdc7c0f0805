#ifndef TARE_BENCH_ROWS_PROMPT_IDS_H_
#define TARE_BENCH_ROWS_PROMPT_IDS_H_

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "bench/results/scenario.h"
#include "bench/rows/contender.h"
#include "bench/watch/measurement.h"

namespace tare {

// Starts a contender's worker and gives it texts to tokenize.
using AskToTokenize =
    std::function<WorkerOutcome(const Contender& contender, const TokenizeMessage& texts)>;

// The ids of texts, and the contender that gave them.
struct TokenizedTexts {
  std::string row;
  std::vector<std::vector<uint32_t>> ids;
};
// Of the first contender that reads models of this form as they are and has a tokenizer for it.
//   Errors   InvalidInput where no contender could, with each one's reason.
Result<TokenizedTexts> TokenizeTexts(const TokenizeMessage& texts, std::string_view form,
                                     std::span<const Contender> contenders,
                                     const AskToTokenize& ask);

// Gives ids to prompts that were described without any (ModelFacts::tokenizer_error): those of the
// first contender that reads the model as it is and has a tokenizer for it. The prompt of a
// workload that counts tokens is cut to their number.
//   Returns  the contender's name; empty: the prompts had ids.
//   Errors   InvalidInput where no contender could, with each one's reason, or where its ids are
//   too
//            few.
Result<std::string> AddPromptIds(const Scenario& scenario, std::span<const Contender> contenders,
                                 const AskToTokenize& ask, ModelFacts& model);

}  // namespace tare

#endif  // TARE_BENCH_ROWS_PROMPT_IDS_H_
