#ifndef TARE_TOKENIZER_PIECE_SPLITTER_H_
#define TARE_TOKENIZER_PIECE_SPLITTER_H_

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "tokenizer/split_pattern.h"
#include "tokenizer/unicode_classes.h"

namespace tare {

// Cuts text into pieces: each pattern cuts the pieces that the one before has left. All pieces
// together are the text. Bytes that are not valid UTF-8 are pieces of one byte, and the text
// around them is cut as if it ended and began there. The patterns must outlive the splitter.
class PieceSplitter {
 public:
  PieceSplitter(std::span<const SplitPattern> patterns, std::string_view text)
      : patterns_(patterns), text_(text), rest_(patterns.size()) {}

  // The next piece; empty at the end.
  std::string_view Next();

 private:
  // Takes the valid text at the front of text_, or one byte that is not.
  std::string_view TakeValid();

  const std::span<const SplitPattern> patterns_;
  std::string_view text_;               // what is left of it
  std::vector<std::string_view> rest_;  // what is left of the piece that each pattern cuts
  size_t depth_ = 0;                    // patterns that are at work
  CharClassifier classify_;
};

}  // namespace tare

#endif  // TARE_TOKENIZER_PIECE_SPLITTER_H_
