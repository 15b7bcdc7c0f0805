#ifndef TARE_GENERATE_H_
#define TARE_GENERATE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tare/error.h"
#include "tare/tokenizer.h"

namespace tare {

// How tokens are chosen: kFilters by temperature, top_k and top_p together; the others as
// KerasHub's sampler of that name does (docs/generation.md).
enum class SamplerKind { kFilters, kGreedy, kRandom, kTopK, kTopP, kBeam, kContrastive };

// KerasHub's names: "greedy", "random", "top_k", "top_p", "beam", "contrastive".
// Errors: InvalidInput for any other; the message lists them.
Result<SamplerKind> SamplerKindFromName(std::string_view name);

struct SamplingOptions {
  float temperature = 0.0f;  // 0: greedy, with kFilters
  int32_t top_k = 0;         // 0: all
  float top_p = 1.0f;        // 1: all
  uint64_t seed = 0;
  SamplerKind kind = SamplerKind::kFilters;
  int32_t beams = 5;   // kBeam: hypotheses that live on in each step, 1 to 256
  float alpha = 0.6f;  // kContrastive: weight of likeness to earlier tokens, 0 to 1
};

// A sampler with KerasHub's defaults: temperature 1, the 5 likeliest (kTopK, kContrastive),
// probability 0.1 (kTopP). kFilters: as SamplingOptions{}.
SamplingOptions DefaultSampling(SamplerKind kind);

struct EngineOptions {
  // 1 to 1024; 0: one per physical core that this process may use, but no more than its CPU
  // quota allows.
  size_t threads = 0;
  int64_t max_context = 0;  // tokens, at most the model's own; 0: that
  // Graph passes to run, for comparisons: "" for all, "no-fuse_tails,…" for all but these,
  // "fuse_attention,…" for these alone, "none". `tare inspect --graph` shows them.
  std::string passes;
  // Path of OpenVINO's C library, libopenvino_c.so: its CPU plugin then runs the model, in f32.
  // Empty: Tare's own kernels do.
  std::string openvino_library = {};
  // Which of its measures are left out, for comparisons: "" for none, "no-drop,no-sdpa,…".
  std::string openvino_measures = {};
};

struct GenerateOptions {
  // At most one of the two; neither: until a stop or the end of the context.
  std::optional<size_t> new_tokens;
  std::optional<size_t> max_length;  // prompt included, as Keras counts
  SamplingOptions sampling;
  std::vector<std::string> stop;  // text that ends the generation; it is not part of the result
  bool ignore_eos = false;
  // Tokens that end the generation; they are not part of the result's ids. Not given: those that
  // the model ends a text with (Keras's "auto"). Empty: none.
  std::optional<std::vector<int32_t>> stop_token_ids;
  // Log-probabilities of chosen tokens, and of this many likeliest ones beside each.
  std::optional<size_t> log_probabilities;
  bool skip_special = false;  // control tokens are no part of the text
};

// Natural logarithm of a token's probability under the model itself: before temperature and
// filters.
struct TokenLogProbability {
  int32_t id = 0;
  double log_probability = 0.0;
};

struct ChosenLogProbability {
  TokenLogProbability token;
  std::vector<TokenLogProbability> likeliest;  // in order, ties by id; may hold the token itself
};

enum class StopReason { kLength, kEndOfText, kStopText, kContextFull, kCancelled };
std::string_view StopReasonName(
    StopReason reason);  // "length", "eos", "stop", "context", "cancelled"

struct GenerateResult {
  std::vector<int32_t> prompt_ids;       // as many of the prompt's as max_length leaves
  size_t cached_tokens = 0;              // of them, those that an EngineSession still held
  std::vector<int32_t> ids;              // new tokens, the one that ended the text not among them
  std::optional<int32_t> stop_token_id;  // the one that did (kEndOfText)
  std::string text;
  StopReason stop_reason = StopReason::kLength;
  uint64_t first_token_ns = 0;     // from the call to the first new token chosen
  std::vector<uint64_t> token_ns;  // when each chosen token was known, since the call
  // Where asked for: one for each of ids, then one for stop_token_id if there is one.
  std::vector<ChosenLogProbability> log_probabilities;

