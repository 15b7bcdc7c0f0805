#ifndef TARE_MODELS_TOKENIZERS_HF_LONE_FILES_H_
#define TARE_MODELS_TOKENIZERS_HF_LONE_FILES_H_

#include <string>

#include "models/tokenizers/hf_folder.h"
#include "tare/tokenizer.h"

namespace tare {

// The tokenizers of Hugging Face folders without a tokenizer.json. Errors as those of
// LoadHuggingFaceTokenizer.

// tokenizer.model, with the tokens that the other files add behind it.
Result<Tokenizer> LoadHfSentencePieces(const std::string& directory, const HfFolder& folder);

// vocab.json and merges.txt, which do not say how text is split: the tokenizer's class does, or
// else that of the model's family, as in Transformers. A model of any other class is refused.
Result<Tokenizer> LoadHfVocabulary(const std::string& directory, const HfFolder& folder);

}  // namespace tare

#endif  // TARE_MODELS_TOKENIZERS_HF_LONE_FILES_H_
