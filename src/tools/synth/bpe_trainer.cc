#include "tools/synth/bpe_trainer.h"

#include <algorithm>
#include <map>
#include <queue>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "base/check.h"
#include "tokenizer/byte_alphabet.h"
#include "tokenizer/byte_pair_merger.h"
#include "tokenizer/merge_table.h"
#include "tokenizer/piece_splitter.h"
#include "tokenizer/pre_tokenizers.h"

namespace tare {
namespace {

// The bytes' tokens, sorted by their characters as in GPT-2's vocabulary.
std::vector<std::string> ByteTokens() {
  std::vector<std::string> tokens;
  for (size_t byte = 0; byte < kByteTokens; ++byte) {
    tokens.push_back(ByteToAlphabet(static_cast<uint8_t>(byte)));
  }
  std::sort(tokens.begin(), tokens.end());
  return tokens;
}

class Trainer {
 public:
  Trainer(std::string_view text, LearntBpe& bpe) : bpe_(bpe) {
    CutIntoWords(text);
    known_.insert(bpe.tokens.begin(), bpe.tokens.end());
    for (uint32_t i = 0; i < words_.size(); ++i) CountPairs(i, 1);
  }

  void Run(size_t max_merges) {
    while (bpe_.merges.size() < max_merges && !queue_.empty()) {
      const auto [count, negated] = queue_.top();
      queue_.pop();
      const uint64_t pair = ~negated;
      if (count < 2 || counts_[pair] != count) continue;  // rare, or an older count
      const BpeMerge merge = {static_cast<int32_t>(pair >> 32), static_cast<int32_t>(pair)};
      std::string token = bpe_.tokens[merge.left] + bpe_.tokens[merge.right];
      if (!known_.insert(token).second) continue;
      bpe_.tokens.push_back(std::move(token));
      bpe_.merges.push_back(merge);
      Apply(pair, merge);
    }
  }

 private:
  struct Word {
    std::vector<int32_t> ids;
    int64_t count;
  };

  void CutIntoWords(std::string_view text) {
    std::map<std::string_view, int64_t> counts;
    const std::vector<SplitPattern> patterns = CompilePatterns(PreTokenizer::kGpt2);
    PieceSplitter splitter(patterns, text);
    for (auto piece = splitter.Next(); !piece.empty(); piece = splitter.Next()) ++counts[piece];
    for (const auto& [piece, count] : counts) {
      Word word = {{}, count};
      for (const char c : piece) {
        const std::string token = ByteToAlphabet(static_cast<uint8_t>(c));
        const auto found =
            std::lower_bound(bpe_.tokens.begin(), bpe_.tokens.begin() + kByteTokens, token);
        word.ids.push_back(static_cast<int32_t>(found - bpe_.tokens.begin()));
      }
      words_.push_back(std::move(word));
    }
  }

  // Adds (`sign` 1) or takes away (-1) what a word counts for.
  void CountPairs(uint32_t index, int64_t sign) {
    const Word& word = words_[index];
    for (size_t i = 1; i < word.ids.size(); ++i) {
      const uint64_t pair =
          static_cast<uint64_t>(word.ids[i - 1]) << 32 | static_cast<uint32_t>(word.ids[i]);
      const int64_t count = counts_[pair] += sign * word.count;
      queue_.emplace(count, ~pair);
      if (sign > 0) places_[pair].push_back(index);
    }
  }

  void Apply(uint64_t pair, const BpeMerge& merge) {
    const auto token = static_cast<int32_t>(bpe_.tokens.size() - 1);
    std::vector<uint32_t> words = std::move(places_[pair]);
    places_.erase(pair);
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    for (const uint32_t index : words) {
      CountPairs(index, -1);
      MergeInWord(merge, token, words_[index].ids);
      CountPairs(index, 1);
    }
  }

  static void MergeInWord(const BpeMerge& merge, int32_t token, std::vector<int32_t>& ids) {
    size_t size = 0;
    for (size_t i = 0; i < ids.size(); ++i) {
      if (i + 1 < ids.size() && ids[i] == merge.left && ids[i + 1] == merge.right) {
        ids[size++] = token;
        ++i;
      } else {
        ids[size++] = ids[i];
      }
    }
    ids.resize(size);
  }

