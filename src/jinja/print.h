#ifndef TARE_JINJA_PRINT_H_
#define TARE_JINJA_PRINT_H_

#include <string>

#include "jinja/value.h"

namespace tare::jinja {

// The value as Python's str() and repr() print it.
// Errors: those of Budget; Unsupported for functions, whose text in Python is an address.
Result<Text> Str(Budget& budget, const Value& value);
Result<Text> Repr(Budget& budget, const Value& value);

// The shortest decimal that reads back as the same number: repr(float).
std::string FloatText(double number);

struct JsonLayout {
  std::optional<Text> indent;  // of a level; none: all in one line
  Text item_separator;
  Text key_separator;
  bool ensure_ascii = false;
  bool sort_keys = false;
};
// json.dumps(). Errors: InvalidInput for a value that JSON has no form for, such as an undefined.
Result<Text> ToJson(Budget& budget, const Value& value, const JsonLayout& layout);

}  // namespace tare::jinja

#endif  // TARE_JINJA_PRINT_H_
