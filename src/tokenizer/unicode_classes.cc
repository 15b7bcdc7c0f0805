#include "tokenizer/unicode_classes.h"

#include <algorithm>

namespace tare {

void CharClassifier::FindRange(char32_t code_point) {
  const auto after = std::upper_bound(
      kClassRanges.begin(), kClassRanges.end(), code_point,
      [](char32_t value, uint32_t range) { return value < static_cast<char32_t>(range >> 5); });
  const uint32_t range = *(after - 1);  // the first range begins at 0
  first_ = range >> 5;
  last_ = after == kClassRanges.end() ? 0x10FFFF : (*after >> 5) - 1;
  class_ = static_cast<CharClass>(range & 31);
}

}  // namespace tare
