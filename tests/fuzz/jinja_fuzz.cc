// Any bytes are a template that renders within its bounds, or an error that is short; the text of
// the caller keeps its mark.

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/check.h"
#include "jinja/template.h"

namespace tare::jinja {
namespace {

const Variables& FuzzVariables() {
  static const Variables kVariables = {
      {"messages",
       {{{"role", "user"}, {"content", "\u00e9\U0001f600 a,b"}},
        {{"role", "assistant"}, {"content", nullptr}, {"tool_calls", {{{"name", "f"}}}}}}},
      {"tools", {{{"name", "f"}, {"parameters", {{"x", 1.5}, {"y", true}}}}}},
      {"add_generation_prompt", true},
      {"bos_token", "<s>", false},
  };
  return kVariables;
}

void CheckTemplate(std::string_view source) {
  const auto parsed = Template::Parse(source);
  if (!parsed.ok()) {
    TARE_CHECK(parsed.error().message().size() < 10'000 + source.size());
    return;
  }
  const auto text =
      parsed->Render(FuzzVariables(), [](std::string_view, std::string_view) { return true; }, {});
  if (!text.ok()) return;
  for (const char32_t c : *text) {
    if (CodePoint(c) == U'\U0001f600' && source.find("\xF0") == source.npos &&
        source.find('\\') == source.npos) {
      TARE_CHECK((c & kInput) != 0);
    }
  }
}

}  // namespace
}  // namespace tare::jinja

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  tare::jinja::CheckTemplate({reinterpret_cast<const char*>(data), size});
  return 0;
}