  LearntBpe& bpe_;
  std::vector<Word> words_;
  std::unordered_set<std::string> known_;
  std::unordered_map<uint64_t, int64_t> counts_;                // of pairs, left << 32 | right
  std::unordered_map<uint64_t, std::vector<uint32_t>> places_;  // words that had the pair
  // (count, ~pair), largest first: of equal counts the smallest ids. May hold older counts.
  std::priority_queue<std::pair<int64_t, uint64_t>> queue_;
};

bool IsLetters(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

// Tries pairs of tokens made of letters, common ones first, and keeps those that may merge.
class Inventor {
 public:
  Inventor(size_t count, LearntBpe& bpe)
      : count_(count), bpe_(bpe), table_(count), merger_(table_) {
    known_.insert(bpe.tokens.begin(), bpe.tokens.end());
    for (size_t i = 0; i < bpe.merges.size(); ++i) Insert(i);
    // Learnt tokens before single letters.
    for (size_t i = kByteTokens; i < bpe.tokens.size(); ++i) AddPart(static_cast<int32_t>(i));
    for (size_t i = 0; i < kByteTokens; ++i) AddPart(static_cast<int32_t>(i));
  }

  // Along the diagonals of the table of all pairs. It grows with every merge that is found, so
  // there is always more to try.
  void Run() {
    for (size_t sum = 0; bpe_.merges.size() < count_; ++sum) {
      TARE_CHECK(sum < lefts_.size() + rights_.size());
      const size_t first = sum < rights_.size() ? 0 : sum - rights_.size() + 1;
      for (size_t i = first; i <= sum && i < lefts_.size() && bpe_.merges.size() < count_; ++i) {
        TryPair({lefts_[i], rights_[sum - i]});
      }
    }
  }

 private:
  static constexpr size_t kMaxToken = 20;

  void Insert(size_t rank) {
    const BpeMerge& merge = bpe_.merges[rank];
    table_.Insert(merge.left, merge.right,
                  {static_cast<uint32_t>(rank), static_cast<int32_t>(kByteTokens + rank)});
  }

  void AddPart(int32_t id) {
    constexpr std::string_view kSpace = "Ġ";
    std::string_view text = bpe_.tokens[id];
    if (IsLetters(text)) rights_.push_back(id);
    if (text.substr(0, kSpace.size()) == kSpace) text.remove_prefix(kSpace.size());
    if (IsLetters(text)) lefts_.push_back(id);
  }

  void TryPair(const BpeMerge& merge) {
    std::string token = bpe_.tokens[merge.left] + bpe_.tokens[merge.right];
    if (token.size() > kMaxToken || known_.contains(token)) return;
    ids_.clear();
    AppendBytes(merge.left);
    AppendBytes(merge.right);
    merger_.MergeTail(ids_, 0);
    if (ids_.size() != 2 || ids_[0] != merge.left || ids_[1] != merge.right) return;
    known_.insert(token);
    bpe_.tokens.push_back(std::move(token));
    bpe_.merges.push_back(merge);
    Insert(bpe_.merges.size() - 1);
    AddPart(static_cast<int32_t>(bpe_.tokens.size() - 1));
  }

  void AppendBytes(int32_t id) {
    if (id < static_cast<int32_t>(kByteTokens)) {
      ids_.push_back(id);
      return;
    }
    AppendBytes(bpe_.merges[id - kByteTokens].left);
    AppendBytes(bpe_.merges[id - kByteTokens].right);
  }

  const size_t count_;
  LearntBpe& bpe_;
  MergeTable table_;
  BytePairMerger merger_;
  std::unordered_set<std::string> known_;
  std::vector<int32_t> lefts_;   // letters, with or without a space before
  std::vector<int32_t> rights_;  // letters
  std::vector<int32_t> ids_;
};

}  // namespace

LearntBpe TrainBpe(std::string_view text, size_t max_merges) {
  LearntBpe bpe = {ByteTokens(), {}};
  Trainer(text, bpe).Run(max_merges);
  return bpe;
}

void AddInventedMerges(size_t count, LearntBpe& bpe) {
  if (bpe.merges.size() < count) Inventor(count, bpe).Run();
}

}  // namespace tare
