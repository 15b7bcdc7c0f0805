#include "tokenizer/piece_splitter.h"

#include "tokenizer/utf8.h"

namespace tare {

std::string_view PieceSplitter::Next() {
  if (position_ == text_.size()) return {};
  size_t end = position_ + 1;
  if (const Char first = At(position_); first.kind == Kind::kAlone) {
    end = position_ + first.size;
  } else if (pre_tokenizer_ == PreTokenizer::kWhole) {
    end = WholeEnd();
  } else {
    end = pre_tokenizer_ == PreTokenizer::kLlama3 ? Llama3End() : Gpt2End();
  }
  const std::string_view piece = text_.substr(position_, end - position_);
  position_ = end;
  return piece;
}

size_t PieceSplitter::Gpt2End() {
  const Char first = At(position_);
  if (first.kind == Kind::kOther) {
    if (const size_t size = ContractionSize(); size != 0) return position_ + size;
  }
  if (first.kind != Kind::kSpace) return RunEnd(position_, first.kind);
  if (text_[position_] == ' ') {
    const Kind next = At(position_ + 1).kind;
    if (next == Kind::kLetter || next == Kind::kNumber || next == Kind::kOther) {
      return RunEnd(position_ + 1, next);
    }
  }
  return SpacesEnd(position_);
}

size_t PieceSplitter::Llama3End() {
  const Char first = At(position_);
  if (first.kind == Kind::kLetter) return RunEnd(position_, Kind::kLetter);
  if (first.kind == Kind::kNumber) {
    size_t end = position_;
    for (int digits = 0; digits < 3; ++digits) {
      const Char c = At(end);
      if (c.kind != Kind::kNumber) break;
      end += c.size;
    }
    return end;
  }
  if (const size_t size = FoldedContractionSize(); size != 0) return position_ + size;
  const Kind next = At(position_ + first.size).kind;
  if (next == Kind::kLetter && !IsLineEnd(position_)) {
    return RunEnd(position_ + first.size, Kind::kLetter);
  }
  if (first.kind == Kind::kOther) return LineEndsEnd(RunEnd(position_, Kind::kOther));
  if (text_[position_] == ' ' && next == Kind::kOther) {
    return LineEndsEnd(RunEnd(position_ + 1, Kind::kOther));
  }
  return SpacesAndLinesEnd(position_);
}

PieceSplitter::Char PieceSplitter::At(size_t position) {
  if (position == text_.size()) return {Kind::kEnd, 0};
  const Utf8Char c = DecodeUtf8(text_.substr(position));
  if (c.status != Utf8Status::kValid) return {Kind::kAlone, 1};
  switch (classify_(c.code_point)) {
    case CharClass::kLetter:
      return {Kind::kLetter, c.size};
    case CharClass::kSpace:
      return {Kind::kSpace, c.size};
    case CharClass::kNumber:
      return {pre_tokenizer_ == PreTokenizer::kSmolLm ? Kind::kAlone : Kind::kNumber, c.size};
    case CharClass::kNumeric:
      return {pre_tokenizer_ == PreTokenizer::kSmolLm ? Kind::kAlone : Kind::kOther, c.size};
    case CharClass::kOther:
      break;
  }
  return {Kind::kOther, c.size};
}

size_t PieceSplitter::RunEnd(size_t position, Kind kind) {
  for (Char c = At(position); c.kind == kind; c = At(position)) position += c.size;
  return position;
}

// `\s+(?!\S)|\s+`: all spaces if nothing follows; else all but the last, which belongs to the next
// piece, unless it is the only one.
size_t PieceSplitter::SpacesEnd(size_t begin) {
  size_t last = begin;
  size_t end = begin;
  Char c = At(begin);
  for (; c.kind == Kind::kSpace; c = At(end)) {
    last = end;
    end += c.size;
  }
  const bool followed = c.kind != Kind::kEnd && c.kind != Kind::kAlone;
  return followed && last > begin ? last : end;
}

size_t PieceSplitter::SpacesAndLinesEnd(size_t begin) {
  size_t after_line = begin;
  size_t end = begin;
  for (Char c = At(begin); c.kind == Kind::kSpace; c = At(end)) {
    const bool line_end = IsLineEnd(end);
    end += c.size;
    if (line_end) after_line = end;
  }
  return after_line > begin ? after_line : SpacesEnd(begin);
}

size_t PieceSplitter::LineEndsEnd(size_t position) const {
  while (IsLineEnd(position)) ++position;
  return position;
}

bool PieceSplitter::IsLineEnd(size_t position) const {
  return position < text_.size() && (text_[position] == '\r' || text_[position] == '\n');
}

size_t PieceSplitter::WholeEnd() const {
  size_t end = position_;
  while (end < text_.size()) {
    const Utf8Char c = DecodeUtf8(text_.substr(end));
    if (c.status != Utf8Status::kValid) break;
    end += c.size;
  }
  return end;
}

size_t PieceSplitter::ContractionSize() const {
  const std::string_view rest = text_.substr(position_, 3);
  if (rest.size() < 2 || rest[0] != '\'') return 0;
  if (rest[1] == 's' || rest[1] == 't' || rest[1] == 'm' || rest[1] == 'd') return 2;
  if (rest == "'re" || rest == "'ve" || rest == "'ll") return 3;
  return 0;
}

// `(?i:'s|'t|'re|'ve|'m|'ll|'d)`, where U+017F, the long s, is an s too.
size_t PieceSplitter::FoldedContractionSize() const {
  const std::string_view rest = text_.substr(position_, 3);
  if (rest.size() < 2 || rest[0] != '\'') return 0;
  const auto lower = [&](size_t i) -> char {
    if (i >= rest.size()) return 0;
    return rest[i] >= 'A' && rest[i] <= 'Z' ? static_cast<char>(rest[i] + ('a' - 'A')) : rest[i];
  };
  const char first = lower(1);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return 2;
  if (rest.substr(1) == "\u017F") return 3;
  const char second = lower(2);
  const bool two =
      (first == 'l' && second == 'l') || ((first == 'r' || first == 'v') && second == 'e');
  return two ? 3 : 0;
}

}  // namespace tare
