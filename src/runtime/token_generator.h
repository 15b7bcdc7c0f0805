#ifndef TARE_RUNTIME_TOKEN_GENERATOR_H_
#define TARE_RUNTIME_TOKEN_GENERATOR_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "models/model.h"
#include "runtime/result_writer.h"
#include "tare/generate.h"

namespace tare {

// What a generator keeps of one token sequence between calls.
class TokenSequence {
 public:
  virtual ~TokenSequence() = default;

  virtual void Clear() = 0;
  // The tokens whose keys and values it holds.
  virtual std::span<const int32_t> ids() const = 0;
  virtual uint64_t cache_bytes() const = 0;
};

// Runs a model from token ids to token ids.
class TokenGenerator {
 public:
  virtual ~TokenGenerator() = default;

  // How many tokens can be chosen after a prompt of this length. A search that runs a token before
  // it is chosen has room for one less.
  virtual size_t RoomAfter(size_t prompt_tokens, SamplerKind kind) const = 0;

  // Creates an empty sequence. Errors: OutOfMemory.
  virtual Result<std::unique_ptr<TokenSequence>> NewSequence() = 0;

  // Chooses tokens after the prompt and pushes them to the writer until it is done. Does not run
  // the part of the prompt again that the sequence already holds.
  //   Errors          OutOfMemory; InvalidInput for an id outside the vocabulary; Unsupported for a
  //                   search that it does not have; Internal if a third-party library fails.
  //   Preconditions   NewSequence of this generator made the sequence, CheckSampling(
  //                   options.sampling) is fine, the prompt is not empty and fits the context.
  virtual Status Generate(TokenSequence& sequence, std::span<const int32_t> prompt,
                          const GenerateOptions& options, ResultWriter& writer) = 0;

  // Gives the logits after ids[0], ids[1], …, all but the last, each valid during its call alone.
  // Empties the sequence.
  //   Errors  OutOfMemory, InvalidInput for an id outside the vocabulary; those of `on_logits`.
  virtual Status RunAll(TokenSequence& sequence, std::span<const int32_t> ids,
                        const LogitsCallback& on_logits) = 0;

  // Empty if OpenVINO does not run the model.
  virtual std::string_view openvino_version() const { return {}; }

  // What differs from the request, and why; one line each.
  virtual std::vector<std::string> notes() const { return {}; }

  virtual size_t context() const = 0;
  virtual size_t threads() const = 0;
};

// The requested value, or the default.
//   Errors  InvalidInput outside the range, which the message names.
Result<size_t> ThreadsOf(const EngineOptions& options);
Result<size_t> ContextOf(const EngineOptions& options, const ModelInfo& model);

// Tokens of a prompt that run together: enough to reuse each weight while it is in the CPU's cache,
// few enough to keep activations small.
inline constexpr size_t kPrefillTokens = 128;

// Runs more tokens and returns the logits.
using RunTokens = std::function<Result<std::span<const float>>(std::span<const int32_t> ids)>;

// The logits after a prompt.   Errors: those of `run`.
Result<std::span<const float>> RunPrompt(std::span<const int32_t> prompt, const RunTokens& run);

// Chooses tokens one by one until the writer is done. `logits` are those after the prompt.
//   Errors  those of Sampler and of `run`.
Status SampleTokens(std::span<const float> logits, const GenerateOptions& options,
                    const RunTokens& run, ResultWriter& writer);

}  // namespace tare

#endif  // TARE_RUNTIME_TOKEN_GENERATOR_H_
