#include "tokenizer/piece_splitter.h"

#include "base/utf8.h"

namespace tare {

std::string_view PieceSplitter::Next() {
  while (true) {
    while (depth_ > 0 && rest_[depth_ - 1].empty()) --depth_;
    if (depth_ == 0) {
      if (text_.empty()) return {};
      const bool is_valid = DecodeUtf8(text_).status == Utf8Status::kValid;
      const std::string_view part = TakeValid();
      if (!is_valid || patterns_.empty()) return part;
      rest_[depth_++] = part;
    }
    const std::string_view piece = patterns_[depth_ - 1].TakePiece(rest_[depth_ - 1], classify_);
    if (depth_ == patterns_.size()) return piece;
    rest_[depth_++] = piece;
  }
}

std::string_view PieceSplitter::TakeValid() {
  size_t end = 0;
  while (end < text_.size()) {
    if (static_cast<unsigned char>(text_[end]) < 0x80) {
      ++end;
      continue;
    }
    const Utf8Char c = DecodeUtf8(text_.substr(end));
    if (c.status != Utf8Status::kValid) break;
    end += c.size;
  }
  const std::string_view part = text_.substr(0, end == 0 ? 1 : end);
  text_.remove_prefix(part.size());
  return part;
}

}  // namespace tare
