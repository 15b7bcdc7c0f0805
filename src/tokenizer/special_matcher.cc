#include "tokenizer/special_matcher.h"

#include <algorithm>

namespace tare {

SpecialMatcher::SpecialMatcher(const TokenTable& table, SpecialSort sort) : table_(&table) {
  for (int32_t id = 0; id < table.size(); ++id) {
    const bool found = sort == SpecialSort::kControl ? table.IsControl(id)
                                                     : table.Kind(id) == TokenKind::kUserDefined;
    if (!found) continue;
    ids_.push_back(id);
    first_bytes_.set(static_cast<uint8_t>(table.Text(id)[0]));
  }
  std::sort(ids_.begin(), ids_.end(),
            [&](int32_t a, int32_t b) { return table.Text(a) < table.Text(b); });
}

std::optional<SpecialMatcher::Match> SpecialMatcher::Find(std::string_view text,
                                                          size_t begin) const {
  if (empty()) return std::nullopt;
  for (; begin < text.size(); ++begin) {
    if (!first_bytes_[static_cast<uint8_t>(text[begin])]) continue;
    Match match = LongestPrefix(text.substr(begin));
    if (match.size == 0) continue;
    match.begin = begin;
    return match;
  }
  return std::nullopt;
}

std::optional<SpecialMatcher::Match> SpecialMatcher::FindOutside(std::span<const TextRange> plain,
                                                                 std::string_view text,
                                                                 size_t begin) const {
  const auto is_after = [](size_t at, const TextRange& range) { return at < range.end; };
  auto next = std::upper_bound(plain.begin(), plain.end(), begin, is_after);
  for (; next != plain.end(); ++next) {
    if (const auto match = Find(text.substr(0, next->begin), begin)) return match;
    begin = next->end;
  }
  return Find(text, begin);
}

std::optional<int32_t> SpecialMatcher::FindExact(std::string_view text) const {
  const auto found =
      std::lower_bound(ids_.begin(), ids_.end(), text,
                       [&](int32_t id, std::string_view t) { return table_->Text(id) < t; });
  if (found == ids_.end() || table_->Text(*found) != text) return std::nullopt;
  return *found;
}

// Narrows the sorted ids one byte at a time, as a walk down a trie would.
SpecialMatcher::Match SpecialMatcher::LongestPrefix(std::string_view text) const {
  struct ByteAt {
    const TokenTable* table;
    size_t depth;
    int operator()(int32_t id) const {
      const std::string_view t = table->Text(id);
      return depth < t.size() ? static_cast<uint8_t>(t[depth]) : -1;
    }
  };
  Match longest;
  auto low = ids_.begin();
  auto high = ids_.end();
  for (size_t depth = 0; depth < text.size(); ++depth) {
    const ByteAt byte_at{table_, depth};
    const int byte = static_cast<uint8_t>(text[depth]);
    low = std::lower_bound(low, high, byte, [&](int32_t id, int b) { return byte_at(id) < b; });
    high = std::upper_bound(low, high, byte, [&](int b, int32_t id) { return b < byte_at(id); });
    if (low == high) break;
    if (table_->Text(*low).size() == depth + 1) longest = {0, depth + 1, *low};
  }
  return longest;
}

}  // namespace tare
