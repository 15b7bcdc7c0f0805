#ifndef TARE_MODELS_TOKENIZERS_HF_TOKENIZER_PARTS_H_
#define TARE_MODELS_TOKENIZERS_HF_TOKENIZER_PARTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "format/json/json_file.h"
#include "tare/tokenizer.h"

namespace tare {

// Recognises the parts of a Hugging Face tokenizer.json other than its model. Errors of all:
// Unsupported for an unknown part, which the message prints; CorruptFile for a key that is missing
// or has another type.

// The `pre_tokenizer`: ByteLevel, after Digits and Split steps that are together a known way.
Result<PreTokenizer> RecognizePreTokenizer(const JsonObject& tokenizer);

// The tokens that `post_processor` puts around a text, if any.
struct HfTemplate {
  std::optional<int32_t> before;
  std::optional<int32_t> after;
};
Result<HfTemplate> RecognizePostProcessor(const JsonObject& tokenizer);

// Whether the `normalizer` is NFC. Fails for any other, and for a `decoder` other than ByteLevel.
Result<bool> RecognizeNfcAndDecoder(const JsonObject& tokenizer);

// Whether the text is split in SentencePiece's way: the steps say Metaspace, or the normalizer
// replaces spaces.
Result<bool> IsSentencePiece(const JsonObject& tokenizer);
// Where such a tokenizer puts a space before text: says its `normalizer` or `pre_tokenizer`. Fails
// for steps that do anything else, and for a `decoder` of another kind.
struct HfSpaces {
  SpacePrefix prefix = SpacePrefix::kNone;
  bool is_optional = false;   // no prefix before a space
  bool splits_words = false;  // no token may have a space inside
};
Result<HfSpaces> RecognizeSpaces(const JsonObject& tokenizer);

// An element of `added_tokens`.
struct AddedToken {
  std::string text;
  uint64_t id = 0;
  bool is_special = false;
  bool is_normalized = false;  // matched after those that are not normalised
  bool lstrip = false;
  bool rstrip = false;
  bool single_word = false;
};

// An object with all of these but the id, which a list of them has and a table of them has not.
Result<AddedToken> ReadAddedToken(const JsonObject& json, uint64_t id);

// Adds what the token does to the text beside it, if anything.
void AddRule(const AddedToken& token, std::vector<SpecialRule>& rules);

// The added tokens, sorted by id.
Result<std::vector<AddedToken>> ReadAddedTokens(const JsonObject& tokenizer);

}  // namespace tare

#endif  // TARE_MODELS_TOKENIZERS_HF_TOKENIZER_PARTS_H_
