#include "tokenizer/piece_splitter.h"

#include "tokenizer/utf8.h"

namespace tare {

std::string_view PieceSplitter::Next() {
  const Char first = At(position_);
  switch (first.kind) {
    case Kind::kEnd:
      return {};
    case Kind::kAlone:
      return Take(position_ + first.size);
    case Kind::kLetter:
    case Kind::kNumber:
      return Take(RunEnd(position_, first.kind));
    case Kind::kOther:
      if (const size_t size = ContractionSize(); size != 0) return Take(position_ + size);
      return Take(RunEnd(position_, first.kind));
    case Kind::kSpace:
      break;
  }
  if (text_[position_] == ' ') {
    const Kind next = At(position_ + 1).kind;
    if (next == Kind::kLetter || next == Kind::kNumber || next == Kind::kOther) {
      return Take(RunEnd(position_ + 1, next));
    }
  }
  return Take(SpacesEnd(position_));
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

// `\s+(?!\S)|\s+`: all spaces where nothing follows, else all but the last, which is left to the
// next piece, unless it is the only one.
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

size_t PieceSplitter::ContractionSize() const {
  const std::string_view rest = text_.substr(position_, 3);
  if (rest.size() < 2 || rest[0] != '\'') return 0;
  if (rest[1] == 's' || rest[1] == 't' || rest[1] == 'm' || rest[1] == 'd') return 2;
  if (rest == "'re" || rest == "'ve" || rest == "'ll") return 3;
  return 0;
}

std::string_view PieceSplitter::Take(size_t end) {
  const std::string_view piece = text_.substr(position_, end - position_);
  position_ = end;
  return piece;
}

}  // namespace tare
