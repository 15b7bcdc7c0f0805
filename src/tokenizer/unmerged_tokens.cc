#include "tokenizer/unmerged_tokens.h"

#include <algorithm>
#include <string>

#include "tokenizer/byte_alphabet.h"
#include "tokenizer/byte_pair_merger.h"
#include "tokenizer/hash.h"

namespace tare {

UnmergedTokens::UnmergedTokens(const TokenTable& tokens, const std::array<int32_t, 256>& id_of_byte,
                               const MergeTable& merges) {
  BytePairMerger merger(merges);
  std::vector<int32_t> ids;
  std::string bytes;
  for (int32_t id = 0; id < tokens.size(); ++id) {
    bytes.clear();
    if (tokens.Kind(id) != TokenKind::kNormal && tokens.Kind(id) != TokenKind::kUnused) continue;
    if (!AppendFromAlphabet(tokens.Text(id), bytes)) continue;  // no piece is such a text
    ids.clear();
    for (const char byte : bytes) ids.push_back(id_of_byte[static_cast<uint8_t>(byte)]);
    std::erase(ids, -1);
    merger.MergeTail(ids, 0);
    if (ids.size() != 1 || ids[0] != id) entries_.push_back({HashBytes(bytes), id});
  }
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.hash < b.hash; });
  entries_.shrink_to_fit();
}

std::optional<int32_t> UnmergedTokens::Find(const TokenTable& tokens,
                                            std::string_view piece) const {
  if (entries_.empty()) return std::nullopt;
  const uint64_t hash = HashBytes(piece);
  std::string bytes;
  for (auto entry = std::lower_bound(entries_.begin(), entries_.end(), hash,
                                     [](const Entry&e, uint64_t h) { return e.hash < h; });
       entry != entries_.end() && entry->hash == hash; ++entry) {
    bytes.clear();
    tokens.AppendBytes(entry->id, bytes);
    if (bytes == piece) return entry->id;
  }
  return std::nullopt;
}

}  // namespace tare
