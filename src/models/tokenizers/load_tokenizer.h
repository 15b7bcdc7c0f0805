#ifndef TARE_MODELS_TOKENIZERS_LOAD_TOKENIZER_H_
#define TARE_MODELS_TOKENIZERS_LOAD_TOKENIZER_H_

#include <string>
#include <string_view>

#include "format/gguf/gguf.h"
#include "tare/tokenizer.h"
#include "tokenizer/chat_template.h"

namespace tare {

// What GGUF calls byte-level BPE, whatever the model's family (tokenizer.ggml.model).
inline constexpr std::string_view kGgufByteLevelBpe = "gpt2";

// The tokenizer that a GGUF file describes in its `tokenizer.ggml.*` metadata. Copies what it needs
// of the file.
//   Errors  Unsupported for a kind of tokenizer or a pre-tokenizer that is not known, CorruptFile
//           for a key that is missing or of another type and for a vocabulary that contradicts
//           itself. Each message starts with the file's path.
Result<Tokenizer> LoadTokenizer(const GgufFile& file);

// The tokenizer of any model: a GGUF file, the folder of a KerasHub preset, or that of a Hugging
// Face model.
//   Errors  those of the three loaders; Io where `path` is none of them.
Result<Tokenizer> LoadTokenizer(const std::string& path);

// The file's `tokenizer.chat_template`.
//   Errors  InvalidInput where it has none, Unsupported where it is not ChatML.
Result<ChatTemplate> LoadChatTemplate(const GgufFile& file);

}  // namespace tare

#endif  // TARE_MODELS_TOKENIZERS_LOAD_TOKENIZER_H_
