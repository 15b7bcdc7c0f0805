#ifndef TARE_TOKENIZER_PIECE_SPLITTER_H_
#define TARE_TOKENIZER_PIECE_SPLITTER_H_

#include <cstddef>
#include <string_view>

#include "tare/tokenizer.h"
#include "tokenizer/unicode_classes.h"

namespace tare {

// Cuts text into pieces, which are the leftmost matches of a pattern, in one pass without
// backtracking. All pieces together are the text.
//   kGpt2     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//   kSmolLm   each numeric character is a piece, and the text between two is split as a text of its
//             own: spaces before a digit stay together.
//   kLlama3   (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|
//              ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+     (on one line)
//   kWhole    the text is one piece.
//   Bytes that are not valid UTF-8 are pieces of one byte, and cut the text likewise.
class PieceSplitter {
 public:
  PieceSplitter(PreTokenizer pre_tokenizer, std::string_view text)
      : pre_tokenizer_(pre_tokenizer), text_(text) {}

  // The next piece; empty at the end.
  std::string_view Next();

 private:
  enum class Kind { kOther, kLetter, kNumber, kSpace, kAlone, kEnd };
  struct Char {
    Kind kind;
    size_t size;
  };

  Char At(size_t position);
  size_t Gpt2End();
  size_t Llama3End();
  // The first position from `position` whose character is not of `kind`.
  size_t RunEnd(size_t position, Kind kind);
  size_t SpacesEnd(size_t begin);
  // The same if line ends take the spaces before them: `\s*[\r\n]+|\s+(?!\S)|\s+`.
  size_t SpacesAndLinesEnd(size_t begin);
  size_t LineEndsEnd(size_t position) const;
  bool IsLineEnd(size_t position) const;
  size_t WholeEnd() const;
  size_t ContractionSize() const;
  size_t FoldedContractionSize() const;

  const PreTokenizer pre_tokenizer_;
  const std::string_view text_;
  size_t position_ = 0;
  CharClassifier classify_;
};

}  // namespace tare

#endif  // TARE_TOKENIZER_PIECE_SPLITTER_H_
