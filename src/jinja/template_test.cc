#include "jinja/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/testing/fails_with.h"
#include "base/testing/test_paths.h"

namespace tare::jinja {
namespace {

using Json = nlohmann::ordered_json;

// Friday 26 July 2024, 9:05:03, the clock of the goldens.
std::tm GoldenTime() {
  std::tm now = {};
  now.tm_year = 124;
  now.tm_mon = 6;
  now.tm_mday = 26;
  now.tm_wday = 5;
  now.tm_yday = 207;
  now.tm_hour = 9;
  now.tm_min = 5;
  now.tm_sec = 3;
  return now;
}

Variables VariablesOf(const Json& json) {
  Variables variables;
  for (const auto& [name, value] : json.items()) variables.push_back({name, value});
  return variables;
}

Result<Text> RenderText(const std::string& source, const Json& variables = Json::object()) {
  const Result<Template> parsed = Template::Parse(source);
  if (!parsed.ok()) return parsed.error();
  return parsed->Render(
      VariablesOf(variables), [](auto, auto) { return true; }, GoldenTime());
}

Result<std::string> Render(const std::string& source, const Json& variables = Json::object()) {
  const Result<Text> text = RenderText(source, variables);
  if (!text.ok()) return text.error();
  return ToUtf8(*text);
}

// What Jinja2 makes of each template, set up by Transformers (tests/golden/make_jinja.py).
TEST(Jinja, TextsAndRefusalsAreThoseOfTheReference) {
  std::ifstream file(SourceFile("tests/golden/jinja.json"));
  const Json golden = Json::parse(file);
  ASSERT_GT(golden.at("cases").size(), 350u);
  for (const Json& c : golden.at("cases")) {
    const auto source = c[0].get<std::string>();
    const Result<std::string> text = Render(source, golden.at("variables"));
    if (c[1].is_null()) {
      EXPECT_FALSE(text.ok()) << source << "\ngives " << *text;
      if (text.ok()) continue;
      EXPECT_EQ(text.error().message().find("line "), 0u) << source;
    } else {
      EXPECT_TRUE(text.ok()) << source << "\n" << text.error().message();
      if (!text.ok()) continue;
      EXPECT_EQ(*text, c[1].get<std::string>()) << source;
    }
  }
}

// Templates in the shapes of those that models ship (tests/golden/make_chat_templates.py).
TEST(Jinja, ConversationsAreThoseOfTheReference) {
  std::ifstream file(SourceFile("tests/golden/chat_templates.json"));
  const Json golden = Json::parse(file);
  ASSERT_GT(golden.at("templates").size(), 28u);
  for (const auto& [name, source] : golden.at("templates").items()) {
    const Json& texts = golden.at("texts").at(name);
    for (size_t i = 0; i < texts.size(); ++i) {
      Json variables = golden.at("conversations")[i];
      variables.update({{"bos_token", "<s>"}, {"eos_token", "</s>"}, {"documents", nullptr}});
      if (!variables.contains("tools")) variables["tools"] = nullptr;
      const Result<std::string> text = Render(source.get<std::string>(), variables);
      EXPECT_EQ(text.ok(), !texts[i].is_null())
          << name << ", conversation " << i << ": " << (text.ok() ? *text : text.error().message());
      if (!text.ok() || texts[i].is_null()) continue;
      EXPECT_EQ(*text, texts[i].get<std::string>()) << name << ", conversation " << i;
    }
  }
}

TEST(Jinja, ErrorsNameTheLineAndWhatIsWrong) {
  const auto refused = [](const char* source, const char* message) {
    EXPECT_THAT(Render(source, {{"m", {{"role", "tool"}}}}),
                FailsWith(ErrorCode::kInvalidInput, message))
        << source;
  };
  refused("a\n{{ m.nope.x }}", "line 2: 'dict object' has no attribute 'nope'");
  refused("{% if true %}\n\n{{ raise_exception('Only ' ~ m.role) }}{% endif %}",
          "line 3: the template refuses the conversation: Only tool");
  refused("\n{{ 1 +\n 'a' }}", "cannot calculate integer + string");
  refused("{{ nope }}{{ nope.x }}", "line 1: 'nope' is undefined");
  refused("\n\n{% for x in m %}", "line 3: the template ends, expected {% endfor %}");
  refused("{{ m|nosuch }}", "line 1: there is no filter named 'nosuch'");
  refused("{% nosuch %}", "\"nosuch\" is no statement here");
}

TEST(Jinja, RefusesByNameWhatIsNotSupported) {
  const auto refused = [](const char* source, const char* message) {
    EXPECT_THAT(Render(source), FailsWith(ErrorCode::kUnsupported, message)) << source;
  };
  refused("{% block x %}{% endblock %}", "the statement \"block\" is not supported");
  refused("{{ [1]|groupby('a') }}", "\"groupby\" of Jinja or Python is not supported");
  refused("{{ 'a'.zfill(3) }}", "\"zfill\" of Jinja or Python is not supported");
  refused("{{ 9223372036854775807 + 1 }}", "larger than 64 bits");
  refused("{{ 'é'.isalpha() }}", "beyond ASCII");
  refused("{{ range }}", "Python prints its address");
}

// A template that would take for ever, or all memory. Each would pass without its limit.
TEST(Jinja, CostIsBounded) {
  const auto stopped = [](const std::string& source, const char* message) {
    EXPECT_THAT(Render(source), FailsWith(ErrorCode::kInvalidInput, message));
  };
  const char* const memory = "more than 64 MiB of memory";
  stopped("{{ 'x' * 1000000000 }}", memory);
  stopped("{{ [0] * 1000000000 }}", memory);
  stopped("{{ ('x' * 1000000).replace('x', 'y' * 1000000) }}", memory);
  stopped("{{ ('x,' * 1000000).split(',') }}", memory);
  stopped("{{ ''|center(900000000) }}", memory);
  stopped("{{ 'a'|indent(2000000000) }}", memory);
  stopped("{% set b = 'x' * 4000000 %}{% for i in range(9) %}{{ b }}{% endfor %}", memory);
  const std::string loop = "{% for a in range(100000) %}";
  stopped(loop + loop + "{% endfor %}{% endfor %}", "runs for too long");
  stopped(loop + "{{ 'ab' in 'x' * 100000 }}{% endfor %}", "runs for too long");
  stopped(loop + "{{ range(100000)|list|length }}{% endfor %}", "runs for too long");
  stopped("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "calls itself too deep");
  stopped("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "calls itself too deep");
  stopped("{{ range(100001) }}", "expected at most 100000");
  stopped("{{ " + std::string(100'000, '(') + "1" + std::string(100'000, ')') + " }}", "deep");
  stopped("{{ " + std::string(100'000, '[') + "1" + std::string(100'000, ']') + " }}", "deep");
  stopped("{{ " + std::string(100'000, '-') + "1 }}", "deep");
  std::string sum = "{{ 1";
  for (int i = 0; i < 1000; ++i) sum += " + 1";
  stopped(sum + " }}", "more than 500 deep");
  std::string ifs;
  for (int i = 0; i < 1000; ++i) ifs += "{% if true %}";
  stopped(ifs, "statements lie more than 60 deep");
  stopped(std::string((1 << 20) + 1, 'x'), "expected at most 1048576");
  stopped("{% set n = namespace(x=[]) %}{% for i in range(200) %}{% set n.x = [n.x] %}{% endfor %}",
          "more than 100 deep");
  stopped("{% set n = namespace() %}{% set n.x = n %}{{ n }}", "too deep in others to print");
}

// Values that hold themselves are taken apart in the end; AddressSanitizer sees what leaks.
TEST(Jinja, CirclesDoNotLeak) {
  EXPECT_EQ(*Render("{% set n = namespace() %}{% set n.x = n %}{% set n.y = [n] %}ok"), "ok");
  EXPECT_EQ(*Render("{% macro m() %}{% macro k() %}{{ m }}{% endmacro %}{% endmacro %}{{ m() }}ok"),
            "ok");
  EXPECT_EQ(*Render("{% for x in [1] %}{{ loop.changed(loop) }}{% endfor %}"), "True");
}

TEST(Jinja, EachCharacterKeepsItsOrigin) {
  const auto marks = [](const std::string& source) {
    const Result<Text> text = RenderText(source, {{"x", " Ab,c"}});
    if (!text.ok()) return text.error().message();
    std::string out;
    for (const char32_t c : *text) {
      out += (c & kInput) != 0 ? '^' : static_cast<char>(c);
    }
    return out;
  };
  EXPECT_EQ(marks("<{{ x }}>"), "<^^^^^>");
  EXPECT_EQ(marks("{{ x.strip() ~ '|' ~ x[1:3]|upper }}"), "^^^^|^^");
  EXPECT_EQ(marks("{{ x.split(',')|join('-') }}"), "^^^-^");
  EXPECT_EQ(marks("{{ x.replace('A', 'zz') }}"), "^zz^^^");
  EXPECT_EQ(marks("{{ [x]|tojson }}"), "[\"^^^^^\"]");
  EXPECT_EQ(marks("{{ '%s!' % x }}{{ x * 2 }}"), "^^^^^!^^^^^^^^^^");
  EXPECT_EQ(marks("{% set y %}({{ x }}){% endset %}{{ y|trim('()') }}"), "^^^^^");
}

}  // namespace
}  // namespace tare::jinja
