#ifndef TARE_MODELS_TOKENIZERS_LOAD_TOKENIZER_KERAS_H_
#define TARE_MODELS_TOKENIZERS_LOAD_TOKENIZER_KERAS_H_

#include <string>

#include "tare/tokenizer.h"

namespace tare {

// The tokenizer of a KerasHub preset: tokenizer.json (of a family's class or a plain
// BytePairTokenizer) and assets/tokenizer/{vocabulary.json,merges.txt} or vocabulary.spm. Ids are
// KerasHub's, which are not always those of other libraries (docs/tokenizer.md).
//   Errors  Io; Unsupported for another class or option; CorruptFile for a key that is missing or
//   has
//           another type, and for a vocabulary that is inconsistent or lacks a special token. Each
//           message starts with the file's path.
Result<Tokenizer> LoadKerasTokenizer(const std::string& preset_directory);

}  // namespace tare

#endif  // TARE_MODELS_TOKENIZERS_LOAD_TOKENIZER_KERAS_H_
