#ifndef TARE_RUNTIME_OPENVINO_GENERATOR_H_
#define TARE_RUNTIME_OPENVINO_GENERATOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "models/model.h"
#include "openvino_engine/openvino_model.h"
#include "runtime/token_generator.h"
#include "tare/generate.h"

namespace tare {

// Runs a model's graph with OpenVINO's CPU plugin. Chooses tokens one at a time, so it has no beam
// and no contrastive search.
class OpenVinoGenerator : public TokenGenerator {
 public:
  // model  must outlive the generator at the same address: the compiled model reads its weights
  //        until the first tokens have run, and single rows of them after that.
  //   Errors  those of OpenVinoModel::Compile; InvalidInput for unknown measures.
  static Result<OpenVinoGenerator> Create(const Model& model, const EngineOptions& options);

  size_t RoomAfter(size_t prompt_tokens, SamplerKind kind) const override;
  // The plugin has one state for all sequences; each call resets it.
  Result<std::unique_ptr<TokenSequence>> NewSequence() override;
  Status Generate(TokenSequence& sequence, std::span<const int32_t> prompt,
                  const GenerateOptions& options, ResultWriter& writer) override;
  Status RunAll(TokenSequence& sequence, std::span<const int32_t> ids,
                const LogitsCallback& on_logits) override;

  std::string_view openvino_version() const override { return compiled_.version(); }

  size_t context() const override { return context_; }
  size_t threads() const override { return threads_; }

 private:
  class StatelessSequence;

  OpenVinoGenerator(OpenVinoModel compiled, const ModelInfo& model, size_t context, size_t threads)
      : compiled_(std::move(compiled)),
        context_(context),
        threads_(threads),
        token_bytes_(2 * model.layers * model.kv_heads * model.head_size * sizeof(float)) {}

  OpenVinoModel compiled_;
  size_t context_;
  size_t threads_;
  uint64_t token_bytes_;  // of a token's keys and values
};

}  // namespace tare

#endif  // TARE_RUNTIME_OPENVINO_GENERATOR_H_
