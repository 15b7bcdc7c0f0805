#include "tokenizer/unigram_splitter.h"

#include <algorithm>

#include "base/utf8.h"

namespace tare {
namespace {

constexpr double kUnknownPenalty = 10;

size_t CharSize(std::string_view text) {
  const Utf8Char c = DecodeUtf8(text);
  return c.status == Utf8Status::kValid ? c.size : 1;
}

}  // namespace

void UnigramSplitter::FindBest(std::string_view text) {
  nodes_.assign(text.size() + 1, Node());
  for (size_t begin = 0; begin < text.size();) {
    const size_t size = CharSize(text.substr(begin));
    Extend(text, begin, size);
    begin += size;
  }
  best_.clear();
  for (size_t end = text.size(); end > 0; end = nodes_[end].begin) {
    best_.push_back({nodes_[end].begin, static_cast<uint32_t>(end), nodes_[end].id});
  }
  std::reverse(best_.begin(), best_.end());
}

// Tries all tokens that begin at `begin`. Of equal sums the one found first stays.
void UnigramSplitter::Extend(std::string_view text, size_t begin, size_t char_size) {
  const double before = nodes_[begin].score;
  const size_t limit = std::min(text.size(), begin + tokens_.max_size());
  const auto offer = [&](size_t end, double score, int32_t id) {
    Node& node = nodes_[end];
    if (node.begin != UINT32_MAX && score <= node.score) return;
    node = {score, static_cast<uint32_t>(begin), id};
  };
  bool is_char_known = false;
  for (size_t end = begin; end < limit;) {
    end += CharSize(text.substr(end));
    if (end > limit) break;
    const int32_t id = tokens_.Find(text.substr(begin, end - begin));
    if (id < 0) continue;
    is_char_known = is_char_known || end == begin + char_size;
    offer(end, before + tokens_.Score(id), id);
  }
  if (!is_char_known) {
    offer(begin + char_size, before + tokens_.min_score() - kUnknownPenalty, -1);
  }
}

}  // namespace tare
