#include "base/error.h"
#include "base/utf8.h"
#include "tare/tokenizer.h"

namespace tare {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

}  // namespace

Result<std::string> StreamDecoder::Push(int32_t id) {
  TARE_ASSIGN_OR_RETURN(const std::string bytes,
                        tokenizer_->Decode(std::span(&id, size_t{1}), options_));
  pending_ += bytes;
  std::string text;
  std::string_view rest = pending_;
  while (!rest.empty()) {
    const Utf8Char c = DecodeUtf8(rest);
    if (c.status == Utf8Status::kIncomplete) break;
    text += c.status == Utf8Status::kValid ? rest.substr(0, c.size) : kReplacement;
    rest.remove_prefix(c.size);
  }
  pending_.erase(0, pending_.size() - rest.size());
  return text;
}

std::string StreamDecoder::Flush() {
  const bool unfinished = !pending_.empty();
  pending_.clear();
  return std::string(unfinished ? kReplacement : "");
}

}  // namespace tare
