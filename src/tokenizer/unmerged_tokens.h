#ifndef TARE_TOKENIZER_UNMERGED_TOKENS_H_
#define TARE_TOKENIZER_UNMERGED_TOKENS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tokenizer/merge_table.h"
#include "tokenizer/token_table.h"

namespace tare {

// The normal tokens that merging their own bytes does not give. If a piece that is itself a token
// skips the merges ("ignore_merges"), only these few need a look-up: merging finds all others.
class UnmergedTokens {
 public:
  UnmergedTokens() = default;
  UnmergedTokens(const TokenTable& tokens, const std::array<int32_t, 256>& id_of_byte,
                 const MergeTable& merges);

  // The token with exactly these bytes. `tokens` is the one given to the constructor.
  std::optional<int32_t> Find(const TokenTable& tokens, std::string_view piece) const;

  size_t heap_bytes() const { return entries_.capacity() * sizeof(Entry); }

 private:
  struct Entry {
    uint64_t hash;
    int32_t id;
  };
  std::vector<Entry> entries_;  // by hash
};

}  // namespace tare

#endif  // TARE_TOKENIZER_UNMERGED_TOKENS_H_
