#ifndef TARE_TOKENIZER_SCORED_MERGER_H_
#define TARE_TOKENIZER_SCORED_MERGER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tokenizer/token_table.h"

namespace tare {

// A vocabulary with a score a token. Only normal tokens stand for parts of a text.
class ScoredTokens {
 public:
  ScoredTokens(const TokenTable& tokens, const TokenIndex& index, std::span<const float> scores);

  // The normal token with this text; -1 if there is none.
  int32_t Find(std::string_view text) const {
    if (text.size() > max_size_) return -1;
    const auto id = index_.Find(text);
    return id && tokens_.Kind(*id) == TokenKind::kNormal ? *id : -1;
  }
  // 0 in a vocabulary whose pairs have ranks instead.
  float Score(int32_t id) const {
    return scores_.empty() ? 0.0f : scores_[static_cast<size_t>(id)];
  }
  size_t max_size() const { return max_size_; }   // bytes of the longest normal token
  float min_score() const { return min_score_; }  // of a normal token

 private:
  const TokenTable& tokens_;
  const TokenIndex& index_;
  const std::span<const float> scores_;
  size_t max_size_ = 0;
  float min_score_ = 0;
};

// SentencePiece's byte-pair encoding: begins with characters, and while two neighbours together
// are a token, joins those that make the token of the highest score, the leftmost of equal ones.
// Holds working memory, so only one thread at a time may use it.
class ScoredMerger {
 public:
  explicit ScoredMerger(const ScoredTokens& tokens) : tokens_(tokens) {}

  // Calls visit(part, id) for each part of the text in order; id is -1 if it is not a token. A byte
  // that is not valid UTF-8 is a character of its own. O(n log n).
  template <typename Visit>
  void Split(std::string_view text, Visit visit) {
    Merge(text);
    for (uint32_t i = 0; i < symbols_.size(); i = symbols_[i].next) {
      const std::string_view part = Text(text, i);
      visit(part, tokens_.Find(part));
    }
  }

 private:
  struct Symbol {
    uint32_t begin;
    uint32_t size;  // 0: joined with the one before
    uint32_t previous;
    uint32_t next;  // the number of symbols: none
  };
  struct Candidate {
    float score;
    uint32_t symbol;  // to join with the next
    uint32_t size;    // of both; stale if they have another
    // The heap's top is the best.
    bool operator<(const Candidate& other) const {
      return score != other.score ? score < other.score : symbol > other.symbol;
    }
  };

  std::string_view Text(std::string_view text, uint32_t i) const {
    return text.substr(symbols_[i].begin, symbols_[i].size);
  }
  void Merge(std::string_view text);
  void AddCandidate(std::string_view text, uint32_t symbol);

  const ScoredTokens& tokens_;
  std::vector<Symbol> symbols_;
  std::vector<Candidate> heap_;
};

}  // namespace tare

#endif  // TARE_TOKENIZER_SCORED_MERGER_H_
