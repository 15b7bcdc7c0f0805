#ifndef TARE_MODELS_TOKENIZERS_VOCABULARY_BUILDER_H_
#define TARE_MODELS_TOKENIZERS_VOCABULARY_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tare/tokenizer.h"

namespace tare {

// Collects a vocabulary in a few flat arrays. Tokens may come in any order, as in JSON files. Call
// AddToken and AddMerge, then FinishTokens, then MarkSpecial and MarkBytes, then Build.
//   Errors  CorruptFile for an inconsistent vocabulary.
class VocabularyBuilder {
 public:
  // A normal token, as TokenizerVocabulary has it.
  Status AddToken(std::string_view text, uint64_t id);
  // The next token of a Unigram vocabulary; its id is the number of those before.
  Status AddScored(std::string_view text, float score);

  // Adds the next merge.
  Status AddMerge(std::string_view left, std::string_view right);
  // The same, as "left right". Tokenizer::Create checks that these are two tokens.
  Status AddMerge(std::string_view pair);

  // Fails unless every id from 0 on was added exactly once.
  Status FinishTokens();

  // Makes a token control or user-defined. A new token must have the next free id.
  Status MarkSpecial(std::string_view text, uint64_t id, bool is_control);

  // Makes "<0x00>" to "<0xFF>" byte tokens.
  void MarkBytes();

  // After FinishTokens.
  size_t size() const { return entries_.size(); }
  bool HasAllBytes() const;
  bool HasInnerSpace() const;  // a normal token with U+2581 behind another character
  // These two take time linear in the vocabulary.
  std::optional<int32_t> Find(std::string_view text) const;
  bool IsSpecial(std::string_view text) const;  // control or user-defined

  // `vocabulary` holds everything besides the tokens. Call it only once.
  Result<Tokenizer> Build(TokenizerVocabulary vocabulary) const;

 private:
  struct Entry {
    uint32_t offset;
    uint32_t size;
    int32_t id;
    int32_t type;  // GGUF's, as in TokenizerVocabulary
  };

  Result<uint32_t> Append(std::string_view text);  // its offset
  std::string_view Text(const Entry& entry) const {
    return std::string_view(texts_).substr(entry.offset, entry.size);
  }

  std::string texts_;
  std::vector<Entry> entries_;      // by id once finished
  std::vector<float> scores_;       // of a Unigram vocabulary
  std::vector<uint32_t> merges_{};  // where each ends in merge_texts_
  std::string merge_texts_;
};

}  // namespace tare

#endif  // TARE_MODELS_TOKENIZERS_VOCABULARY_BUILDER_H_
