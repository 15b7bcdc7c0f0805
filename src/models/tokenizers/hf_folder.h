#ifndef TARE_MODELS_TOKENIZERS_HF_FOLDER_H_
#define TARE_MODELS_TOKENIZERS_HF_FOLDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/tokenizers/hf_tokenizer_parts.h"
#include "models/tokenizers/vocabulary_builder.h"

namespace tare {

// What the files beside the vocabulary say about its tokens. All of them may be missing.
struct HfFolder {
  // tokenizer_config.json, or else special_tokens_map.json; empty: none
  std::string bos, eos, padding, unknown;
  std::string tokenizer_class;
  std::vector<AddedToken> added;  // by id; these two and added_tokens.json
  // generation_config.json, or else config.json
  std::optional<uint64_t> bos_id;
  std::vector<uint64_t> end_ids;
  std::string model_type;  // config.json
};

//   Errors  Io; CorruptFile for a key that has another type.
Result<HfFolder> ReadHfFolder(const std::string& directory);

// Fills in the ids that begin and end a text, where `vocabulary` does not say them yet. Ids outside
// the vocabulary are ignored: Transformers writes GPT-2's own into any model's configuration.
void ApplyEnds(const HfFolder& folder, const VocabularyBuilder& builder,
               TokenizerVocabulary& vocabulary);

}  // namespace tare

#endif  // TARE_MODELS_TOKENIZERS_HF_FOLDER_H_
