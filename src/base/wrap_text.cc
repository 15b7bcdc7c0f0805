#include "base/wrap_text.h"

#include <algorithm>
#include <utility>

namespace tare {
namespace {

bool BeginsCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// Cuts the first `columns` columns off.
std::string_view TakeColumns(size_t columns, std::string_view& text) {
  size_t end = 0;
  size_t taken = 0;
  for (; end < text.size(); ++end) {
    if (BeginsCodePoint(text[end]) && taken++ == columns) break;
  }
  const std::string_view head = text.substr(0, end);
  text.remove_prefix(end);
  return head;
}

// Fills lines word by word.
class LineFiller {
 public:
  LineFiller(size_t columns, LongWord long_word)
      : columns_(std::max<size_t>(columns, 1)), long_word_(long_word) {}

  void Add(std::string_view word) {
    if (!line_.empty() && TextWidth(line_) + 1 + TextWidth(word) > columns_) End();
    if (!line_.empty()) line_ += ' ';
    while (long_word_ == LongWord::kCut && TextWidth(word) > columns_) {
      line_ = TakeColumns(columns_, word);
      End();
    }
    line_ += word;
  }
  void End() {
    lines_.push_back(line_);
    line_.clear();
  }
  std::vector<std::string> Take() { return std::move(lines_); }

 private:
  const size_t columns_;
  const LongWord long_word_;
  std::string line_;
  std::vector<std::string> lines_;
};

}  // namespace

size_t TextWidth(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, BeginsCodePoint));
}

std::vector<std::string> WrapLines(std::string_view text, size_t columns, LongWord long_word) {
  LineFiller filler(columns, long_word);
  while (true) {
    const size_t newline = text.find('\n');
    std::string_view line = text.substr(0, newline);
    while (!line.empty()) {
      const size_t space = line.find(' ');
      if (space != 0) filler.Add(line.substr(0, space));
      line.remove_prefix(space == line.npos ? line.size() : space + 1);
    }
    filler.End();
    if (newline == text.npos) return filler.Take();
    text.remove_prefix(newline + 1);
  }
}

std::string WrapText(std::string_view text, size_t columns, size_t indent) {
  if (TextWidth(text) <= columns && text.find('\n') == text.npos) return std::string(text);
  // All lines are filled as if they began where the later ones do.
  const size_t blanks = std::min(text.find_first_not_of(' '), text.size());
  const std::vector<std::string> lines = WrapLines(
      text.substr(blanks), columns - std::min(columns, std::max(indent, blanks)), LongWord::kKeep);
  std::string wrapped(blanks, ' ');
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) wrapped += '\n' + std::string(indent, ' ');
    wrapped += lines[i];
  }
  return wrapped;
}

}  // namespace tare
