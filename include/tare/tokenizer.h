#ifndef TARE_TOKENIZER_H_
#define TARE_TOKENIZER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tare/error.h"

namespace tare {

// How text is cut into pieces before byte pairs are merged; no token spans two pieces.
enum class PreTokenizer {
  kGpt2,    // GPT-2's pattern: contractions, words, numbers, the rest, each with one space before
  kSmolLm,  // every numeric character alone, then GPT-2's pattern between them
  kLlama3,  // Llama 3's pattern: words with one sign before, numbers of up to three digits, signs
            // and spaces with the line ends that follow
  kWhole,   // no split: the text between two special tokens is one piece
};

// The pre-tokenizer that a GGUF file's `tokenizer.ggml.pre` names: "gpt-2", "smollm", "llama-bpe".
// Errors: Unsupported for any other name.
Result<PreTokenizer> PreTokenizerFromName(std::string_view name);
// The name for a GGUF file; empty for kWhole, for which GGUF has no name.
std::string_view PreTokenizerName(PreTokenizer pre_tokenizer);

// Values passed one at a time and in order, so that the reader of a file need not collect them.
// `next` is called at most `count` times. A view that it returns must stay valid until the next
// call.
template <typename T>
struct Sequence {
  size_t count = 0;
  std::function<T()> next;
};

// The elements of a container, which must outlive the sequence.
template <typename T, typename Container>
Sequence<T> SequenceOf(const Container& container) {
  return {container.size(), [it = container.begin()]() mutable { return T(*it++); }};
}

// A byte-level BPE vocabulary as GGUF files and merges.txt store it: the texts of normal tokens are
// in the byte-to-unicode alphabet ("Ġthe" is " the").
struct BpeVocabulary {
  Sequence<std::string_view> tokens;  // a token's id is its position
  Sequence<std::string_view> merges;  // "left right", most urgent first
  Sequence<int32_t> token_types;      // GGUF's: 1 normal, 2 unknown, 3 control, 4 user defined,
                                      // 5 unused; empty: every token is normal
  PreTokenizer pre_tokenizer = PreTokenizer::kGpt2;
  std::optional<int32_t> bos_id;
  std::optional<int32_t> eos_id;
  std::vector<int32_t> other_end_ids;  // other tokens that end a generation, besides eos_id
  bool adds_bos = false;               // the model expects bos_id before a prompt
  bool ignores_merges = false;         // a piece that is itself a token skips the merges
};

struct EncodeOptions {
  bool parse_special = false;  // "<|im_start|>" in the text becomes a token, not plain text
  bool add_bos = false;        // begin with bos_id
};

struct DecodeOptions {
  bool skip_special = false;  // leave control tokens out
};

// One turn of a conversation.
struct ChatMessage {
  std::string role;  // "system", "user", "assistant"
  std::string content;
};

struct TokenizerData;

// A byte-level BPE tokenizer of GPT-2's kind. It gives the same ids as the Hugging Face
// `tokenizers` library with the same vocabulary, merges and pattern (docs/tokenizer.md). Immutable:
// any number of threads may call const members at once. Keeps its own copy of the vocabulary.
class Tokenizer {
 public:
  // Errors: CorruptFile for an inconsistent vocabulary (a token twice, counts that differ, a merge
  // of unknown tokens or into a control token, ids out of range); Unsupported for byte tokens.
  static Result<Tokenizer> Create(const BpeVocabulary& vocabulary);

  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  // Text to token ids. `text` may hold any bytes: each byte that is not valid UTF-8 is a piece of
  // its own. Bytes without a token in the vocabulary are left out, as the reference does; see
  // EncodesByte. Takes O(n log n) time for any text.
  // Errors: InvalidInput for text of 4 GiB or more, or for add_bos if the vocabulary has no bos_id.
  Result<std::vector<int32_t>> Encode(std::string_view text, EncodeOptions options = {}) const;

  // The exact bytes of the tokens, which may begin or end inside a character.
  // Errors: InvalidInput for an id outside the vocabulary.
  Result<std::string> Decode(std::span<const int32_t> ids, DecodeOptions options = {}) const;

  // The bytes of one token; empty if `id` is outside the vocabulary.
  std::string TokenBytes(int32_t id) const;

  // The control or user-defined token with exactly this text.
  std::optional<int32_t> FindSpecial(std::string_view text) const;

  // Whether `id` is a control token, which steers the model and has no text.
  bool IsControl(int32_t id) const;

  // Whether the vocabulary can express this byte: false for bytes that Encode leaves out.
  bool EncodesByte(uint8_t byte) const;

  int32_t vocabulary_size() const;
  std::optional<int32_t> bos_id() const;
  std::optional<int32_t> eos_id() const;
  // All tokens that end a generation, eos_id first if there is one. Valid while the tokenizer
  // lives.
  std::span<const int32_t> end_ids() const;
  bool adds_bos() const;

  // What the tokenizer was made from, so that it can be written to another file.
  PreTokenizer pre_tokenizer() const;
  bool ignores_merges() const;
  bool IsUserDefined(int32_t id) const;
  // The token's text as in BpeVocabulary: a normal token is in the byte alphabet. Empty if `id` is
  // outside the vocabulary. Valid while the tokenizer lives.
  std::string_view TokenText(int32_t id) const;
  struct MergedPair {
    int32_t left;
    int32_t right;
    int32_t result;
  };
  std::vector<MergedPair> Merges() const;  // most urgent first

  // Bytes on the heap, without the allocator's overhead.
  size_t heap_bytes() const;

 private:
  explicit Tokenizer(std::unique_ptr<const TokenizerData> data);
  std::unique_ptr<const TokenizerData> data_;
};

// Decodes ids to text one by one. Each piece is valid UTF-8 and never ends inside a character. All
// pieces together equal decoding all ids at once and replacing each ill-formed sequence with U+FFFD
// (the Unicode Standard's maximal subparts, as Python's errors="replace" does). The tokenizer must
// outlive it.
class StreamDecoder {
 public:
  explicit StreamDecoder(const Tokenizer& tokenizer, DecodeOptions options = {})
      : tokenizer_(&tokenizer), options_(options) {}

  // The text that this id completes; may be empty.
  // Errors: InvalidInput for an id outside the vocabulary.
  Result<std::string> Push(int32_t id);

  // Ends the text: returns U+FFFD for an unfinished character, else nothing. The decoder can then
  // start a new text.
  std::string Flush();

 private:
  const Tokenizer* tokenizer_;
  DecodeOptions options_;
  std::string pending_;  // the beginning of a character: at most 3 bytes
};

}  // namespace tare

#endif  // TARE_TOKENIZER_H_
