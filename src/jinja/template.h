#ifndef TARE_JINJA_TEMPLATE_H_
#define TARE_JINJA_TEMPLATE_H_

#include <ctime>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "jinja/syntax.h"
#include "jinja/text.h"

namespace tare::jinja {

// What a template is given by a name.
struct Variable {
  std::string name;
  nlohmann::ordered_json value;
  bool is_input = true;  // false: its strings count as the template's own
};
using Variables = std::vector<Variable>;

// Whether a string of the variables counts as the caller's, not the template's own. key: the key
// of a mapping under which it lies; empty for others and for keys themselves.
using IsInput = std::function<bool(std::string_view key, std::string_view text)>;

// A Jinja template, as the reference library runs it with Transformers' settings for chat
// templates (docs/chat_templates.md says what is supported). Templates come from strangers: time
// and memory are bounded (budget.h). Immutable; any number of threads may render.
class Template {
 public:
  // Errors: InvalidInput for what is not Jinja, Unsupported for what Tare has not, with the line.
  static Result<Template> Parse(std::string_view source);

  // The text, with the origin of each character.
  //   now      the time for strftime_now.
  //   Errors   InvalidInput with the line: an error of the template, what it says with
  //            raise_exception, more cost than is allowed; Unsupported.
  Result<Text> Render(const Variables& variables, const IsInput& is_input,
                      const std::tm& now) const;

 private:
  explicit Template(Body body) : body_(std::move(body)) {}

  Body body_;
};

}  // namespace tare::jinja

#endif  // TARE_JINJA_TEMPLATE_H_
