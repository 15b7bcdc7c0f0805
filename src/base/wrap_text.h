#ifndef TARE_BASE_WRAP_TEXT_H_
#define TARE_BASE_WRAP_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tare {

inline constexpr size_t kTextColumns = 100;  // of what people read, unless a terminal has fewer

// Columns on a terminal: every code point of our texts is one wide.
size_t TextWidth(std::string_view text);

// What becomes of a word that is longer than a line.
enum class LongWord {
  kKeep,  // it stands out: a path stays whole
  kCut,
};

// The lines of a text, broken at spaces to be at most `columns` wide; at least one line.
std::vector<std::string> WrapLines(std::string_view text, size_t columns, LongWord long_word);

// The same as one text without a newline at its end. Blanks before the first word are kept; later
// lines begin with `indent` blanks. Long words are kept.
std::string WrapText(std::string_view text, size_t columns, size_t indent);

}  // namespace tare

#endif  // TARE_BASE_WRAP_TEXT_H_
