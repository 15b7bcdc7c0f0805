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

// How text is cut into pieces before byte pairs are merged; no token spans two pieces. Each is
// named after a model that has it; src/tokenizer/pre_tokenizers.cc lists their patterns.
enum class PreTokenizer {
  kGpt2,     // contractions, words, numbers, the rest, each with one space before
  kSmolLm,   // every numeric character alone, then GPT-2's pattern between them
  kLlama3,   // words with one sign before, numbers of up to three digits, signs and spaces with the
             // line ends that follow
  kWhole,    // no split: the text between two special tokens is one piece
  kQwen2,    // as kLlama3 with every digit alone
  kQwen35,   // as kQwen2 with marks inside words
  kGpt4o,    // as kLlama3 with words cut where small letters are followed by capital ones
  kTekken,   // as kGpt4o without contractions and with every digit alone
  kDefault,  // llama.cpp's, for a GGUF file that names none
  kDeepSeekV3,
  kDeepSeekCoder,
  kDeepSeekLlm,
  kFalcon,
  kBloom,
  kViking,
};

// What a GGUF file's `tokenizer.ggml.pre` stands for.
struct NamedPreTokenizer {
  PreTokenizer split = PreTokenizer::kDefault;
  bool ignores_merges = false;  // what llama.cpp takes for granted of such a vocabulary
  bool adds_bos = false;        // the same, if the file does not say
  bool is_known = false;        // else the name is not known, and `split` is the fallback
};

// Errors: Unsupported for a name that is known but whose split is not.
Result<NamedPreTokenizer> FindPreTokenizer(std::string_view name);
// The name for a GGUF file, if there is one for which a reader assumes `ignores_merges`, else for
// the split alone; empty for kWhole, for which GGUF has no name.
std::string_view PreTokenizerName(PreTokenizer pre_tokenizer, bool ignores_merges = false);

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

// How a tokenizer makes tokens of text.
enum class TokenizerKind {
  kByteBpe,  // merges bytes by rank; texts are in the byte-to-unicode alphabet ("Ġthe" is " the")
  kScoredBpe,  // SentencePiece: merges characters into the neighbours' token of the highest score
  kRankedBpe,  // the same by a list of merges, as tokenizer.json has it
  kUnigram,    // SentencePiece: the tokens whose scores have the highest sum
};

// Where a SentencePiece kind puts a space before text, so that a word is the same token everywhere.
enum class SpacePrefix {
  kNone,
  kFirst,         // at the front of the text, unless that begins with a special token
  kBeforeAll,     // the same, and before a user-defined token that the text begins with
  kAfterSpecial,  // as kFirst, and after every special token
};

// What a special token does to the text around it; for few tokens.
struct SpecialRule {
  int32_t id = -1;
  bool takes_spaces_before = false;  // lstrip
  bool takes_spaces_after = false;   // rstrip
  bool is_word = false;              // single_word: matched only where no word character is beside
};

// A vocabulary as files store it. In SentencePiece kinds U+2581 stands for a space in the texts of
// normal tokens, and not in those of user-defined ones.
struct TokenizerVocabulary {
  TokenizerKind kind = TokenizerKind::kByteBpe;
  Sequence<std::string_view> tokens;  // a token's id is its position
  Sequence<std::string_view> merges;  // kByteBpe, kRankedBpe: "left right", most urgent first
  Sequence<float> scores;             // kScoredBpe, kUnigram: one a token
  Sequence<int32_t> token_types;      // GGUF's: 1 normal, 2 unknown, 3 control, 4 user defined,
                                      // 5 unused, 6 byte; empty: every token is normal
  std::vector<SpecialRule> rules;
  PreTokenizer pre_tokenizer = PreTokenizer::kGpt2;  // kByteBpe
  std::optional<int32_t> bos_id;
  std::optional<int32_t> eos_id;
  std::optional<int32_t> unknown_id;   // SentencePiece kinds: for text without a token
  std::vector<int32_t> other_end_ids;  // other tokens that end a generation, besides eos_id
  bool adds_bos = false;               // the model expects bos_id before a prompt
  bool adds_eos = false;               // the file asks for eos_id behind a whole text
  bool ignores_merges = false;         // kByteBpe: a piece that is itself a token skips the merges
  bool puts_into_nfc = false;          // kByteBpe: text is put into Unicode's form NFC first
  // SentencePiece kinds:
  SpacePrefix space_prefix = SpacePrefix::kNone;
  bool prefix_is_optional = false;  // no prefix before text that begins with a space
  bool byte_fallback = true;        // bytes without a token become byte tokens, if there are any
  bool collapses_spaces = false;    // spaces at the ends go, and others become one
  std::vector<std::string> notes;   // what a user should know about how the file was read
};

