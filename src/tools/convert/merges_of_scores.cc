#include "tools/convert/merges_of_scores.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "base/utf8.h"
#include "tokenizer/token_types.h"

namespace tare {
namespace {

struct ScoredPair {
  Tokenizer::MergedPair pair;
  float score;
  size_t left_chars;
  size_t right_chars;
};

// Where each character of valid UTF-8 but the first begins.
std::vector<size_t> InnerEdges(std::string_view text) {
  std::vector<size_t> edges;
  for (size_t at = 0; at < text.size();) {
    if (at > 0) edges.push_back(at);
    at += DecodeUtf8(text.substr(at)).size;
  }
  return edges;
}

}  // namespace

std::vector<Tokenizer::MergedPair> MergesOfScores(const FittedVocabulary& fitted) {
  std::unordered_map<std::string_view, int32_t> ids;
  for (size_t id = 0; id < fitted.tokens.size(); ++id) {
    if (fitted.types[id] == kNormalType) ids.emplace(fitted.tokens[id], static_cast<int32_t>(id));
  }
  std::vector<ScoredPair> pairs;
  for (size_t id = 0; id < fitted.tokens.size(); ++id) {
    if (fitted.types[id] != kNormalType) continue;
    const std::string_view text = fitted.tokens[id];
    const std::vector<size_t> edges = InnerEdges(text);
    for (size_t i = 0; i < edges.size(); ++i) {
      const auto left = ids.find(text.substr(0, edges[i]));
      const auto right = ids.find(text.substr(edges[i]));
      if (left == ids.end() || right == ids.end()) continue;
      pairs.push_back({{left->second, right->second, static_cast<int32_t>(id)},
                       fitted.scores[id],
                       i + 1,
                       edges.size() - i});
    }
  }
  std::ranges::stable_sort(pairs, std::greater(), [](const ScoredPair& p) {
    return std::tuple(p.score, p.left_chars, p.right_chars);
  });
  std::vector<Tokenizer::MergedPair> merges;
  merges.reserve(pairs.size());
  for (const ScoredPair& each : pairs) merges.push_back(each.pair);
  return merges;
}

}  // namespace tare
