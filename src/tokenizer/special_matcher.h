#ifndef TARE_TOKENIZER_SPECIAL_MATCHER_H_
#define TARE_TOKENIZER_SPECIAL_MATCHER_H_

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tare/tokenizer.h"
#include "tokenizer/token_table.h"

namespace tare {

// Which special tokens a matcher finds.
enum class SpecialSort { kControl, kUserDefined };

// Finds the tokens of one sort in a text: the leftmost match, and the longest at that position. The
// table must outlive the matcher.
class SpecialMatcher {
 public:
  struct Match {
    size_t begin = 0;
    size_t size = 0;
    int32_t id = -1;
  };

  SpecialMatcher() = default;
  SpecialMatcher(const TokenTable& table, SpecialSort sort);

  bool empty() const { return ids_.empty(); }

  // The first match at or after `begin`.
  std::optional<Match> Find(std::string_view text, size_t begin) const;

  // The first match at or after `begin` that has nothing in `plain`, which is in order.
  std::optional<Match> FindOutside(std::span<const TextRange> plain, std::string_view text,
                                   size_t begin) const;

  // The token with exactly this text.
  std::optional<int32_t> FindExact(std::string_view text) const;

  size_t heap_bytes() const { return ids_.capacity() * sizeof(int32_t); }

 private:
  // The longest token that `text` begins with.
  Match LongestPrefix(std::string_view text) const;

  const TokenTable* table_ = nullptr;
  std::vector<int32_t> ids_;  // by text, so that tokens with a common prefix are neighbours
  std::bitset<256> first_bytes_;
};

}  // namespace tare

#endif  // TARE_TOKENIZER_SPECIAL_MATCHER_H_
