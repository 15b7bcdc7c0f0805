#ifndef TARE_MODELS_TOKENIZERS_VOCABULARY_FILES_H_
#define TARE_MODELS_TOKENIZERS_VOCABULARY_FILES_H_

#include <string>

#include "models/tokenizers/vocabulary_builder.h"

namespace tare {

// The two files of a byte-level vocabulary without any settings: GPT-2's vocab.json and merges.txt,
// vocabulary.json and merges.txt of a KerasHub preset.
//   Errors  Io; CorruptFile with the file's path; Unsupported for one of more than 256 MiB.

// An object of tokens and their ids. The builder's tokens are finished afterwards.
Status ReadVocabularyFile(const std::string& path, VocabularyBuilder& builder);

// A merge a line, as Python reads lines: any kind of line end, spaces at the end cut off. Lines
// with "#version:" are no merges.
Status ReadMergesFile(const std::string& path, VocabularyBuilder& builder);

}  // namespace tare

#endif  // TARE_MODELS_TOKENIZERS_VOCABULARY_FILES_H_
