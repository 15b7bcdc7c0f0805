#ifndef TARE_JINJA_PARSER_H_
#define TARE_JINJA_PARSER_H_

#include <string_view>

#include "jinja/syntax.h"

namespace tare::jinja {

// The statements of a template.
//   Errors  InvalidInput with the line for what is not Jinja, an unknown tag, filter or test, and a
//           template that is too long or nested too deep; Unsupported for tags of Jinja that chat
//           templates have no use for: include, import, extends, block and autoescape.
Result<Body> ParseTemplate(std::string_view source);

}  // namespace tare::jinja

#endif  // TARE_JINJA_PARSER_H_
