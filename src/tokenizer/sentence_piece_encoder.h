#ifndef TARE_TOKENIZER_SENTENCE_PIECE_ENCODER_H_
#define TARE_TOKENIZER_SENTENCE_PIECE_ENCODER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/byte_pair_merger.h"
#include "tokenizer/scored_merger.h"
#include "tokenizer/tokenizer_data.h"
#include "tokenizer/unigram_splitter.h"

namespace tare {

// Encodes the text between special tokens for the SentencePiece kinds. Spaces become U+2581, and
// one is put before the text as the tokenizer's SpacePrefix says. Holds the state and the working
// memory of one text.
class SentencePieceEncoder {
 public:
  // data: of a SentencePiece kind.
  explicit SentencePieceEncoder(const TokenizerData& data);

  // Appends the ids of the text since the last special token.
  void Add(std::string_view text, std::vector<int32_t>& ids);

  // Call before a special token is appended.
  void PassSpecial(bool is_user_defined, std::vector<int32_t>& ids);

 private:
  bool WantsPrefix(std::string_view text) const;
  void Normalize(std::string_view text);
  void AddNormalized(std::vector<int32_t>& ids);
  void AddRanked(std::vector<int32_t>& ids);
  void AddPart(std::string_view part, int32_t id, std::vector<int32_t>& ids);

  const TokenizerData& data_;
  BytePairMerger ranked_;
  ScoredMerger scored_;
  UnigramSplitter unigram_;
  std::string text_;      // normalised
  bool is_first_ = true;  // nothing was added yet
  bool is_after_special_ = true;
  bool was_unknown_ = false;  // the last part was; the next such part adds nothing
};

}  // namespace tare

#endif  // TARE_TOKENIZER_SENTENCE_PIECE_ENCODER_H_
