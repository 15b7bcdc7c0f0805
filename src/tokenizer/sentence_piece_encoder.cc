#include "tokenizer/sentence_piece_encoder.h"

#include <algorithm>

#include "base/utf8.h"

namespace tare {

SentencePieceEncoder::SentencePieceEncoder(const TokenizerData& data)
    : data_(data), ranked_(data.merges), scored_(*data.scored), unigram_(*data.scored) {}

void SentencePieceEncoder::Add(std::string_view text, std::vector<int32_t>& ids) {
  if (text.empty()) return;
  Normalize(text);
  AddNormalized(ids);
  is_first_ = is_after_special_ = false;
}

// SentencePiece puts its prefix before the text even if that begins with a user-defined token.
void SentencePieceEncoder::PassSpecial(bool is_user_defined, std::vector<int32_t>& ids) {
  if (is_first_ && is_user_defined && data_.space_prefix == SpacePrefix::kBeforeAll) {
    text_ = kSpaceMark;
    AddNormalized(ids);
  }
  is_first_ = false;
  is_after_special_ = true;
}

bool SentencePieceEncoder::WantsPrefix(std::string_view text) const {
  const bool has_space = text.starts_with(' ') || text.starts_with(kSpaceMark);
  if (data_.prefix_is_optional && has_space) return false;
  switch (data_.space_prefix) {
    case SpacePrefix::kNone:
      break;
    case SpacePrefix::kFirst:
    case SpacePrefix::kBeforeAll:
      return is_first_;
    case SpacePrefix::kAfterSpecial:
      return is_after_special_;
  }
  return false;
}

void SentencePieceEncoder::Normalize(std::string_view text) {
  text_.clear();
  if (WantsPrefix(text)) text_ = kSpaceMark;
  while (!text.empty()) {
    const size_t size = std::min(text.find(' '), text.size());
    text_.append(text.substr(0, size));
    text.remove_prefix(size);
    if (text.empty()) break;
    text_.append(kSpaceMark);
    text.remove_prefix(1);
  }
}

void SentencePieceEncoder::AddNormalized(std::vector<int32_t>& ids) {
  was_unknown_ = false;
  const auto add = [&](std::string_view part, int32_t id) { AddPart(part, id, ids); };
  switch (data_.kind) {
    case TokenizerKind::kScoredBpe:
      return scored_.Split(text_, add);
    case TokenizerKind::kUnigram:
      return unigram_.Split(text_, add);
    case TokenizerKind::kRankedBpe:
    case TokenizerKind::kByteBpe:
      return AddRanked(ids);
  }
}

void SentencePieceEncoder::AddRanked(std::vector<int32_t>& ids) {
  const size_t begin = ids.size();
  for (std::string_view rest = text_; !rest.empty();) {
    const Utf8Char c = DecodeUtf8(rest);
    const std::string_view part = rest.substr(0, c.status == Utf8Status::kValid ? c.size : 1);
    AddPart(part, data_.scored->Find(part), ids);
    rest.remove_prefix(part.size());
  }
  ranked_.MergeTail(ids, begin);
}

void SentencePieceEncoder::AddPart(std::string_view part, int32_t id, std::vector<int32_t>& ids) {
  const bool is_known = id >= 0 || data_.byte_fallback;
  if (id >= 0) {
    ids.push_back(id);
  } else if (data_.byte_fallback) {
    for (const char byte : part) ids.push_back(data_.id_of_byte[static_cast<uint8_t>(byte)]);
  } else if (data_.unknown_id && !was_unknown_) {
    ids.push_back(*data_.unknown_id);
  }
  was_unknown_ = !is_known;
}

}  // namespace tare
