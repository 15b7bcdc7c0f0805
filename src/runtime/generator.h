#ifndef TARE_RUNTIME_GENERATOR_H_
#define TARE_RUNTIME_GENERATOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "base/thread_pool.h"
#include "kernels/kernel_table.h"
#include "models/model.h"
#include "passes/pass_manager.h"
#include "runtime/executor.h"
#include "runtime/kv_cache.h"
#include "runtime/result_writer.h"
#include "tare/generate.h"

namespace tare {

// Runs a model from ids to ids: its graphs, cache and threads, and the ways to choose tokens.
class Generator {
 public:
  // model must outlive the generator, wherever it moves to: graphs borrow its weights.
  //   Errors  those of Engine::Load that concern running.
  static Result<Generator> Create(const Model& model, const EngineOptions& options);

  // Tokens that may be chosen after a prompt of this many: a search that must see what the model
  // makes of a token before it is chosen has room for one less.
  size_t RoomAfter(size_t prompt_tokens, SamplerKind kind) const;

  // Chooses tokens after the prompt and pushes them to the writer until it is done.
  //   Errors          OutOfMemory, InvalidInput for an id outside the vocabulary; Unsupported for a
  //                   search where attention is not fused.
  //   Preconditions   CheckSampling(options.sampling) is fine, the prompt is not empty and fits the
  //                   context.
  Status Generate(const Model& model, std::span<const int32_t> prompt,
                  const GenerateOptions& options, ResultWriter& writer);

  // Log-probabilities of ids[1], ids[2], … each after those before it.
  //   Errors  OutOfMemory, InvalidInput for an id outside the vocabulary.
  Result<std::vector<ChosenLogProbability>> Score(const Model& model, std::span<const int32_t> ids,
                                                  size_t likeliest);

  size_t context() const { return context_; }
  size_t threads() const { return pool_->thread_count(); }
  uint64_t cache_bytes() const { return cache_.used_bytes(); }

 private:
  Generator(const KernelTable& kernels, PassSelection passes, size_t context, size_t threads,
            KvCache cache);

  Result<Executor> MakeExecutor(const Model& model, LogitsFor logits) const;
  // For several sequences at once and for scores; made when first needed.
  Result<Executor*> AllTokensExecutor(const Model& model);
  Status ReserveRows(size_t rows);
  Result<std::span<const float>> Prefill(std::span<const int32_t> prompt,
                                         std::vector<float>* hidden);
  Status Sample(std::span<const float> logits, const GenerateOptions& options,
                ResultWriter& writer);

  const KernelTable* kernels_;
  PassSelection passes_;
  size_t context_;
  std::unique_ptr<ThreadPool> pool_;
  std::optional<Executor> last_token_;
  std::optional<Executor> all_tokens_;
  KvCache cache_;  // one row a token; more than the context where hypotheses branch
};

}  // namespace tare

#endif  // TARE_RUNTIME_GENERATOR_H_
