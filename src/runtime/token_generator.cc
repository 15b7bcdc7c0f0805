#include "runtime/token_generator.h"

#include <optional>
#include <utility>

#include "runtime/log_probabilities.h"
#include "runtime/sampler.h"

namespace tare {

Status SampleTokens(std::span<const float> logits, const GenerateOptions& options,
                    const RunToken& run, ResultWriter& writer) {
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
    TARE_ASSIGN_OR_RETURN(logits, run(id));
  }
}

}  // namespace tare
