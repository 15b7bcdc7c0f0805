#include "runtime/token_generator.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "runtime/log_probabilities.h"
#include "runtime/sampler.h"

namespace tare {

Result<std::span<const float>> RunPrompt(std::span<const int32_t> prompt, const RunTokens& run) {
  std::span<const float> logits;
  while (!prompt.empty()) {
    const size_t n = std::min(prompt.size(), kPrefillTokens);
    TARE_ASSIGN_OR_RETURN(logits, run(prompt.first(n)));
    prompt = prompt.subspan(n);
  }
  return logits;
}

Status SampleTokens(std::span<const float> logits, const GenerateOptions& options,
                    const RunTokens& run, ResultWriter& writer) {
  TARE_ASSIGN_OR_RETURN(Sampler sampler, Sampler::Create(options.sampling));
  while (true) {
    TARE_ASSIGN_OR_RETURN(const int32_t id, sampler.Sample(logits));
    std::optional<ChosenLogProbability> log_probability;
    if (options.log_probabilities) {
      TARE_ASSIGN_OR_RETURN(log_probability,
                            LogProbabilityOf(logits, id, *options.log_probabilities));
    }
    TARE_RETURN_IF_ERROR(writer.Push(id, std::move(log_probability)));
    if (writer.done()) return {};
    TARE_ASSIGN_OR_RETURN(logits, run({&id, 1}));
  }
}

}  // namespace tare
