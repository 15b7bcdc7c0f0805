#ifndef TARE_TOKENIZER_UNIGRAM_SPLITTER_H_
#define TARE_TOKENIZER_UNIGRAM_SPLITTER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tokenizer/scored_merger.h"

namespace tare {

// SentencePiece's unigram model: splits a text into the tokens whose scores have the highest sum
// (Viterbi). A character that is no token may stand alone, for 10 less than the lowest score.
// Holds working memory, so only one thread at a time may use it.
//   Source  Kudo 2018, "Subword Regularization".
class UnigramSplitter {
 public:
  explicit UnigramSplitter(const ScoredTokens& tokens) : tokens_(tokens) {}

  // As ScoredMerger::Split. O(n · the longest token).
  template <typename Visit>
  void Split(std::string_view text, Visit visit) {
    FindBest(text);
    for (const Part& part : best_) visit(text.substr(part.begin, part.end - part.begin), part.id);
  }

 private:
  struct Part {
    uint32_t begin;
    uint32_t end;
    int32_t id;  // -1: not a token
  };
  struct Node {  // the best split of the text before a place
    double score = 0;
    uint32_t begin = UINT32_MAX;  // of its last part; UINT32_MAX: no character begins here
    int32_t id = -1;
  };

  void FindBest(std::string_view text);
  void Extend(std::string_view text, size_t begin, size_t char_size);

  const ScoredTokens& tokens_;
  std::vector<Node> nodes_;
  std::vector<Part> best_;
};

}  // namespace tare

#endif  // TARE_TOKENIZER_UNIGRAM_SPLITTER_H_