  // Tokens a second after the first, 0 with fewer than two.
  double decode_tokens_per_second() const;
};

// Called with each piece of new text, whole UTF-8 characters only; return false to stop.
using TextCallback = std::function<bool(std::string_view)>;

class EngineSession;

// A model ready to generate. One call at a time, those of its sessions included; the model file
// stays mapped as long as it lives.
class Engine {
 public:
  // Errors: those of opening the model and its tokenizer; Unsupported for TARE_CPU_ISA;
  // InvalidInput for options outside their range; OutOfMemory.
  static Result<Engine> Load(const std::string& path, const EngineOptions& options = {});

  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  // Special tokens in `text` are plain text unless parse_special.
  Result<std::vector<int32_t>> Encode(std::string_view text, bool parse_special = false) const;
  // A conversation in the model's chat format, up to where its answer begins.
  // Errors: InvalidInput without a message, Unsupported where the model has no such format.
  Result<std::vector<int32_t>> EncodeChat(std::span<const ChatMessage> messages) const;

  // A conversation that keeps what it has seen. Errors: OutOfMemory.
  Result<EngineSession> NewSession();

  // Each call begins anew. Where max_length is less than the prompt, the prompt is cut to it and
  // nothing is generated. Errors: InvalidInput (an empty prompt, a prompt longer than the context,
  // an id outside the vocabulary, options that contradict), OutOfMemory.
  Result<GenerateResult> Generate(std::span<const int32_t> prompt_ids,
                                  const GenerateOptions& options,
                                  const TextCallback& on_text = nullptr);

  // Log-probabilities of ids[1], ids[2], … each after those before it, and of this many likeliest
  // ones beside each.
  // Errors: InvalidInput (fewer than two ids, more than the context holds, an id outside the
  // vocabulary), OutOfMemory.
  Result<std::vector<ChosenLogProbability>> Score(std::span<const int32_t> ids,
                                                  size_t likeliest = 0);

  // Errors: InvalidInput for an id outside the vocabulary.
  Result<std::string> Decode(std::span<const int32_t> ids, bool skip_special = false) const;

  uint64_t weights_bytes() const;
  // Of the OpenVINO that runs the model, as it says it itself; empty with Tare's own kernels.
  std::string_view openvino_version() const;
  // A line each on weights that could not be used where they lie in the file, and on threads that
  // could not be started, and why.
  std::vector<std::string> notes() const;
  uint64_t cache_bytes() const;  // of keys and values, for the tokens of the last call
  size_t threads() const;
  size_t max_context() const;

 private:
  friend class EngineSession;
  struct Impl;
  explicit Engine(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// A conversation. The keys and values of its tokens stay, so that a prompt which begins with them
// costs only what follows. With OpenVINO nothing stays: each call works through its whole prompt.
// The engine must outlive the session; it may be moved.
class EngineSession {
 public:
  EngineSession(EngineSession&&) noexcept;
  EngineSession& operator=(EngineSession&&) noexcept;
  ~EngineSession();

  // As Engine::Generate. Of the prompt, the longest beginning that ids() shares is taken from the
  // cache, its last token never. Logits may differ from those of the whole prompt in their last
  // bits: how many tokens are run together decides which kernels run.
  Result<GenerateResult> Generate(std::span<const int32_t> prompt_ids,
                                  const GenerateOptions& options,
                                  const TextCallback& on_text = nullptr);

  // The tokens whose keys and values it holds: prompt and answer, but for what was chosen last.
  // None after a search (kBeam, kContrastive).
  std::span<const int32_t> ids() const;
  uint64_t cache_bytes() const;

 private:
  friend class Engine;
  struct Impl;
  explicit EngineSession(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tare

#endif  // TARE_GENERATE_H_
