#ifndef TARE_JINJA_LEXER_H_
#define TARE_JINJA_LEXER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "jinja/text.h"

namespace tare::jinja {

struct Token {
  enum class Kind {
    kText,  // outside of {{ }}, {% %} and {# #}
    kOutputBegin,
    kOutputEnd,
    kBlockBegin,
    kBlockEnd,
    kName,
    kString,
    kInteger,
    kFloat,
    kOperator,
    kEnd,
  };
  Kind kind = Kind::kEnd;
  int line = 0;
  Text text = {};         // of kText and kString
  std::string word = {};  // of kName and kOperator
  int64_t integer = 0;
  double number = 0;
};

// The tokens of a template, kEnd last, as Jinja cuts them with trim_blocks and lstrip_blocks: a
// line end after a block and spaces before it on its line are not text, nor is one line end at the
// end of the template.
//   Errors  InvalidInput, with the line, for what is not Jinja; Unsupported for an integer beyond
//   64
//           bits and \N{…}.
Result<std::vector<Token>> Tokenize(std::string_view source);

}  // namespace tare::jinja

#endif  // TARE_JINJA_LEXER_H_
