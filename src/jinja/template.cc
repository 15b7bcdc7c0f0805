#include "jinja/template.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "jinja/interpreter.h"
#include "jinja/parser.h"

namespace tare::jinja {
namespace {

using Json = nlohmann::ordered_json;

class JsonReader {
 public:
  JsonReader(Budget& budget, const IsInput& is_input) : budget_(budget), is_input_(is_input) {}

  Result<Value> Read(const Json& json, std::string_view key, int depth = 0) const {
    if (depth > kMaxValueDepth) {
      return InvalidInput("is more than {} levels deep", kMaxValueDepth);
    }
    if (json.is_null()) return Value();
    if (json.is_boolean()) return Value(json.get<bool>());
    if (json.is_number_float()) return Value(json.get<double>());
    if (json.is_number()) return ReadInteger(json);
    if (json.is_string()) return ReadString(json.get_ref<const std::string&>(), key);
    if (json.is_object()) return ReadObject(json, depth);
    Values items;
    for (const Json& element : json) {
      TARE_ASSIGN_OR_RETURN(Value item, Read(element, key, depth + 1));
      items.push_back(std::move(item));
    }
    return MakeList(budget_, std::move(items));
  }

 private:
  static Result<Value> ReadInteger(const Json& json) {
    if (!json.is_number_unsigned() || json.get<uint64_t>() <= std::numeric_limits<int64_t>::max()) {
      return Value(json.get<int64_t>());
    }
    return Unsupported("an integer is larger than 64 bits");
  }

  Result<Value> ReadString(const std::string& text, std::string_view key) const {
    return MakeString(budget_, FromUtf8(text, is_input_(key, text)));
  }

  Result<Value> ReadObject(const Json& json, int depth) const {
    Pairs pairs;
    for (const auto& [name, element] : json.items()) {
      TARE_ASSIGN_OR_RETURN(Value key, ReadString(name, ""));
      TARE_ASSIGN_OR_RETURN(Value value, Read(element, name, depth + 1));
      pairs.emplace_back(std::move(key), std::move(value));
    }
    return MakeDict(budget_, std::move(pairs));
  }

  Budget& budget_;
  const IsInput& is_input_;
};

}  // namespace

Result<Template> Template::Parse(std::string_view source) {
  TARE_ASSIGN_OR_RETURN(Body body, ParseTemplate(source));
  return Template(std::move(body));
}

Result<Text> Template::Render(const Variables& variables, const IsInput& is_input,
                              const std::tm& now) const {
  Budget budget;
  Runtime runtime{budget, now};
  const IsInput is_never_input = [](std::string_view, std::string_view) { return false; };
  std::vector<std::pair<std::string, Value>> values;
  for (const auto& [name, json, can_be_input] : variables) {
    const JsonReader reader(budget, can_be_input ? is_input : is_never_input);
    Result<Value> value = reader.Read(json, name);
    if (!value.ok()) return value.error().In(name);
    values.emplace_back(name, *std::move(value));
  }
  Interpreter interpreter(runtime, std::move(values));
  return interpreter.Run(body_);
}

}  // namespace tare::jinja
