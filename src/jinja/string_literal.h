#ifndef TARE_JINJA_STRING_LITERAL_H_
#define TARE_JINJA_STRING_LITERAL_H_

#include "base/error.h"
#include "jinja/text.h"

namespace tare::jinja {

// What stands between the quotes of a string, with Python's escapes read.
//   Errors  InvalidInput for an escape without its digits, Unsupported for \N{…}.
Result<Text> ReadStringLiteral(TextView code);

}  // namespace tare::jinja

#endif  // TARE_JINJA_STRING_LITERAL_H_
