#include "bench/results/study_words.h"

#include <algorithm>
#include <iterator>

namespace tare {
namespace {

// All characters for which Python's str.isspace() returns true, in UTF-8.
constexpr std::string_view kSpaces[] = {"\t",     "\n",     "\v",     "\f",     "\r",     "\x1c",
                                        "\x1d",   "\x1e",   "\x1f",   " ",      "\u0085", "\u00a0",
                                        "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004",
                                        "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a",
                                        "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};

// Bytes of white space at the start of `text`; 0 if none.
size_t LeadingSpace(std::string_view text) {
  const auto found = std::find_if(std::begin(kSpaces), std::end(kSpaces),
                                  [&](std::string_view space) { return text.starts_with(space); });
  return found == std::end(kSpaces) ? 0 : found->size();
}

}  // namespace

size_t StudyWords(std::string_view text) {
  size_t words = 0;
  bool in_word = false;
  while (!text.empty()) {
    const size_t space = LeadingSpace(text);
    if (space == 0 && !in_word) ++words;
    in_word = space == 0;
    text.remove_prefix(std::max<size_t>(space, 1));
  }
  return words;
}

}  // namespace tare
