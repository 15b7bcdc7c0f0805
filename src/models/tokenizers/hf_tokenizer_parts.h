#ifndef TARE_MODELS_TOKENIZERS_HF_TOKENIZER_PARTS_H_
#define TARE_MODELS_TOKENIZERS_HF_TOKENIZER_PARTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "format/json/json_file.h"
#include "tare/tokenizer.h"

namespace tare {

// The parts of a Hugging Face tokenizer.json beside its model, recognised by what they do. Errors
// of all: Unsupported for a part that does something else, printing it; CorruptFile for a key that
// is missing or of another type.

// Llama 3's, as it stands in its tokenizer.json.
inline constexpr char kLlama3Pattern[] =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

// The `pre_tokenizer`: ByteLevel, after Digits or after Split with a pattern that is known.
Result<PreTokenizer> RecognizePreTokenizer(const JsonObject& tokenizer);

// The token that `post_processor` puts before a text; none where it leaves texts as they are.
Result<std::optional<int32_t>> RecognizePostProcessor(const JsonObject& tokenizer);

// Refuses a `normalizer`, and a `decoder` other than ByteLevel.
Status CheckNormalizerAndDecoder(const JsonObject& tokenizer);

// An element of `added_tokens`.
struct AddedToken {
  std::string text;
  uint64_t id = 0;
  bool is_special = false;
  bool is_normalized = false;  // found after those that are not
};

// In the order of their ids.
Result<std::vector<AddedToken>> ReadAddedTokens(const JsonObject& tokenizer);

}  // namespace tare

#endif  // TARE_MODELS_TOKENIZERS_HF_TOKENIZER_PARTS_H_
