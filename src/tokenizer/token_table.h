#ifndef TARE_TOKENIZER_TOKEN_TABLE_H_
#define TARE_TOKENIZER_TOKEN_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tare/tokenizer.h"

namespace tare {

enum class TokenKind : uint8_t {
  kNormal,       // text in the byte alphabet, or with U+2581 for a space
  kControl,      // steers the model; parsed only on request
  kUserDefined,  // plain text, always matched as a whole
  kUnknown,      // a control token that stands for text without a token
  kUnused,       // a place kept free: in byte-level vocabularies as kNormal, else never text
  kByte,         // "<0x0A>" stands for one byte
};

// How the texts of normal tokens are written.
enum class TokenSpelling { kByteAlphabet, kSentencePiece };

// U+2581, which stands for a space.
inline constexpr std::string_view kSpaceMark = "\u2581";

// The texts and kinds of all tokens, in one buffer with one offset per token.
class TokenTable {
 public:
  // Errors: CorruptFile (counts differ, unknown type, a special token without text, a byte token
  // with another text than "<0x…>", too much text), Unsupported (byte tokens in the byte alphabet).
  static Result<TokenTable> Create(const Sequence<std::string_view>& tokens,
                                   const Sequence<int32_t>& types, TokenSpelling spelling);

  int32_t size() const { return static_cast<int32_t>(kinds_.size()); }
  bool Contains(int32_t id) const { return id >= 0 && id < size(); }
  TokenSpelling spelling() const { return spelling_; }

  // Precondition of all functions below: Contains(id).
  std::string_view Text(int32_t id) const {
    return std::string_view(texts_).substr(offsets_[id], offsets_[id + 1] - offsets_[id]);
  }
  TokenKind Kind(int32_t id) const { return kinds_[id]; }
  bool IsControl(int32_t id) const {
    return kinds_[id] == TokenKind::kControl || kinds_[id] == TokenKind::kUnknown;
  }

  // The byte of a kByte token.
  uint8_t ByteOf(int32_t id) const;

  // The bytes that the token decodes to. A normal token with a character outside the byte alphabet
  // decodes to its text, as in the reference.
  void AppendBytes(int32_t id, std::string& bytes) const;

  size_t heap_bytes() const {
    return texts_.capacity() + offsets_.capacity() * sizeof(uint32_t) + kinds_.capacity();
  }

 private:
  std::string texts_;
  std::vector<uint32_t> offsets_;
  std::vector<TokenKind> kinds_;
  TokenSpelling spelling_ = TokenSpelling::kByteAlphabet;
};

// Text → id. The table must outlive it.
class TokenIndex {
 public:
  // Errors: CorruptFile if two tokens have the same text.
  static Result<TokenIndex> Create(const TokenTable& table);

  std::optional<int32_t> Find(std::string_view text) const;

  size_t heap_bytes() const { return slots_.capacity() * sizeof(int32_t); }

 private:
  explicit TokenIndex(const TokenTable& table);
  // The slot of the token with this text, or the free slot where it belongs.
  size_t Locate(std::string_view text) const;

  const TokenTable* table_;
  std::vector<int32_t> slots_;  // -1: free; never full
};

// `text` in double quotes for a message: one line, at most 60 bytes, without control characters.
std::string Quoted(std::string_view text);

}  // namespace tare

#endif  // TARE_TOKENIZER_TOKEN_TABLE_H_
