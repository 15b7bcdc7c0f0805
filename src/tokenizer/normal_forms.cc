#include "tokenizer/normal_forms.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "base/utf8.h"

namespace tare {
namespace {

constexpr uint32_t kSyllables = 0xAC00, kLeads = 0x1100, kVowels = 0x1161, kTails = 0x11A7;
constexpr uint32_t kLeadCount = 19, kVowelCount = 21, kTailCount = 28;
constexpr size_t kMaxPending = 4096;
constexpr uint32_t kSyllableCount = kLeadCount * kVowelCount * kTailCount;

uint8_t CombiningClass(uint32_t c) {
  const auto after =
      std::upper_bound(kCombiningClasses.begin(), kCombiningClasses.end(), c,
                       [](uint32_t value, uint32_t begin) { return value < begin >> 8; });
  return after == kCombiningClasses.begin() ? 0 : static_cast<uint8_t>(*(after - 1));
}

void Decompose(uint32_t c, std::vector<uint32_t>& out) {
  if (c >= kSyllables && c < kSyllables + kSyllableCount) {
    const uint32_t i = c - kSyllables;
    out.push_back(kLeads + i / (kVowelCount * kTailCount));
    out.push_back(kVowels + i % (kVowelCount * kTailCount) / kTailCount);
    if (i % kTailCount != 0) out.push_back(kTails + i % kTailCount);
    return;
  }
  const auto found = std::lower_bound(
      kDecompositions.begin(), kDecompositions.end(), c,
      [](const Decomposition& row, uint32_t value) { return row.composed < value; });
  if (found == kDecompositions.end() || found->composed != c) return out.push_back(c);
  Decompose(found->first, out);  // a few levels deep
  if (found->second != 0) Decompose(found->second, out);
}

// The character that two make; 0 if they make none.
uint32_t Compose(uint32_t first, uint32_t second) {
  if (first >= kLeads && first < kLeads + kLeadCount && second >= kVowels &&
      second < kVowels + kVowelCount) {
    return kSyllables + ((first - kLeads) * kVowelCount + second - kVowels) * kTailCount;
  }
  const bool is_open = first >= kSyllables && first < kSyllables + kSyllableCount &&
                       (first - kSyllables) % kTailCount == 0;
  if (is_open && second > kTails && second < kTails + kTailCount) return first + second - kTails;
  const auto found =
      std::lower_bound(kCompositions.begin(), kCompositions.end(), std::tuple(first, second),
                       [](const Composition& row, const auto& key) {
                         return std::tuple(row.first, row.second) < key;
                       });
  const bool is_found =
      found != kCompositions.end() && found->first == first && found->second == second;
  return is_found ? found->composed : 0;
}

// Sorts each run of marks by combining class.
void Order(std::vector<uint32_t>& chars) {
  for (auto begin = chars.begin(); begin != chars.end();) {
    if (CombiningClass(*begin) == 0) {
      ++begin;
      continue;
    }
    const auto end =
        std::find_if(begin, chars.end(), [](uint32_t c) { return CombiningClass(c) == 0; });
    std::stable_sort(begin, end,
                     [](uint32_t a, uint32_t b) { return CombiningClass(a) < CombiningClass(b); });
    begin = end;
  }
}

// Joins each character with the last one of class 0 before it unless one between blocks it.
void Recompose(std::vector<uint32_t>& chars) {
  size_t size = 0;
  size_t starter = SIZE_MAX;
  uint8_t last_class = 0;
  for (const uint32_t c : chars) {
    const uint8_t combining = CombiningClass(c);
    const bool is_next = starter != SIZE_MAX && starter + 1 == size;
    const bool is_free = starter != SIZE_MAX && (is_next || last_class < combining);
    const uint32_t joined = is_free ? Compose(chars[starter], c) : 0;
    if (joined != 0) {
      chars[starter] = joined;
      continue;
    }
    if (combining == 0) starter = size;
    last_class = combining;
    chars[size++] = c;
  }
  chars.resize(size);
}

void AppendUtf8(uint32_t c, std::string& out) {
  const auto tail = [&](int shift) {
    out.push_back(static_cast<char>(0x80 | (c >> shift & 0x3F)));
  };
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0 | c >> 6));
    tail(0);
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | c >> 12));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xF0 | c >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

void AppendNfc(std::vector<uint32_t>& chars, std::string& out) {
  Order(chars);
  Recompose(chars);
  for (const uint32_t c : chars) AppendUtf8(c, out);
  chars.clear();
}

}  // namespace

bool IsPlainNfc(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<uint8_t>(c) < 0xCC; });
}

std::string ToNfc(std::string_view text) {
  std::string out;
  std::vector<uint32_t> chars;
  while (!text.empty()) {
    const Utf8Char c = DecodeUtf8(text);
    // No mark joins with what is before an ASCII character, so memory stays small.
    if (c.code_point < 0x80 && chars.size() >= kMaxPending) AppendNfc(chars, out);
    if (c.status == Utf8Status::kValid) {
      Decompose(c.code_point, chars);
    } else {
      AppendNfc(chars, out);
      out.append(text.substr(0, c.size));
    }
    text.remove_prefix(c.size);
  }
  AppendNfc(chars, out);
  return out;
}

}  // namespace tare
