#ifndef TARE_MODELS_TOKENIZERS_LOAD_TOKENIZER_HF_H_
#define TARE_MODELS_TOKENIZERS_LOAD_TOKENIZER_HF_H_

#include <string>
#include <string_view>

#include "tare/tokenizer.h"
#include "tokenizer/chat_template.h"

namespace tare {

// The tokenizer of a Hugging Face model folder: tokenizer.json (byte-level BPE), and, each where it
// is there, tokenizer_config.json, generation_config.json and config.json for the tokens that begin
// and end a text. Ids are those of the `tokenizers` library (docs/tokenizer.md).
//   Errors  Io; Unsupported for a part that does something else than is known here, printing it;
//           CorruptFile for a key that is missing or of another type and for a vocabulary that
//           contradicts itself. Each message starts with the file's path.
Result<Tokenizer> LoadHuggingFaceTokenizer(const std::string& directory);

// The same from the text of a tokenizer.json alone; `name` stands for the path.
Result<Tokenizer> ParseHuggingFaceTokenizer(std::string_view json, const std::string& name);

// The folder's chat template: chat_template.jinja, else `chat_template` of tokenizer_config.json.
//   Errors  InvalidInput where there is none, Unsupported where it is not ChatML.
Result<ChatTemplate> LoadHuggingFaceChatTemplate(const std::string& directory);

// What those files say beside the tokenizer: empty where they do not. Errors: those of JsonObject.
struct HuggingFaceExtras {
  std::string chat_template;  // Jinja, of any kind
  std::string padding_token;
  std::string unknown_token;
};
Result<HuggingFaceExtras> ReadHuggingFaceExtras(const std::string& directory);

}  // namespace tare

#endif  // TARE_MODELS_TOKENIZERS_LOAD_TOKENIZER_HF_H_
