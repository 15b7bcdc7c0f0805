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
  kLlama3,  // Llama 3's pattern: any one sign before a word, numbers of up to three digits, signs
            // and spaces with the line ends that follow
  kWhole,   // not at all: what lies between two special tokens is one piece
};

// From a GGUF file's `tokenizer.ggml.pre`: "gpt-2", "smollm" or "llama-bpe".
// Errors: Unsupported for any other name.
Result<PreTokenizer> PreTokenizerFromName(std::string_view name);
// The way back; empty for kWhole, which GGUF has no name for.
std::string_view PreTokenizerName(PreTokenizer pre_tokenizer);

// Values handed over one at a time and in order, so that a reader of a file need not collect them.
// `next` is called at most `count` times; a view it returns is used up before the next call.
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

// A byte-level BPE vocabulary in the form in which GGUF files and merges.txt keep it: the texts of
// normal tokens are in the byte-to-unicode alphabet ("Ġthe" is " the").
struct BpeVocabulary {
  Sequence<std::string_view> tokens;  // the id of a token is its place
  Sequence<std::string_view> merges;  // "left right", most urgent first
  Sequence<int32_t> token_types;      // GGUF's: 1 normal, 2 unknown, 3 control, 4 user defined,
                                      // 5 unused; none at all means that every token is normal
  PreTokenizer pre_tokenizer = PreTokenizer::kGpt2;
  std::optional<int32_t> bos_id;
  std::optional<int32_t> eos_id;
  std::vector<int32_t> other_end_ids;  // end a generation too, beside eos_id
  bool adds_bos = false;               // the model expects bos_id before a prompt
  bool ignores_merges = false;  // a piece that is a token becomes it, whatever its merges make
};

struct EncodeOptions {
  bool parse_special = false;  // "<|im_start|>" in the text becomes its token, not plain text
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

// Byte-level BPE, GPT-2's family; ids are those of the Hugging Face `tokenizers` library given the
// same vocabulary, merges and pattern (docs/tokenizer.md). Immutable: every const member may be
// called from many threads at once. Keeps its own copy of the vocabulary.
class Tokenizer {
 public:
  // Errors: CorruptFile for a vocabulary that contradicts itself (a token twice, counts that
  // differ, a merge of unknown tokens or into a control token, ids out of range), Unsupported for
  // byte tokens.
  static Result<Tokenizer> Create(const BpeVocabulary& vocabulary);

  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  // text may hold any bytes: one that is not part of valid UTF-8 is a piece of its own. A byte that
  // the vocabulary has no token for is left out, as the reference does; see EncodesByte.
  // Time is O(n log n) for any text.
  // Errors: InvalidInput for text of 4 GiB or more, or add_bos where the vocabulary has no bos_id.
  Result<std::vector<int32_t>> Encode(std::string_view text, EncodeOptions options = {}) const;

  // The exact bytes of the tokens; they may end, or begin, inside a character.
  // Errors: InvalidInput for an id outside the vocabulary.
  Result<std::string> Decode(std::span<const int32_t> ids, DecodeOptions options = {}) const;

  // The bytes of one token; empty where id is outside the vocabulary.
  std::string TokenBytes(int32_t id) const;

  // The control or user-defined token with exactly this text.
  std::optional<int32_t> FindSpecial(std::string_view text) const;

  // Whether id is a control token: one that steers the model and is no text.
  bool IsControl(int32_t id) const;

  // Whether text with this byte can be expressed: false for bytes that Encode leaves out.
  bool EncodesByte(uint8_t byte) const;

  int32_t vocabulary_size() const;
  std::optional<int32_t> bos_id() const;
  std::optional<int32_t> eos_id() const;
  // All tokens that end a generation: eos_id first, where there is one. Lives as the tokenizer
  // does.
  std::span<const int32_t> end_ids() const;
  bool adds_bos() const;

  // What the tokenizer was made from, for writing it into another file.
  PreTokenizer pre_tokenizer() const;
  bool ignores_merges() const;
  bool IsUserDefined(int32_t id) const;
  // As in BpeVocabulary: a normal token in the byte alphabet. Lives as the tokenizer does; empty
  // where id is outside the vocabulary.
  std::string_view TokenText(int32_t id) const;
  struct MergedPair {
    int32_t left;
    int32_t right;
    int32_t result;
  };
  std::vector<MergedPair> Merges() const;  // most urgent first

  // Bytes on the heap, without the allocator's own.
  size_t heap_bytes() const;

 private:
  explicit Tokenizer(std::unique_ptr<const TokenizerData> data);
  std::unique_ptr<const TokenizerData> data_;
};

// Turns ids into text as they come. What it returns is always valid UTF-8 and never ends inside a
// character. All that is returned, joined, is what decoding the ids at once and replacing each
// ill-formed sequence by U+FFFD would give (the Unicode Standard's maximal subparts, which is also
// Python's errors="replace"). The tokenizer must outlive it.
class StreamDecoder {
 public:
  explicit StreamDecoder(const Tokenizer& tokenizer, DecodeOptions options = {})
      : tokenizer_(&tokenizer), options_(options) {}

  // The text that is certain once this id is known; may be empty.
  // Errors: InvalidInput for an id outside the vocabulary.
  Result<std::string> Push(int32_t id);

  // What an unfinished character leaves: U+FFFD or nothing. The decoder is then as new.
  std::string Flush();

 private:
  const Tokenizer* tokenizer_;
  DecodeOptions options_;
  std::string pending_;  // the beginning of a character: at most 3 bytes
};

}  // namespace tare

#endif  // TARE_TOKENIZER_H_
