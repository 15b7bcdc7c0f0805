#include "models/tokenizers/vocabulary_builder.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <utility>

#include "base/error.h"
#include "format/quote.h"
#include "tokenizer/byte_alphabet.h"
#include "tokenizer/token_table.h"
#include "tokenizer/token_types.h"

namespace tare {
namespace {

Status CheckSize(size_t bytes) {
  if (bytes <= std::numeric_limits<uint32_t>::max()) return {};
  return CorruptFile("the texts of the vocabulary exceed 4 GiB");
}

}  // namespace

Result<uint32_t> VocabularyBuilder::Append(std::string_view text) {
  TARE_RETURN_IF_ERROR(CheckSize(texts_.size() + text.size()));
  const auto offset = static_cast<uint32_t>(texts_.size());
  texts_.append(text);
  return offset;
}

Status VocabularyBuilder::AddToken(std::string_view text, uint64_t id) {
  if (id >= static_cast<uint64_t>(std::numeric_limits<int32_t>::max())) {
    return CorruptFile("token {} has id {}, expected less than 2^31 - 1", Quote(text), id);
  }
  TARE_ASSIGN_OR_RETURN(const uint32_t offset, Append(text));
  entries_.push_back(
      {offset, static_cast<uint32_t>(text.size()), static_cast<int32_t>(id), kNormalType});
  return {};
}

Status VocabularyBuilder::AddScored(std::string_view text, float score) {
  scores_.push_back(score);
  return AddToken(text, entries_.size());
}

Status VocabularyBuilder::AddMerge(std::string_view left, std::string_view right) {
  merge_texts_.append(left).push_back(' ');
  return AddMerge(right);
}

Status VocabularyBuilder::AddMerge(std::string_view pair) {
  merge_texts_.append(pair);
  TARE_RETURN_IF_ERROR(CheckSize(merge_texts_.size()));
  merges_.push_back(static_cast<uint32_t>(merge_texts_.size()));
  return {};
}

Status VocabularyBuilder::FinishTokens() {
  // Files list their tokens by id mostly, so this moves little.
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.id < b.id; });
  for (size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (entry.id == static_cast<int32_t>(i)) continue;
    if (i > 0 && entries_[i - 1].id == entry.id) {
      return CorruptFile("tokens {} and {} both have id {}", Quote(Text(entries_[i - 1])),
                         Quote(Text(entry)), entry.id);
    }
    return CorruptFile("no token has id {}, but {} has {}; expected ids without gaps", i,
                       Quote(Text(entry)), entry.id);
  }
  return {};
}

Status VocabularyBuilder::MarkSpecial(std::string_view text, uint64_t id, bool is_control) {
  if (id == entries_.size()) TARE_RETURN_IF_ERROR(AddToken(text, id));
  if (id >= entries_.size()) {
    return CorruptFile("added token {} has id {}, but the ids before it end at {}", Quote(text), id,
                       entries_.size());
  }
  Entry& entry = entries_[id];
  if (Text(entry) != text) {
    return CorruptFile("added token {} has id {}, which is that of {}", Quote(text), id,
                       Quote(Text(entry)));
  }
  if (entry.type != kNormalType) return CorruptFile("token {} is added twice", Quote(text));
  entry.type = is_control ? kControlType : kUserDefinedType;
  return {};
}

void VocabularyBuilder::MarkBytes() {
  for (Entry& entry : entries_) {
    const std::string_view text = Text(entry);
    const bool is_byte = text.size() == 6 && text.starts_with("<0x") && text[5] == '>' &&
                         std::isxdigit(static_cast<unsigned char>(text[3])) != 0 &&
                         std::isxdigit(static_cast<unsigned char>(text[4])) != 0;
    if (is_byte && entry.type == kNormalType) entry.type = kByteType;
  }
}

bool VocabularyBuilder::HasAllBytes() const {
  std::vector<std::string> missing;
  for (int byte = 0; byte < 256; ++byte) missing.push_back(ByteToAlphabet(byte));
  for (const Entry& entry : entries_) {
    if (entry.size <= 2) std::erase(missing, Text(entry));
  }
  return missing.empty();
}

bool VocabularyBuilder::HasInnerSpace() const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    const std::string_view text = Text(entry);
    return entry.type == kNormalType && text.rfind(kSpaceMark) != std::string_view::npos &&
           text.rfind(kSpaceMark) > 0;
  });
}

std::optional<int32_t> VocabularyBuilder::Find(std::string_view text) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return Text(entry) == text; });
  if (found == entries_.end()) return std::nullopt;
  return found->id;
}

bool VocabularyBuilder::IsSpecial(std::string_view text) const {
  const auto id = Find(text);
  if (!id) return false;
  const int32_t type = entries_[static_cast<size_t>(*id)].type;
  return type == kControlType || type == kUserDefinedType;
}

Result<Tokenizer> VocabularyBuilder::Build(TokenizerVocabulary vocabulary) const {
  vocabulary.tokens = {entries_.size(),
                       [this, i = size_t{0}]() mutable { return Text(entries_[i++]); }};
  vocabulary.token_types = {entries_.size(),
                            [this, i = size_t{0}]() mutable { return entries_[i++].type; }};
  vocabulary.merges = {merges_.size(), [this, i = size_t{0}]() mutable {
                         const uint32_t begin = i == 0 ? 0 : merges_[i - 1];
                         return std::string_view(merge_texts_).substr(begin, merges_[i++] - begin);
                       }};
  // Added tokens come after those with a score, and never compete with them.
  vocabulary.scores = {scores_.empty() ? 0 : entries_.size(), [this, i = size_t{0}]() mutable {
                         const float score = i < scores_.size() ? scores_[i] : 0;
                         ++i;
                         return score;
                       }};
  return Tokenizer::Create(std::move(vocabulary));
}

}  // namespace tare
