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

// The normal tokens that merging their own bytes does not make. Where a piece that is a token
// becomes that token ("ignore_merges"), only these few need to be looked for: merging finds all
// others by itself.
class UnmergedTokens {
 public:
  UnmergedTokens() = default;
  UnmergedTokens(const TokenTable& tokens, const std::array<int32_t, 256>& id_of_byte,
                 const MergeTable& merges);

  // The token that stands for exactly these bytes. `tokens` is the constructor's.
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
