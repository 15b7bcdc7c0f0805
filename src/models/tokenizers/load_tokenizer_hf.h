#ifndef TARE_MODELS_TOKENIZERS_LOAD_TOKENIZER_HF_H_
#define TARE_MODELS_TOKENIZERS_LOAD_TOKENIZER_HF_H_

#include <string>
#include <string_view>

#include "tare/tokenizer.h"

namespace tare {

// The tokenizer of a Hugging Face model folder. Reads tokenizer.json, or else tokenizer.model, or
// vocab.json and merges.txt; and what the configurations beside them say about tokens
// (hf_folder.h). Ids are those of the `tokenizers` and `sentencepiece` libraries
// (docs/tokenizer.md).
//   Errors  Io; Unsupported for an unknown part, which the message prints; CorruptFile for a key
//   that
//           is missing or has another type, and for an inconsistent vocabulary. Each message starts
//           with the file's path.
Result<Tokenizer> LoadHuggingFaceTokenizer(const std::string& directory);

// The same from the text of a tokenizer.json only; `name` replaces the path in messages.
Result<Tokenizer> ParseHuggingFaceTokenizer(std::string_view json, const std::string& name);

// What these files say besides the tokenizer; empty if nothing. Errors: those of JsonObject.
struct HuggingFaceExtras {
  std::string chat_template;  // Jinja, of any kind
  std::string padding_token;
  std::string unknown_token;
};
Result<HuggingFaceExtras> ReadHuggingFaceExtras(const std::string& directory);

}  // namespace tare

#endif  // TARE_MODELS_TOKENIZERS_LOAD_TOKENIZER_HF_H_
