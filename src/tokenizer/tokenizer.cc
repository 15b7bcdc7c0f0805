#include "tare/tokenizer.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/error.h"
#include "tokenizer/byte_alphabet.h"
#include "tokenizer/encoder.h"
#include "tokenizer/tokenizer_data.h"

namespace tare {

namespace {

// Text must not turn into a control token, nor into one that decodes to other bytes than it stands
// for as a part of text: only so is text from a stranger harmless and decode(encode(x)) = x.
bool IsText(const TokenTable& tokens, int32_t id) {
  if (tokens.Kind(id) == TokenKind::kNormal) return true;
  if (tokens.Kind(id) == TokenKind::kControl) return false;
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

Status CheckId(const char* name, std::optional<int32_t> id, const TokenTable& tokens) {
  if (!id || tokens.Contains(*id)) return {};
  return CorruptFile("{} is {}, outside the vocabulary [0, {})", name, *id, tokens.size());
}

// Each once, eos first.
std::vector<int32_t> EndIds(const BpeVocabulary& vocabulary) {
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

Result<PreTokenizer> PreTokenizerFromName(std::string_view name) {
  if (name == "gpt-2") return PreTokenizer::kGpt2;
  if (name == "smollm") return PreTokenizer::kSmolLm;
  if (name == "llama-bpe") return PreTokenizer::kLlama3;
  return Unsupported(
      "pre-tokenizer {} is not known, expected \"gpt-2\", \"smollm\" or \"llama-bpe\"",
      Quoted(name));
}

std::string_view PreTokenizerName(PreTokenizer pre_tokenizer) {
  switch (pre_tokenizer) {
    case PreTokenizer::kGpt2:
      return "gpt-2";
    case PreTokenizer::kSmolLm:
      return "smollm";
    case PreTokenizer::kLlama3:
      return "llama-bpe";
    case PreTokenizer::kWhole:
      break;
  }
  return {};
}

Tokenizer::Tokenizer(std::unique_ptr<const TokenizerData> data) : data_(std::move(data)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Result<Tokenizer> Tokenizer::Create(const BpeVocabulary& vocabulary) {
  TARE_ASSIGN_OR_RETURN(TokenTable tokens,
                        TokenTable::Create(vocabulary.tokens, vocabulary.token_types));
  TARE_RETURN_IF_ERROR(CheckId("the bos id", vocabulary.bos_id, tokens));
  TARE_RETURN_IF_ERROR(CheckId("the eos id", vocabulary.eos_id, tokens));
  for (const int32_t id : vocabulary.other_end_ids) {
    TARE_RETURN_IF_ERROR(CheckId("an end id", id, tokens));
  }

  auto data = std::make_unique<TokenizerData>(std::move(tokens));
  TARE_ASSIGN_OR_RETURN(const TokenIndex index, TokenIndex::Create(data->tokens));
  data->merge_count = vocabulary.merges.count;
  TARE_ASSIGN_OR_RETURN(data->merges, ReadMerges(vocabulary.merges, data->tokens, index));
  TARE_ASSIGN_OR_RETURN(data->id_of_byte, FindBytes(data->tokens, index));
  data->control_tokens = SpecialMatcher(data->tokens, TokenKind::kControl);
  data->user_tokens = SpecialMatcher(data->tokens, TokenKind::kUserDefined);
  if (vocabulary.ignores_merges) {
    data->unmerged = UnmergedTokens(data->tokens, data->id_of_byte, data->merges);
  }
  data->pre_tokenizer = vocabulary.pre_tokenizer;
  data->bos_id = vocabulary.bos_id;
  data->eos_id = vocabulary.eos_id;
  data->end_ids = EndIds(vocabulary);
  data->adds_bos = vocabulary.adds_bos;
  data->ignores_merges = vocabulary.ignores_merges;
  return Tokenizer(std::move(data));
}

Result<std::vector<int32_t>> Tokenizer::Encode(std::string_view text, EncodeOptions options) const {
  if (text.size() > std::numeric_limits<uint32_t>::max()) {
    return InvalidInput("the text has {} bytes, expected less than 4 GiB", text.size());
  }
  Encoder encoder(*data_, text.size());
  if (options.add_bos) {
    if (!data_->bos_id) return InvalidInput("the vocabulary has no start token (bos)");
    encoder.AddId(*data_->bos_id);
  }
  encoder.AddText(text, options.parse_special);
  return encoder.TakeIds();
}

Result<std::string> Tokenizer::Decode(std::span<const int32_t> ids, DecodeOptions options) const {
  std::string bytes;
  for (int32_t id : ids) {
    if (!data_->tokens.Contains(id)) return IdOutside(id, vocabulary_size());
    if (options.skip_special && IsControl(id)) continue;
    data_->tokens.AppendBytes(id, bytes);
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
  return data_->tokens.Contains(id) && data_->tokens.Kind(id) == TokenKind::kControl;
}

bool Tokenizer::EncodesByte(uint8_t byte) const { return data_->id_of_byte[byte] >= 0; }

int32_t Tokenizer::vocabulary_size() const { return data_->tokens.size(); }
std::optional<int32_t> Tokenizer::bos_id() const { return data_->bos_id; }
std::optional<int32_t> Tokenizer::eos_id() const { return data_->eos_id; }
std::span<const int32_t> Tokenizer::end_ids() const { return data_->end_ids; }
bool Tokenizer::adds_bos() const { return data_->adds_bos; }

PreTokenizer Tokenizer::pre_tokenizer() const { return data_->pre_tokenizer; }
bool Tokenizer::ignores_merges() const { return data_->ignores_merges; }

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
         data_->unmerged.heap_bytes() + data_->end_ids.capacity() * sizeof(int32_t);
}

}  // namespace tare