// The bytes begin, begin + 1, …, end - 1 of a text.
struct TextRange {
  size_t begin = 0;
  size_t end = 0;
};

struct EncodeOptions {
  bool parse_special = false;  // "<|im_start|>" in the text becomes a token, not plain text
  bool add_bos = false;        // begin with bos_id
  bool add_eos = false;        // end with eos_id
  // With parse_special: where such a text stays plain all the same. In order, without overlap.
  std::span<const TextRange> plain = {};
};

struct DecodeOptions {
  bool skip_special = false;  // leave control tokens out
  bool is_continued = false;  // the ids follow others: keep a space at their front
};

// One turn of a conversation.
struct ChatMessage {
  std::string role;  // "system", "user", "assistant"
  std::string content;
};

// A conversation and how to write it down for a model.
struct ChatRequest {
  // A JSON object: "messages", a list of objects with role and content; and what else the template
  // takes, such as "tools", "documents" or "enable_thinking".
  std::string json;
  std::string chat_template = {};     // Jinja; empty: the model's own
  bool add_generation_prompt = true;  // end where the answer begins
  bool parse_special = false;         // "<|im_start|>" in a message becomes a token, not plain text
};

struct TokenizerData;

// A tokenizer of any TokenizerKind. It gives the same ids as the library that the file comes from
// (docs/tokenizer.md). Immutable: any number of threads may call const members at once. Keeps its
// own copy of the vocabulary.
class Tokenizer {
 public:
  // Errors: CorruptFile for an inconsistent vocabulary (a token twice, counts that differ, a merge
  // of unknown tokens or into a control token, ids out of range, some byte tokens but not all);
  // Unsupported for byte tokens in a byte-level vocabulary.
  static Result<Tokenizer> Create(const TokenizerVocabulary& vocabulary);

  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  // Text to token ids. `text` may hold any bytes: each byte that is not valid UTF-8 is a piece of
  // its own. Bytes without a token in the vocabulary are left out, as the reference does; see
  // EncodesByte. Takes O(n log n) time for any text.
  // Errors: InvalidInput for text of 4 GiB or more, or for add_bos or add_eos if the vocabulary has
  // no such token.
  Result<std::vector<int32_t>> Encode(std::string_view text, EncodeOptions options = {}) const;

  // The exact bytes of the tokens, which may begin or end inside a character. Without the space
  // that Encode has put before the text, unless the ids continue others. Errors: InvalidInput for
  // an id outside the vocabulary.
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
  // end_ids and the tokens that end a text or a turn by their names (tokenizer/stop_tokens.h): the
  // generator stops at each of them. Valid while the tokenizer lives.
  std::span<const int32_t> stop_ids() const;
  bool adds_bos() const;
  // Whether a text that is complete ends with eos_id. Prompts do not: the model goes on from them.
  bool adds_eos() const;
  // What a user should know about how the file was read, a line each.
  std::span<const std::string> notes() const;

  // What the tokenizer was made from, so that it can be written to another file.
  TokenizerKind kind() const;
  PreTokenizer pre_tokenizer() const;
  SpacePrefix space_prefix() const;
  bool prefix_is_optional() const;
  bool collapses_spaces() const;
  std::optional<int32_t> unknown_id() const;
  bool byte_fallback() const;
  float Score(int32_t id) const;        // 0 in kinds without scores, and outside the vocabulary
  int32_t TokenType(int32_t id) const;  // as in TokenizerVocabulary; 1 outside the vocabulary
  std::span<const SpecialRule> rules() const;
  bool ignores_merges() const;
  bool puts_into_nfc() const;
  bool IsUserDefined(int32_t id) const;
  // The token's text as in TokenizerVocabulary. Empty if `id` is outside the
  // vocabulary. Valid while the tokenizer lives.
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
      : tokenizer_(&tokenizer), options_{options.skip_special, true} {}

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
