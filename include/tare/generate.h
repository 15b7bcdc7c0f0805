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

// How tokens are chosen. kFilters uses temperature, top_k and top_p together; each other kind works
// as KerasHub's sampler of that name (docs/generation.md).
enum class SamplerKind { kFilters, kGreedy, kRandom, kTopK, kTopP, kBeam, kContrastive };

// KerasHub's names: "greedy", "random", "top_k", "top_p", "beam", "contrastive".
// Errors: InvalidInput for any other name; the message lists the valid ones.
Result<SamplerKind> SamplerKindFromName(std::string_view name);

struct SamplingOptions {
  float temperature = 0.0f;  // kFilters, kGreedy: 0 is greedy
  int32_t top_k = 0;         // choose among so many of the likeliest tokens; 0: all
  float top_p = 1.0f;        // choose among those that add up to this probability; 1: all
  uint64_t seed = 0;
  SamplerKind kind = SamplerKind::kFilters;
  int32_t beams = 5;   // kBeam: hypotheses kept in each step, 1 to 256
  float alpha = 0.6f;  // kContrastive: weight of the similarity penalty, 0 to 1
};

// A sampler with KerasHub's defaults: temperature 1, top_k 5 (kTopK, kContrastive), top_p 0.1
// (kTopP). For kFilters, the same as SamplingOptions{}.
SamplingOptions DefaultSampling(SamplerKind kind);

struct EngineOptions {
  // 1 to 1024; 0: one per physical core that this process may use, within its CPU quota.
  size_t threads = 0;
  int64_t max_context = 0;  // tokens, at most the model's own context; 0: the model's own
  // Graph passes to run, for comparisons: "" for all, "no-fuse_tails,…" for all but these,
  // "fuse_attention,…" for only these, "none". `tare inspect --graph` shows their names.
  std::string passes;
  // Path of OpenVINO's C library, libopenvino_c.so, whose CPU plugin then runs the model in f32.
  // Empty: Tare's own kernels run it.
  std::string openvino_library = {};
  // Whether a model whose tokenizer Tare cannot read is refused. If not, it takes and gives ids
  // alone: see Engine::has_tokenizer.
  bool needs_tokenizer = true;
  // Memory savings to switch off with OpenVINO, for comparisons: "no-drop,no-sdpa,…"; "": none.
  std::string openvino_measures = {};
};

struct GenerateOptions {
  // Set at most one of these. With neither, generation goes on until a stop or a full context.
  std::optional<size_t> new_tokens;
  std::optional<size_t> max_length;  // prompt included, as Keras counts
  SamplingOptions sampling;
  std::vector<std::string> stop;  // texts that end the generation; not part of the result
  bool ignore_eos = false;
  // Tokens that end the generation; not part of the result's ids. No value: the model's own end
  // tokens (Keras's "auto"). Empty: none.
  std::optional<std::vector<int32_t>> stop_token_ids;
  // If set, return the log-probability of each chosen token and of this many likeliest tokens.
  std::optional<size_t> log_probabilities;
  bool skip_special = false;  // leave control tokens out of the text
};

// The natural logarithm of a token's probability under the model, before temperature and filters.
struct TokenLogProbability {
  int32_t id = 0;
  double log_probability = 0.0;
};

struct ChosenLogProbability {
  TokenLogProbability token;
  std::vector<TokenLogProbability> likeliest;  // likeliest first, ties by id; may include `token`
};

enum class StopReason { kLength, kEndOfText, kStopText, kContextFull, kCancelled };
std::string_view StopReasonName(
    StopReason reason);  // "length", "eos", "stop", "context", "cancelled"

struct GenerateResult {
  std::vector<int32_t> prompt_ids;       // the prompt, cut to max_length
  size_t cached_tokens = 0;              // how many of these an EngineSession already held
  std::vector<int32_t> ids;              // new tokens, without the token that ended the text
  std::optional<int32_t> stop_token_id;  // the token that ended the text (kEndOfText)
  std::string text;
  StopReason stop_reason = StopReason::kLength;
  uint64_t first_token_ns = 0;     // from the call to the choice of the first new token
  std::vector<uint64_t> token_ns;  // time from the call to the choice of each token
  // If requested: one for each of `ids`, then one for stop_token_id if there is one.
  std::vector<ChosenLogProbability> log_probabilities;

  // Tokens per second after the first token; 0 with fewer than two tokens.
  double decode_tokens_per_second() const;
};

