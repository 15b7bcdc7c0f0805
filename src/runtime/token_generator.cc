#include "runtime/token_generator.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "os/cpu_topology.h"
#include "runtime/log_probabilities.h"
#include "runtime/sampler.h"

namespace tare {

Result<size_t> ThreadsOf(const EngineOptions& options) {
  if (options.threads == 0) return DefaultThreads();
  if (options.threads <= kMaxThreads) return options.threads;
  return InvalidInput("threads: got {}, expected 1 to {}, or 0 for the default", options.threads,
                      kMaxThreads);
}

Result<size_t> ContextOf(const EngineOptions& options, const ModelInfo& model) {
  if (options.max_context == 0) return model.max_context;
  if (options.max_context > 0 && static_cast<uint64_t>(options.max_context) <= model.max_context) {
    return static_cast<size_t>(options.max_context);
  }
  return InvalidInput("context: got {} tokens, expected 1 to {}, or 0 for the model's own {}",
                      options.max_context, model.max_context, model.max_context);
}

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
