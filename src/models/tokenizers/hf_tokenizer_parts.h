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

// Llama 3's pattern, as in its tokenizer.json.
inline constexpr char kLlama3Pattern[] =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

// The `pre_tokenizer`: ByteLevel, after Digits or after Split with a known pattern.
Result<PreTokenizer> RecognizePreTokenizer(const JsonObject& tokenizer);

// The token that `post_processor` puts before a text; nullopt if it changes nothing.
Result<std::optional<int32_t>> RecognizePostProcessor(const JsonObject& tokenizer);

// Fails for any `normalizer`, and for a `decoder` other than ByteLevel.
Status CheckNormalizerAndDecoder(const JsonObject& tokenizer);

// An element of `added_tokens`.
struct AddedToken {
  std::string text;
  uint64_t id = 0;
  bool is_special = false;
  bool is_normalized = false;  // matched after those that are not normalised
};

// The added tokens, sorted by id.
Result<std::vector<AddedToken>> ReadAddedTokens(const JsonObject& tokenizer);

}  // namespace tare

#endif  // TARE_MODELS_TOKENIZERS_HF_TOKENIZER_PARTS_H_
