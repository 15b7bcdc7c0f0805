#include "tare/tokenizer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "base/error.h"
#include "tokenizer/byte_alphabet.h"
#include "tokenizer/encoder.h"
#include "tokenizer/pre_tokenizers.h"
#include "tokenizer/stop_tokens.h"
#include "tokenizer/tokenizer_data.h"

namespace tare {

namespace {

// Text must not turn into a control token, nor into one that decodes to other bytes than it stands
// for as a part of text: only so is text from a stranger harmless and decode(encode(x)) = x.
bool IsText(const TokenTable& tokens, int32_t id) {
  const TokenKind kind = tokens.Kind(id);
  if (kind == TokenKind::kNormal || kind == TokenKind::kUnused) return true;
  if (kind != TokenKind::kUserDefined) return false;
  if (tokens.spelling() == TokenSpelling::kSentencePiece) return true;
  const std::string_view text = tokens.Text(id);
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

Result<MergeTable> ReadMerges(const Sequence<std::string_view>& merges, const TokenTable& tokens,
                              const TokenIndex& index) {
  if (merges.count >= Merge::kNone) {
    return CorruptFile("the vocabulary has {} merges, expected less than 2^32 - 1", merges.count);
  }
  MergeTable table(merges.count);
  std::string joined;
  for (uint32_t rank = 0; rank < merges.count; ++rank) {
    const std::string_view text = merges.next();
    const size_t space = text.find(' ');
    if (space == std::string_view::npos || text.find(' ', space + 1) != std::string_view::npos) {
      return CorruptFile("merge {} is {}, expected two tokens separated by one space", rank,
                         Quoted(text));
    }
    const std::string_view parts[] = {text.substr(0, space), text.substr(space + 1)};
    joined.assign(parts[0]).append(parts[1]);
    const auto left = index.Find(parts[0]);
    const auto right = index.Find(parts[1]);
    const auto result = index.Find(joined);
    if (!left || !right || !result) {
      return CorruptFile("merge {} is {}, but the vocabulary has no token {}", rank, Quoted(text),
                         Quoted(!left    ? parts[0]
                                : !right ? parts[1]
                                         : joined));
    }
    if (!IsText(tokens, *result)) {
      return CorruptFile("merge {} is {}, which turns plain text into special token {}", rank,
                         Quoted(text), *result);
    }
    if (!table.Insert(*left, *right, {rank, *result})) {
      return CorruptFile("merge {} is {}, the same as an earlier merge", rank, Quoted(text));
    }
  }
  return table;
}

Result<std::array<int32_t, 256>> FindBytes(const TokenTable& tokens, const TokenIndex& index) {
  std::array<int32_t, 256> ids;
  for (int byte = 0; byte < 256; ++byte) {
    ids[byte] = index.Find(ByteToAlphabet(byte)).value_or(-1);
    if (ids[byte] >= 0 && !IsText(tokens, ids[byte])) {
      return CorruptFile("special token {} is {}, which stands for byte 0x{:02x} of plain text",
                         ids[byte], Quoted(tokens.Text(ids[byte])), byte);
    }
  }
  return ids;
}

// The ids of the byte tokens: of all bytes or of none.
Result<std::array<int32_t, 256>> FindByteTokens(const TokenTable& tokens) {
  std::array<int32_t, 256> ids;
  ids.fill(-1);
  size_t count = 0;
  for (int32_t id = 0; id < tokens.size(); ++id) {
    if (tokens.Kind(id) != TokenKind::kByte) continue;
    int32_t& known = ids[tokens.ByteOf(id)];
    if (known < 0) ++count;
    known = id;
  }
  if (count == 0 || count == ids.size()) return ids;
  return CorruptFile("the vocabulary has {} byte tokens, expected none or 256", count);
}

Result<std::vector<float>> ReadScores(const Sequence<float>& scores, const TokenTable& tokens) {
  const auto size = static_cast<size_t>(tokens.size());
  if (scores.count != size) {
    return CorruptFile("the vocabulary has {} tokens but {} scores", size, scores.count);
  }
  std::vector<float> read(size);
  for (size_t i = 0; i < size; ++i) {
    read[i] = scores.next();
    if (!std::isfinite(read[i])) return CorruptFile("token {} has the score {}", i, read[i]);
  }
  return read;
}

// A longer token would make encoding slow, and no library makes one.
Status CheckLongest(const ScoredTokens& tokens) {
  constexpr size_t kMaxBytes = 1024;
  if (tokens.max_size() <= kMaxBytes) return {};
  return Unsupported("the longest token has {} bytes, expected at most {}", tokens.max_size(),
                     kMaxBytes);
}

Status CheckId(const char* name, std::optional<int32_t> id, const TokenTable& tokens) {
  if (!id || tokens.Contains(*id)) return {};
  return CorruptFile("{} is {}, outside the vocabulary [0, {})", name, *id, tokens.size());
}

Status CheckIds(const TokenizerVocabulary& vocabulary, const TokenTable& tokens) {
  TARE_RETURN_IF_ERROR(CheckId("the bos id", vocabulary.bos_id, tokens));
  TARE_RETURN_IF_ERROR(CheckId("the eos id", vocabulary.eos_id, tokens));
  TARE_RETURN_IF_ERROR(CheckId("the unknown id", vocabulary.unknown_id, tokens));
  for (const int32_t id : vocabulary.other_end_ids) {
    TARE_RETURN_IF_ERROR(CheckId("an end id", id, tokens));
  }
  for (const SpecialRule& rule : vocabulary.rules) {
    TARE_RETURN_IF_ERROR(CheckId("a rule's id", rule.id, tokens));
  }
  return {};
}

// Each once, eos first.
std::vector<int32_t> EndIds(const TokenizerVocabulary& vocabulary) {
  std::vector<int32_t> ids;
  if (vocabulary.eos_id) ids.push_back(*vocabulary.eos_id);
  for (const int32_t id : vocabulary.other_end_ids) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  return ids;
}

Error IdOutside(int32_t id, int32_t size) {
  return InvalidInput("token id {} is outside the vocabulary [0, {})", id, size);
}

}  // namespace

Tokenizer::Tokenizer(std::unique_ptr<const TokenizerData> data) : data_(std::move(data)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

namespace {

Status FillByteLevel(const TokenizerVocabulary& vocabulary, const TokenIndex& index,
                     TokenizerData& data) {
  TARE_ASSIGN_OR_RETURN(data.merges, ReadMerges(vocabulary.merges, data.tokens, index));
  TARE_ASSIGN_OR_RETURN(data.id_of_byte, FindBytes(data.tokens, index));
  if (vocabulary.ignores_merges) {
    data.unmerged = UnmergedTokens(data.tokens, data.id_of_byte, data.merges);
  }
  data.pre_tokenizer = vocabulary.pre_tokenizer;
  data.patterns = CompilePatterns(vocabulary.pre_tokenizer);
  data.ignores_merges = vocabulary.ignores_merges;
  data.puts_into_nfc = vocabulary.puts_into_nfc;
  return {};
}

Status FillSentencePiece(const TokenizerVocabulary& vocabulary, TokenIndex index,
                         TokenizerData& data) {
  if (vocabulary.kind == TokenizerKind::kRankedBpe) {
    TARE_ASSIGN_OR_RETURN(data.merges, ReadMerges(vocabulary.merges, data.tokens, index));
  } else {
    TARE_ASSIGN_OR_RETURN(data.scores, ReadScores(vocabulary.scores, data.tokens));
  }
  TARE_ASSIGN_OR_RETURN(data.id_of_byte, FindByteTokens(data.tokens));
  data.index = std::move(index);
  data.scored.emplace(data.tokens, *data.index, data.scores);
  data.space_prefix = vocabulary.space_prefix;
  data.prefix_is_optional = vocabulary.prefix_is_optional;
  data.byte_fallback = vocabulary.byte_fallback && data.id_of_byte[0] >= 0;
  data.collapses_spaces = vocabulary.collapses_spaces;
  data.unknown_id = vocabulary.unknown_id;
  return CheckLongest(*data.scored);
}

}  // namespace

Result<Tokenizer> Tokenizer::Create(const TokenizerVocabulary& vocabulary) {
  const bool is_byte_level = vocabulary.kind == TokenizerKind::kByteBpe;
  TARE_ASSIGN_OR_RETURN(TokenTable tokens,
                        TokenTable::Create(vocabulary.tokens, vocabulary.token_types,
                                           is_byte_level ? TokenSpelling::kByteAlphabet
                                                         : TokenSpelling::kSentencePiece));
  TARE_RETURN_IF_ERROR(CheckIds(vocabulary, tokens));

  auto data = std::make_unique<TokenizerData>(std::move(tokens));
  data->kind = vocabulary.kind;
  TARE_ASSIGN_OR_RETURN(TokenIndex index, TokenIndex::Create(data->tokens));
  data->merge_count = vocabulary.merges.count;
  data->end_ids = EndIds(vocabulary);
  data->stop_ids = StopIds(data->end_ids, index);
  if (is_byte_level) {
    TARE_RETURN_IF_ERROR(FillByteLevel(vocabulary, index, *data));
  } else {
    TARE_RETURN_IF_ERROR(FillSentencePiece(vocabulary, std::move(index), *data));
  }
  data->control_tokens = SpecialMatcher(data->tokens, SpecialSort::kControl);
  data->user_tokens = SpecialMatcher(data->tokens, SpecialSort::kUserDefined);
  data->rules = vocabulary.rules;
  data->bos_id = vocabulary.bos_id;
  data->eos_id = vocabulary.eos_id;
  data->adds_bos = vocabulary.adds_bos;
  data->adds_eos = vocabulary.adds_eos && vocabulary.eos_id.has_value();
  data->notes = vocabulary.notes;
  return Tokenizer(std::move(data));
}

Result<std::vector<int32_t>> Tokenizer::Encode(std::string_view text, EncodeOptions options) const {
  if (text.size() > std::numeric_limits<uint32_t>::max()) {
    return InvalidInput("the text has {} bytes, expected less than 4 GiB", text.size());
  }
  // A space becomes three bytes in SentencePiece kinds.
  constexpr size_t kMaxSentencePieces = size_t{1} << 30;
  if (!data_->is_byte_level() && text.size() > kMaxSentencePieces) {
    return InvalidInput("the text has {} bytes, expected at most 1 GiB", text.size());
  }
  Encoder encoder(*data_, text.size());
  if (options.add_bos) {
    if (!data_->bos_id) return InvalidInput("the vocabulary has no start token (bos)");
    encoder.AddId(*data_->bos_id);
  }
  encoder.AddText(text, options.parse_special, options.plain);
  if (options.add_eos) {
    if (!data_->eos_id) return InvalidInput("the vocabulary has no end token (eos)");
    encoder.AddId(*data_->eos_id);
  }
  return encoder.TakeIds();
}

Result<std::string> Tokenizer::Decode(std::span<const int32_t> ids, DecodeOptions options) const {
  std::string bytes;
  bool is_first = data_->space_prefix != SpacePrefix::kNone && !options.is_continued;
  for (int32_t id : ids) {
    if (!data_->tokens.Contains(id)) return IdOutside(id, vocabulary_size());
    const bool is_control = IsControl(id);
    if (options.skip_special && is_control) continue;
    const size_t begin = bytes.size();
    data_->tokens.AppendBytes(id, bytes);
    if (is_control) continue;
    const bool is_prefix =
        data_->tokens.Kind(id) == TokenKind::kNormal && bytes.size() > begin && bytes[begin] == ' ';
    if (is_first && is_prefix) bytes.erase(begin, 1);
    is_first = false;
  }
  return bytes;
}

std::string Tokenizer::TokenBytes(int32_t id) const {
  std::string bytes;
  if (data_->tokens.Contains(id)) data_->tokens.AppendBytes(id, bytes);
  return bytes;
}

std::optional<int32_t> Tokenizer::FindSpecial(std::string_view text) const {
  if (const auto id = data_->control_tokens.FindExact(text)) return id;
  return data_->user_tokens.FindExact(text);
}

bool Tokenizer::IsControl(int32_t id) const {
  return data_->tokens.Contains(id) && data_->tokens.IsControl(id);
}

bool Tokenizer::EncodesByte(uint8_t byte) const {
  if (data_->id_of_byte[byte] >= 0) return true;
  const char text = static_cast<char>(byte);
  return !data_->is_byte_level() && byte < 0x80 && data_->scored->Find({&text, 1}) >= 0;
}

int32_t Tokenizer::vocabulary_size() const { return data_->tokens.size(); }
std::optional<int32_t> Tokenizer::bos_id() const { return data_->bos_id; }
std::optional<int32_t> Tokenizer::eos_id() const { return data_->eos_id; }
std::span<const int32_t> Tokenizer::end_ids() const { return data_->end_ids; }
std::span<const int32_t> Tokenizer::stop_ids() const { return data_->stop_ids; }
bool Tokenizer::adds_bos() const { return data_->adds_bos; }
bool Tokenizer::adds_eos() const { return data_->adds_eos; }
std::span<const std::string> Tokenizer::notes() const { return data_->notes; }

TokenizerKind Tokenizer::kind() const { return data_->kind; }
SpacePrefix Tokenizer::space_prefix() const { return data_->space_prefix; }
bool Tokenizer::prefix_is_optional() const { return data_->prefix_is_optional; }
bool Tokenizer::collapses_spaces() const { return data_->collapses_spaces; }
std::optional<int32_t> Tokenizer::unknown_id() const { return data_->unknown_id; }
bool Tokenizer::byte_fallback() const { return data_->byte_fallback; }
std::span<const SpecialRule> Tokenizer::rules() const { return data_->rules; }

float Tokenizer::Score(int32_t id) const {
  const bool has_score = id >= 0 && static_cast<size_t>(id) < data_->scores.size();
  return has_score ? data_->scores[static_cast<size_t>(id)] : 0;
}

int32_t Tokenizer::TokenType(int32_t id) const {
  if (!data_->tokens.Contains(id)) return 1;
  switch (data_->tokens.Kind(id)) {
    case TokenKind::kNormal:
      return 1;
    case TokenKind::kUnknown:
      return 2;
    case TokenKind::kControl:
      return 3;
    case TokenKind::kUserDefined:
      return 4;
    case TokenKind::kUnused:
      return 5;
    case TokenKind::kByte:
      break;
  }
  return 6;
}

PreTokenizer Tokenizer::pre_tokenizer() const { return data_->pre_tokenizer; }
bool Tokenizer::ignores_merges() const { return data_->ignores_merges; }
bool Tokenizer::puts_into_nfc() const { return data_->puts_into_nfc; }

bool Tokenizer::IsUserDefined(int32_t id) const {
  return data_->tokens.Contains(id) && data_->tokens.Kind(id) == TokenKind::kUserDefined;
}

std::string_view Tokenizer::TokenText(int32_t id) const {
  return data_->tokens.Contains(id) ? data_->tokens.Text(id) : std::string_view();
}

std::vector<Tokenizer::MergedPair> Tokenizer::Merges() const {
  std::vector<MergedPair> merges(data_->merge_count);
  data_->merges.ForEach([&](int32_t left, int32_t right, Merge merge) {
    merges[merge.rank] = {left, right, merge.token};
  });
  return merges;
}

size_t Tokenizer::heap_bytes() const {
  return sizeof(TokenizerData) + data_->tokens.heap_bytes() + data_->merges.heap_bytes() +
         data_->control_tokens.heap_bytes() + data_->user_tokens.heap_bytes() +
         data_->unmerged.heap_bytes() + data_->scores.capacity() * sizeof(float) +
         (data_->index ? data_->index->heap_bytes() : 0) +
         (data_->end_ids.capacity() + data_->stop_ids.capacity()) * sizeof(int32_t);
}

}  // namespace tare
