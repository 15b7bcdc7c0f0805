#ifndef TARE_JINJA_UNICODE_H_
#define TARE_JINJA_UNICODE_H_

#include "jinja/text.h"

namespace tare::jinja {

// str.upper(), .lower() and .title() of one character, with the bit kInput kept. Some have several:
// "ß" becomes "SS". The sigma at the end of a word is not told from others.
void AppendUpper(char32_t c, Text& out);
void AppendLower(char32_t c, Text& out);
void AppendTitle(char32_t c, Text& out);

Text Upper(TextView text);
Text Lower(TextView text);

// Whether repr() shows the character as it is. Unassigned code points, which differ from one
// version of Python to the next, count as printable.
bool IsPrintable(char32_t c);

// Whether str.title() and str.capitalize() take it for part of a word: it has case.
bool IsCased(char32_t c);

}  // namespace tare::jinja

#endif  // TARE_JINJA_UNICODE_H_
