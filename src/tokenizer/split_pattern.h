#ifndef TARE_TOKENIZER_SPLIT_PATTERN_H_
#define TARE_TOKENIZER_SPLIT_PATTERN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/unicode_classes.h"

namespace tare {

// Whether a character belongs to a bracket expression: by its class, else by its code point.
struct CharTest {
  CharSet classes = 0;
  std::vector<std::pair<char32_t, char32_t>> ranges;  // inclusive, sorted
  bool negated = false;  // only if there are ranges; else the complement is in `classes`

  bool operator()(CharClass c, char32_t code_point) const {
    if (ranges.empty()) return Has(classes, c);
    return (Has(classes, c) || InRanges(code_point)) != negated;
  }
  // The classes of the characters that may pass, at least.
  CharSet Starts() const;

 private:
  bool InRanges(char32_t code_point) const;
};

// A part of an alternative. All of it is matched greedily, and given back if what follows fails.
struct SplitElement {
  enum class Kind : uint8_t {
    kRun,        // `min` to `max` characters that pass the test
    kGroup,      // one of the choices, or nothing if `min` is 0
    kNotBefore,  // the next character does not pass the test: (?!x)
    kEnd,        // nothing follows: $
  };
  Kind kind = Kind::kRun;
  CharTest test = {};
  uint32_t min = 1;
  uint32_t max = 1;
  std::vector<std::vector<SplitElement>> choices = {};
};

// The regular expressions of pre-tokenizers, in a table: alternatives of which the first that
// matches counts, over character classes. Not a general engine: it knows what those patterns use
// (classes, ranges, ? * + {m,n}, a group, (?i:), (?!x), $), and only they are compiled, which take
// linear time in any text.
class SplitPattern {
 public:
  // Fails a check on syntax that it does not know: patterns are constants of the program.
  explicit SplitPattern(std::string_view regex);

  // Removes the first piece of `rest` and returns it: what matches at its front, else what is
  // before the next match. `rest` is not empty and valid UTF-8; its end is the end of the text.
  std::string_view TakePiece(std::string_view& rest, CharClassifier& classify) const;

 private:
  struct Alternative {
    std::vector<SplitElement> elements;
    CharSet starts = 0;            // the classes that a match may begin with
    bool fails_along_run = false;  // if it fails at one character of a run, it fails at the next
  };

  std::vector<Alternative> alternatives_;
  CharSet starts_ = 0;  // of all
};

}  // namespace tare

#endif  // TARE_TOKENIZER_SPLIT_PATTERN_H_
