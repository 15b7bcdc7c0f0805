#include "jinja/unicode.h"

#include <algorithm>
#include <span>

#include "jinja/unicode_data.h"

namespace tare::jinja {
namespace {

const CaseTexts* FindTexts(char32_t c) {
  const std::span<const CaseTexts> all(kCaseTexts, kCaseTextCount);
  const auto found = std::ranges::lower_bound(all, c, {}, &CaseTexts::code_point);
  return found != all.end() && found->code_point == c ? &*found : nullptr;
}

char32_t MapOne(std::span<const CaseRun> runs, char32_t c) {
  const auto after = std::ranges::upper_bound(runs, c, {}, &CaseRun::first);
  if (after == runs.begin()) return c;
  const CaseRun& run = *std::prev(after);
  if (c > run.last || (c - run.first) % run.step != 0) return c;
  return static_cast<char32_t>(static_cast<int64_t>(c) + run.delta);
}

void Append(std::span<const CaseRun> runs, const char32_t* CaseTexts::*texts, char32_t marked,
            Text& out) {
  const char32_t origin = marked & kInput;
  const char32_t c = CodePoint(marked);
  const CaseTexts* const several = FindTexts(c);
  if (several == nullptr) return out.push_back(MapOne(runs, c) | origin);
  for (const char32_t* next = several->*texts; *next != 0; ++next) out.push_back(*next | origin);
}

// A sigma that ends a word is lower-cased to another letter.
bool IsFinalSigma(TextView text, size_t at) {
  if (CodePoint(text[at]) != 0x3A3 || at == 0 || !IsCased(text[at - 1])) return false;
  return at + 1 == text.size() || !IsCased(text[at + 1]);
}

}  // namespace

void AppendUpper(char32_t c, Text& out) {
  Append({kUpperRuns, kUpperRunCount}, &CaseTexts::upper, c, out);
}
void AppendLower(char32_t c, Text& out) {
  Append({kLowerRuns, kLowerRunCount}, &CaseTexts::lower, c, out);
}
void AppendTitle(char32_t c, Text& out) {
  Append({kTitleRuns, kTitleRunCount}, &CaseTexts::title, c, out);
}

Text Upper(TextView text) {
  Text out;
  for (const char32_t c : text) AppendUpper(c, out);
  return out;
}

Text Lower(TextView text) {
  Text out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsFinalSigma(text, i)) {
      out.push_back(0x3C2 | (text[i] & kInput));
    } else {
      AppendLower(text[i], out);
    }
  }
  return out;
}

bool IsPrintable(char32_t c) {
  const std::span<const CodeRange> all(kUnprintable, kUnprintableCount);
  const auto after = std::ranges::upper_bound(all, c, {}, &CodeRange::first);
  return after == all.begin() || c > std::prev(after)->last;
}

bool IsCased(char32_t marked) {
  const char32_t c = CodePoint(marked);
  return FindTexts(c) != nullptr || MapOne({kUpperRuns, kUpperRunCount}, c) != c ||
         MapOne({kLowerRuns, kLowerRunCount}, c) != c;
}

}  // namespace tare::jinja
