#ifndef TARE_TOKENIZER_TOKENIZER_DATA_H_
#define TARE_TOKENIZER_TOKENIZER_DATA_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tare/tokenizer.h"
#include "tokenizer/merge_table.h"
#include "tokenizer/scored_merger.h"
#include "tokenizer/special_matcher.h"
#include "tokenizer/split_pattern.h"
#include "tokenizer/token_table.h"
#include "tokenizer/unmerged_tokens.h"

namespace tare {

// All data of a Tokenizer; constant after creation.
struct TokenizerData {
  explicit TokenizerData(TokenTable t) : tokens(std::move(t)) {}
  TokenizerData(const TokenizerData&) = delete;  // the matchers point at `tokens`

  TokenizerKind kind = TokenizerKind::kByteBpe;
  TokenTable tokens;
  MergeTable merges{0};                   // kByteBpe, kRankedBpe
  size_t merge_count = 0;                 // ranks are below this
  std::array<int32_t, 256> id_of_byte{};  // -1: not in the vocabulary
  SpecialMatcher control_tokens;
  SpecialMatcher user_tokens;
  std::vector<SpecialRule> rules;
  // kByteBpe:
  PreTokenizer pre_tokenizer = PreTokenizer::kGpt2;
  std::vector<SplitPattern> patterns;
  bool ignores_merges = false;
  bool puts_into_nfc = false;
  UnmergedTokens unmerged;  // empty unless merges are ignored
  // SentencePiece kinds:
  std::optional<TokenIndex> index;
  std::vector<float> scores;
  std::optional<ScoredTokens> scored;  // refers to the two above
  SpacePrefix space_prefix = SpacePrefix::kNone;
  bool prefix_is_optional = false;
  bool byte_fallback = false;
  bool collapses_spaces = false;
  std::optional<int32_t> unknown_id;

  std::optional<int32_t> bos_id;
  std::optional<int32_t> eos_id;
  std::vector<int32_t> end_ids;   // that the file declares
  std::vector<int32_t> stop_ids;  // and those that are known by their names
  bool adds_bos = false;
  bool adds_eos = false;
  std::vector<std::string> notes;

  bool is_byte_level() const { return kind == TokenizerKind::kByteBpe; }
  const SpecialRule* FindRule(int32_t id) const {
    for (const SpecialRule& rule : rules) {
      if (rule.id == id) return &rule;
    }
    return nullptr;
  }
};

}  // namespace tare

#endif  // TARE_TOKENIZER_TOKENIZER_DATA_H_
