#include "tokenizer/scored_merger.h"

#include <algorithm>

#include "base/utf8.h"

namespace tare {

ScoredTokens::ScoredTokens(const TokenTable& tokens, const TokenIndex& index,
                           std::span<const float> scores)
    : tokens_(tokens), index_(index), scores_(scores) {
  bool is_first = true;
  for (int32_t id = 0; id < tokens.size(); ++id) {
    if (tokens.Kind(id) != TokenKind::kNormal) continue;
    max_size_ = std::max(max_size_, tokens.Text(id).size());
    min_score_ = is_first ? Score(id) : std::min(min_score_, Score(id));
    is_first = false;
  }
}

void ScoredMerger::Merge(std::string_view text) {
  symbols_.clear();
  heap_.clear();
  for (size_t at = 0; at < text.size();) {
    const Utf8Char c = DecodeUtf8(text.substr(at));
    const size_t size = c.status == Utf8Status::kValid ? c.size : 1;
    const auto i = static_cast<uint32_t>(symbols_.size());
    symbols_.push_back({static_cast<uint32_t>(at), static_cast<uint32_t>(size), i - 1, i + 1});
    at += size;
  }
  for (uint32_t i = 0; i + 1 < symbols_.size(); ++i) AddCandidate(text, i);
  while (!heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end());
    const Candidate best = heap_.back();
    heap_.pop_back();
    Symbol& left = symbols_[best.symbol];
    if (left.size == 0 || left.next == symbols_.size()) continue;
    Symbol& right = symbols_[left.next];
    if (left.size + right.size != best.size) continue;
    left.size = best.size;
    left.next = right.next;
    right.size = 0;
    if (left.next < symbols_.size()) symbols_[left.next].previous = best.symbol;
    AddCandidate(text, best.symbol);
    if (best.symbol > 0) AddCandidate(text, left.previous);
  }
}

void ScoredMerger::AddCandidate(std::string_view text, uint32_t symbol) {
  const Symbol& left = symbols_[symbol];
  if (left.next == symbols_.size()) return;
  const uint32_t size = left.size + symbols_[left.next].size;
  const int32_t id = tokens_.Find(text.substr(left.begin, size));
  if (id < 0) return;
  heap_.push_back({tokens_.Score(id), symbol, size});
  std::push_heap(heap_.begin(), heap_.end());
}

}  // namespace tare
