#ifndef TARE_RUNTIME_GENERATOR_H_
#define TARE_RUNTIME_GENERATOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/thread_pool.h"
#include "kernels/kernel_table.h"
#include "models/model.h"
#include "passes/pass_manager.h"
#include "runtime/executor.h"
#include "runtime/result_writer.h"
#include "runtime/token_generator.h"
#include "tare/generate.h"

namespace tare {

// Runs a model with Tare's own kernels: graphs, cache, threads and samplers.
class Generator : public TokenGenerator {
 public:
  // `model` must outlive the generator at the same address, because graphs borrow its weights.
  //   Errors  those of Engine::Load that concern running.
  static Result<Generator> Create(const Model& model, const EngineOptions& options);

  size_t RoomAfter(size_t prompt_tokens, SamplerKind kind) const override;
  Result<std::unique_ptr<TokenSequence>> NewSequence() override;
  // Unsupported for a search if attention is not fused.
  Status Generate(TokenSequence& sequence, std::span<const int32_t> prompt,
                  const GenerateOptions& options, ResultWriter& writer) override;
  Status RunAll(TokenSequence& sequence, std::span<const int32_t> ids,
                const LogitsCallback& on_logits) override;

  std::vector<std::string> notes() const override {
    if (pool_->shortage().empty()) return {};
    return {pool_->shortage()};
  }
  size_t context() const override { return context_; }
  size_t threads() const override { return pool_->thread_count(); }

 private:
  class CachedSequence;

  Generator(const Model& model, const KernelTable& kernels, PassSelection passes, size_t context,
            size_t threads);

  Result<Executor> MakeExecutor(LogitsFor logits) const;
  // For several sequences at once, and for scores; created on first use.
  Result<Executor*> AllTokensExecutor();
  Status Search(CachedSequence& sequence, std::span<const int32_t> prompt,
                const GenerateOptions& options, ResultWriter& writer);

  const Model* model_;
  const KernelTable* kernels_;
  PassSelection passes_;
  size_t context_;
  std::unique_ptr<ThreadPool> pool_;
  std::optional<Executor> last_token_;
  std::optional<Executor> all_tokens_;
};

}  // namespace tare

#endif  // TARE_RUNTIME_GENERATOR_H_
