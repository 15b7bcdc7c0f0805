#include "tokenizer/encoder.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "tokenizer/normal_forms.h"
#include "tokenizer/piece_splitter.h"

namespace tare {
namespace {

// The size of the white space at the front of `text`.
size_t SpacesBefore(std::string_view text) {
  CharClassifier classify;
  size_t size = 0;
  while (size < text.size()) {
    const Utf8Char c = DecodeUtf8(text.substr(size));
    if (c.status != Utf8Status::kValid || !IsSpace(classify(c.code_point))) break;
    size += c.size;
  }
  return size;
}

// The last character of `text`; its class is kOther for bytes that are not valid UTF-8.
std::string_view LastChar(std::string_view text) {
  size_t begin = text.size();
  while (begin > 0 && text.size() - begin < 4) {
    --begin;
    if ((static_cast<uint8_t>(text[begin]) & 0xC0) != 0x80) break;
  }
  return text.substr(begin);
}

// The size of the white space at the end of `text`.
size_t SpacesAfter(std::string_view text) {
  const size_t size = text.size();
  while (!text.empty()) {
    const std::string_view last = LastChar(text);
    if (SpacesBefore(last) != last.size()) break;
    text.remove_suffix(last.size());
  }
  return size - text.size();
}

bool BeginsWithWord(std::string_view text) {
  if (text.empty()) return false;
  const Utf8Char c = DecodeUtf8(text);
  return c.status == Utf8Status::kValid &&
         (c.code_point == '_' || IsWord(CharClassifier()(c.code_point)));
}

// A text without spaces at its ends and with one space for several, and ranges of it.
struct Collapsed {
  std::string text;
  std::vector<TextRange> ranges;
};

Collapsed Collapse(std::string_view text, std::span<const TextRange> ranges) {
  Collapsed out;
  std::vector<size_t> places;  // of each byte of `text`, and of its end
  for (const char c : text) {
    places.push_back(out.text.size());
    const bool is_extra = c == ' ' && (out.text.empty() || out.text.back() == ' ');
    if (!is_extra) out.text.push_back(c);
  }
  places.push_back(out.text.size());
  if (out.text.ends_with(' ')) out.text.pop_back();
  const auto place = [&](size_t at) { return std::min(places[at], out.text.size()); };
  for (const TextRange& range : ranges)
    out.ranges.push_back({place(range.begin), place(range.end)});
  return out;
}

}  // namespace

// The reference's order: control tokens first, then user-defined ones between them.
void Encoder::AddText(std::string_view text, bool parse_special, std::span<const TextRange> plain) {
  std::vector<TextRange> moved;
  if (data_.collapses_spaces) {
    Collapsed collapsed = Collapse(text, plain);
    text = collapsed_ = std::move(collapsed.text);
    plain = moved = std::move(collapsed.ranges);
  }
  if (!parse_special) return AddBetweenControls(text);
  AddAround(data_.control_tokens, text, plain, &Encoder::AddBetweenControls);
}

void Encoder::AddBetweenControls(std::string_view text) {
  if (data_.puts_into_nfc && !IsPlainNfc(text)) text = normalized_.emplace_back(ToNfc(text));
  AddAround(data_.user_tokens, text, {}, &Encoder::AddPlain);
}

void Encoder::AddAround(const SpecialMatcher& specials, std::string_view text,
                        std::span<const TextRange> plain,
                        void (Encoder::*add_between)(std::string_view)) {
  size_t begin = 0;  // of what is not added yet
  size_t from = 0;   // where the search goes on
  while (const auto match = specials.FindOutside(plain, text, from)) {
    size_t token_begin = match->begin;
    size_t token_end = from = match->begin + match->size;
    if (const SpecialRule* rule = data_.FindRule(match->id); rule != nullptr) {
      const std::string_view before = text.substr(0, token_begin);
      const std::string_view after = text.substr(token_end);
      if (rule->is_word && (BeginsWithWord(LastChar(before)) || BeginsWithWord(after))) continue;
      if (rule->takes_spaces_before) {
        token_begin = std::max(begin, token_begin - SpacesAfter(before));
      }
      if (rule->takes_spaces_after) token_end += SpacesBefore(after);
    }
    token_begin = std::max(begin, token_begin);
    (this->*add_between)(text.substr(begin, token_begin - begin));
    if (sentence_pieces_) {
      sentence_pieces_->PassSpecial(data_.tokens.Kind(match->id) == TokenKind::kUserDefined, ids_);
    }
    ids_.push_back(match->id);
    begin = from = std::max(from, token_end);
  }
  (this->*add_between)(text.substr(begin));
}

void Encoder::AddPlain(std::string_view text) {
  if (sentence_pieces_) return sentence_pieces_->Add(text, ids_);
  PieceSplitter pieces(data_.patterns, text);
  for (std::string_view piece = pieces.Next(); !piece.empty(); piece = pieces.Next()) {
    AddPiece(piece);
  }
}

void Encoder::AddPiece(std::string_view piece) {
  if (cache_.AppendKnown(piece, ids_)) return;
  const size_t begin = ids_.size();
  if (const auto id = data_.unmerged.Find(data_.tokens, piece)) return ids_.push_back(*id);
  for (char byte : piece) {
    const int32_t id = data_.id_of_byte[static_cast<uint8_t>(byte)];
    if (id >= 0) ids_.push_back(id);
  }
  merger_.MergeTail(ids_, begin);
  cache_.Remember(piece, ids_, begin);
}

}  // namespace tare