// Called with each piece of new text, in complete UTF-8 characters. Return false to stop.
using TextCallback = std::function<bool(std::string_view)>;

// Called with the logits at one position, a number for each token of the vocabulary, valid until it
// returns. Its error ends the call that it is for.
using LogitsCallback = std::function<Status(std::span<const float>)>;

class EngineSession;

// A model that is ready to generate. Only one call at a time, calls of its sessions included. The
// model file stays mapped as long as the engine lives.
class Engine {
 public:
  // Errors: those of opening the model and its tokenizer; Unsupported for TARE_CPU_ISA;
  // InvalidInput for options outside their range; OutOfMemory.
  static Result<Engine> Load(const std::string& path, const EngineOptions& options = {});

  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  // Text to token ids. Special tokens in `text` are plain text unless parse_special is set.
  Result<std::vector<int32_t>> Encode(std::string_view text, bool parse_special = false) const;
  // The token ids of a conversation as the model's chat template writes it, up to where the answer
  // begins. Errors: InvalidInput if `messages` is empty, if the model has no chat template, or if
  // the template refuses the conversation; Unsupported for a template that Tare cannot run.
  Result<std::vector<int32_t>> EncodeChat(std::span<const ChatMessage> messages) const;
  // The same for a conversation with tools, or with a template or variables of the caller's.
  Result<std::vector<int32_t>> EncodeChat(const ChatRequest& request) const;

  // A conversation that keeps its KV cache between calls. Errors: OutOfMemory.
  Result<EngineSession> NewSession();

  // Generates after a prompt; keeps nothing from earlier calls. If max_length is shorter than the
  // prompt, it cuts the prompt and generates nothing.
  //   Errors  InvalidInput (an empty prompt, a prompt longer than the context, an id outside the
  //           vocabulary, contradictory options), OutOfMemory.
  Result<GenerateResult> Generate(std::span<const int32_t> prompt_ids,
                                  const GenerateOptions& options,
                                  const TextCallback& on_text = nullptr);

  // The log-probability of ids[1], ids[2], …, each given the ids before it, and of the `likeliest`
  // most probable tokens in its place.
  //   Errors  InvalidInput (fewer than two ids, more than the context holds, an id outside the
  //           vocabulary), OutOfMemory.
  Result<std::vector<ChosenLogProbability>> Score(std::span<const int32_t> ids,
                                                  size_t likeliest = 0);

  // The logits after ids[0], ids[1], …, all but the last: what the model predicts for ids[1],
  // ids[2], …
  //   Errors  those of Score, and of `on_logits`.
  Status Logits(std::span<const int32_t> ids, const LogitsCallback& on_logits);

  // Token ids to text. Errors: InvalidInput for an id outside the vocabulary.
  Result<std::string> Decode(std::span<const int32_t> ids, bool skip_special = false) const;

  // Whether there is a tokenizer. Without one, Encode, EncodeChat and Decode fail with the reason
  // (Unsupported, or what the tokenizer's reader says), results have no text, and generations end
  // at no token of the model's own.
  bool has_tokenizer() const;
  uint64_t weights_bytes() const;
  // The version that OpenVINO reports, if it runs the model; empty with Tare's own kernels.
  std::string_view openvino_version() const;
  // Notes for the user, one line each: weights that had to be copied from the file, and threads
  // that could not be started, with the reason.
  std::vector<std::string> notes() const;
  uint64_t cache_bytes() const;  // KV cache for the tokens of the last call
  size_t threads() const;
  size_t max_context() const;

 private:
  friend class EngineSession;
  struct Impl;
  explicit Engine(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// A conversation. It keeps the keys and values of its tokens, so that a prompt which begins with
// these tokens only costs the rest. With OpenVINO it keeps nothing, and each call runs its whole
// prompt. The engine must outlive the session, but may be moved.
class EngineSession {
 public:
  EngineSession(EngineSession&&) noexcept;
  EngineSession& operator=(EngineSession&&) noexcept;
  ~EngineSession();

  // As Engine::Generate, but takes the longest common prefix of the prompt and ids() from the
  // cache, except the prompt's last token. Logits may differ in their last bits from those of a run
  // over the whole prompt, because the number of tokens in a run decides which kernels run.
  Result<GenerateResult> Generate(std::span<const int32_t> prompt_ids,
                                  const GenerateOptions& options,
                                  const TextCallback& on_text = nullptr);

  // The tokens whose keys and values the session holds: prompt and answer, without the last chosen
  // token. Empty after a search (kBeam, kContrastive).
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
