#ifndef TARE_RUNTIME_RESULT_WRITER_H_
#define TARE_RUNTIME_RESULT_WRITER_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "runtime/stop_matcher.h"
#include "tare/generate.h"
#include "tare/tokenizer.h"

namespace tare {

// Builds the result from chosen tokens: ids, text as soon as it is certain, times, and why and
// where the generation ends.
class ResultWriter {
 public:
  // The tokenizer, options and callback must outlive the writer.
  //   tokenizer    nullptr: the result has no text.
  //   limit        the maximum number of tokens.
  //   limit_reason the reason to report when the limit is reached.
  ResultWriter(const Tokenizer* tokenizer, const GenerateOptions& options,
               std::vector<int32_t> stop_tokens, size_t limit, StopReason limit_reason,
               const TextCallback& on_text);

  // Takes the next token; does nothing once done(). log_probabilities as the options say.
  //   Errors  InvalidInput for an id outside the tokenizer's vocabulary.
  Status Push(int32_t id, std::optional<ChosenLogProbability> log_probability);

  void set_cached_tokens(size_t count) { result_.cached_tokens = count; }

  bool done() const { return done_; }
  size_t limit() const { return limit_; }
  bool IsStop(int32_t id) const;
  const std::vector<int32_t>& stop_tokens() const { return stop_tokens_; }

  // The result, once done() or when no more tokens follow.
  GenerateResult Finish() &&;

 private:
  void Show(const std::string& text);
  void End(StopReason reason);

  using Clock = std::chrono::steady_clock;
  const Clock::time_point start_ = Clock::now();
  const TextCallback& on_text_;
  const std::vector<int32_t> stop_tokens_;
  const size_t limit_;
  const StopReason limit_reason_;
  std::optional<StreamDecoder> decoder_;
  StopMatcher stops_;
  GenerateResult result_;
  bool cancelled_ = false;
  bool done_ = false;
};

}  // namespace tare

#endif  // TARE_RUNTIME_RESULT_WRITER_H_
