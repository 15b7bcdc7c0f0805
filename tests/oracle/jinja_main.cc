// Renders templates for tests/oracle/chat_template_oracle.py. Each line of standard input is a JSON
// object {"template", "variables"}; each line of standard output is {"text"} or {"error"}.

#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "jinja/template.h"

namespace {

using Json = nlohmann::ordered_json;

tare::Result<tare::jinja::Text> Render(const Json& request) {
  tare::jinja::Variables variables;
  for (const auto& [name, value] : request.at("variables").items()) {
    variables.push_back({name, value});
  }
  const auto parsed =
      tare::jinja::Template::Parse(request.at("template").get_ref<const std::string&>());
  if (!parsed.ok()) return parsed.error();
  return parsed->Render(variables, [](auto, auto) { return true; }, {});
}

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto text = Render(Json::parse(line));
    const Json answer = text.ok() ? Json{{"text", tare::jinja::ToUtf8(*text)}}
                                  : Json{{"error", text.error().message()}};
    std::cout << answer.dump(-1, ' ', true, Json::error_handler_t::replace) << std::endl;
  }
  return 0;
}
