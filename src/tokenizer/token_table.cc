#include "tokenizer/token_table.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/count_text.h"
#include "base/error.h"
#include "base/utf8.h"
#include "tokenizer/byte_alphabet.h"
#include "tokenizer/hash.h"

namespace tare {
namespace {

Result<TokenKind> KindOfType(int32_t type, int32_t id, TokenSpelling spelling) {
  switch (type) {
    case 1:
      return TokenKind::kNormal;
    case 2:
      return TokenKind::kUnknown;
    case 3:
      return TokenKind::kControl;
    case 4:
      return TokenKind::kUserDefined;
    case 5:
      return TokenKind::kUnused;
    case 6:
      if (spelling == TokenSpelling::kSentencePiece) return TokenKind::kByte;
      return Unsupported(
          "token {} has type 6 (byte): byte tokens belong to SentencePiece vocabularies, expected "
          "byte-level BPE",
          id);
    default:
      return CorruptFile("token {} has type {}, expected 1 to 6", id, type);
  }
}

// The byte that "<0x0A>" stands for.
std::optional<uint8_t> ParseByte(std::string_view text) {
  if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>') return std::nullopt;
  uint8_t byte = 0;
  const auto [end, error] = std::from_chars(text.data() + 3, text.data() + 5, byte, 16);
  if (error != std::errc() || end != text.data() + 5) return std::nullopt;
  return byte;
}

void AppendWithSpaces(std::string_view text, std::string& bytes) {
  while (!text.empty()) {
    const size_t size = std::min(text.find(kSpaceMark), text.size());
    bytes.append(text.substr(0, size));
    text.remove_prefix(size);
    if (text.empty()) return;
    bytes.push_back(' ');
    text.remove_prefix(kSpaceMark.size());
  }
}

}  // namespace

Result<TokenTable> TokenTable::Create(const Sequence<std::string_view>& tokens,
                                      const Sequence<int32_t>& types, TokenSpelling spelling) {
  if (tokens.count == 0) return CorruptFile("the vocabulary has no tokens");
  if (tokens.count >= static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    return CorruptFile("the vocabulary has {} tokens, expected less than 2^31", tokens.count);
  }
  if (types.count != 0 && types.count != tokens.count) {
    return CorruptFile("the vocabulary has {} but {}", CountText(tokens.count, "token"),
                       CountText(types.count, "token type"));
  }
  TokenTable table;
  table.spelling_ = spelling;
  table.offsets_.reserve(tokens.count + 1);
  table.kinds_.reserve(tokens.count);
  table.offsets_.push_back(0);
  for (int32_t id = 0; id < static_cast<int32_t>(tokens.count); ++id) {
    table.texts_.append(tokens.next());
    if (table.texts_.size() > std::numeric_limits<uint32_t>::max()) {
      return CorruptFile("the texts of the tokens up to {} exceed 4 GiB", id);
    }
    table.offsets_.push_back(static_cast<uint32_t>(table.texts_.size()));
    TARE_ASSIGN_OR_RETURN(const TokenKind kind,
                          KindOfType(types.count == 0 ? 1 : types.next(), id, spelling));
    table.kinds_.push_back(kind);
    const bool is_text = kind == TokenKind::kNormal || kind == TokenKind::kUnused;
    if (!is_text && table.Text(id).empty()) {
      return CorruptFile("special token {} has no text", id);
    }
    if (kind == TokenKind::kByte && !ParseByte(table.Text(id))) {
      return CorruptFile("byte token {} is {}, expected \"<0x00>\" to \"<0xFF>\"", id,
                         Quoted(table.Text(id)));
    }
  }
  table.texts_.shrink_to_fit();
  return table;
}

uint8_t TokenTable::ByteOf(int32_t id) const { return ParseByte(Text(id)).value_or(0); }

void TokenTable::AppendBytes(int32_t id, std::string& bytes) const {
  const std::string_view text = Text(id);
  const TokenKind kind = Kind(id);
  if (kind == TokenKind::kByte) {
    bytes.push_back(static_cast<char>(ByteOf(id)));
    return;
  }
  const bool is_spelled = kind == TokenKind::kNormal || kind == TokenKind::kUnused;
  if (is_spelled && spelling_ == TokenSpelling::kSentencePiece) {
    AppendWithSpaces(text, bytes);
  } else if (!is_spelled || !AppendFromAlphabet(text, bytes)) {
    bytes.append(text);
  }
}

TokenIndex::TokenIndex(const TokenTable& table)
    : table_(&table), slots_(table.size() + table.size() / 2 + size_t{1}, -1) {}

Result<TokenIndex> TokenIndex::Create(const TokenTable& table) {
  TokenIndex index(table);
  for (int32_t id = 0; id < table.size(); ++id) {
    int32_t& slot = index.slots_[index.Locate(table.Text(id))];
    if (slot >= 0) {
      return CorruptFile("tokens {} and {} are both {}; expected every token once", slot, id,
                         Quoted(table.Text(id)));
    }
    slot = id;
  }
  return index;
}

std::optional<int32_t> TokenIndex::Find(std::string_view text) const {
  const int32_t id = slots_[Locate(text)];
  if (id < 0) return std::nullopt;
  return id;
}

size_t TokenIndex::Locate(std::string_view text) const {
  size_t i = SlotOf(HashBytes(text), slots_.size());
  while (slots_[i] >= 0 && table_->Text(slots_[i]) != text) {
    if (++i == slots_.size()) i = 0;
  }
  return i;
}

std::string Quoted(std::string_view text) {
  constexpr size_t kMaxBytes = 60;
  std::string quoted = "\"";
  while (!text.empty()) {
    if (quoted.size() > kMaxBytes) return quoted + "…\"";
    const Utf8Char c = DecodeUtf8(text);
    const bool printable = c.status == Utf8Status::kValid && c.code_point >= 0x20 &&
                           (c.code_point < 0x7F || c.code_point >= 0xA0);
    if (printable) {
      quoted.append(text.substr(0, c.size));
    } else {
      for (char byte : text.substr(0, c.size)) {
        quoted += fmt::format("\\x{:02x}", static_cast<uint8_t>(byte));
      }
    }
    text.remove_prefix(c.size);
  }
  return quoted + "\"";
}

}  // namespace tare
