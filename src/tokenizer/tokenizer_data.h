#ifndef TARE_TOKENIZER_TOKENIZER_DATA_H_
#define TARE_TOKENIZER_TOKENIZER_DATA_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "tare/tokenizer.h"
#include "tokenizer/merge_table.h"
#include "tokenizer/special_matcher.h"
#include "tokenizer/token_table.h"
#include "tokenizer/unmerged_tokens.h"

namespace tare {

// All data of a Tokenizer; constant after creation.
struct TokenizerData {
  explicit TokenizerData(TokenTable t) : tokens(std::move(t)) {}
  TokenizerData(const TokenizerData&) = delete;  // the matchers point at `tokens`

  TokenTable tokens;
  MergeTable merges{0};
  size_t merge_count = 0;                 // ranks are below this
  std::array<int32_t, 256> id_of_byte{};  // -1: not in the vocabulary
  SpecialMatcher control_tokens;
  SpecialMatcher user_tokens;
  UnmergedTokens unmerged;  // empty unless merges are ignored
  PreTokenizer pre_tokenizer = PreTokenizer::kGpt2;
  std::optional<int32_t> bos_id;
  std::optional<int32_t> eos_id;
  std::vector<int32_t> end_ids;
  bool adds_bos = false;
  bool ignores_merges = false;
};

}  // namespace tare

#endif  // TARE_TOKENIZER_TOKENIZER_DATA_H_
