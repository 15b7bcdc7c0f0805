#include "runtime/result_writer.h"

#include <algorithm>
#include <utility>

namespace tare {

ResultWriter::ResultWriter(const Tokenizer* tokenizer, const GenerateOptions& options,
                           std::vector<int32_t> stop_tokens, size_t limit, StopReason limit_reason,
                           const TextCallback& on_text)
    : on_text_(on_text),
      stop_tokens_(std::move(stop_tokens)),
      limit_(limit),
      limit_reason_(limit_reason),
      stops_(options.stop) {
  if (tokenizer != nullptr) decoder_.emplace(*tokenizer, DecodeOptions{options.skip_special});
  if (limit == 0) End(limit_reason);
}

bool ResultWriter::IsStop(int32_t id) const { return std::ranges::count(stop_tokens_, id) > 0; }

void ResultWriter::Show(const std::string& text) {
  result_.text += text;
  if (!text.empty() && on_text_ && !cancelled_ && !on_text_(text)) cancelled_ = true;
}

void ResultWriter::End(StopReason reason) {
  result_.stop_reason = reason;
  done_ = true;
}

Status ResultWriter::Push(int32_t id, std::optional<ChosenLogProbability> log_probability) {
  if (done_) return {};
  result_.token_ns.push_back(static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start_).count()));
  if (log_probability) result_.log_probabilities.push_back(*std::move(log_probability));
  if (IsStop(id)) {
    result_.stop_token_id = id;
    End(StopReason::kEndOfText);
    return {};
  }
  result_.ids.push_back(id);
  if (decoder_) {
    TARE_ASSIGN_OR_RETURN(const std::string piece, decoder_->Push(id));
    Show(stops_.Push(piece));
  }
  if (cancelled_) {
    End(StopReason::kCancelled);
  } else if (stops_.stopped()) {
    End(StopReason::kStopText);
  } else if (result_.ids.size() >= limit_) {
    End(limit_reason_);
  }
  return {};
}

GenerateResult ResultWriter::Finish() && {
  if (decoder_ && !stops_.stopped()) Show(stops_.Push(decoder_->Flush()) + stops_.Flush());
  if (!result_.token_ns.empty()) result_.first_token_ns = result_.token_ns.front();
  return std::move(result_);
}

}  // namespace tare
