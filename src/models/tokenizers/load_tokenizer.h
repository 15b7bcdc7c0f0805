#ifndef TARE_MODELS_TOKENIZERS_LOAD_TOKENIZER_H_
#define TARE_MODELS_TOKENIZERS_LOAD_TOKENIZER_H_

#include <string>
#include <string_view>

#include "format/gguf/gguf.h"
#include "tare/tokenizer.h"

namespace tare {

// GGUF's name for byte-level BPE, for any family (tokenizer.ggml.model).
inline constexpr std::string_view kGgufByteLevelBpe = "gpt2";
// The same for SentencePiece by scores.
inline constexpr std::string_view kGgufScoredBpe = "llama";
// GGUF's name for any kind; kRankedBpe is written as kScoredBpe.
std::string_view GgufTokenizerModel(TokenizerKind kind);

// The tokenizer that a GGUF file describes in its `tokenizer.ggml.*` metadata. Copies what it needs
// from the file.
//   Errors  Unsupported for an unknown kind of tokenizer or pre-tokenizer; CorruptFile for a key
//   that
//           is missing or has another type, and for an inconsistent vocabulary. Each message starts
//           with the file's path.
Result<Tokenizer> LoadTokenizer(const GgufFile& file);

// The tokenizer of any model: a GGUF file, the folder of a KerasHub preset, or that of a Hugging
// Face model.
//   Errors  those of the three loaders; Io if `path` is none of them.
Result<Tokenizer> LoadTokenizer(const std::string& path);

}  // namespace tare

#endif  // TARE_MODELS_TOKENIZERS_LOAD_TOKENIZER_H_
