#include "tokenizer/encoder.h"

#include "tokenizer/piece_splitter.h"

namespace tare {

// The reference's order: control tokens first, then user-defined ones between them.
void Encoder::AddText(std::string_view text, bool parse_special) {
  if (!parse_special) return AddBetweenControls(text);
  AddAround(data_.control_tokens, text, &Encoder::AddBetweenControls);
}

void Encoder::AddBetweenControls(std::string_view text) {
  AddAround(data_.user_tokens, text, &Encoder::AddPlain);
}

void Encoder::AddAround(const SpecialMatcher& specials, std::string_view text,
                        void (Encoder::*add_between)(std::string_view)) {
  size_t begin = 0;
  while (const auto match = specials.Find(text, begin)) {
    (this->*add_between)(text.substr(begin, match->begin - begin));
    ids_.push_back(match->id);
    begin = match->begin + match->size;
  }
  (this->*add_between)(text.substr(begin));
}

void Encoder::AddPlain(std::string_view text) {
  PieceSplitter pieces(data_.pre_tokenizer, text);
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
