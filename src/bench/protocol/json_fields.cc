#include "bench/protocol/json_fields.h"

#include <algorithm>
#include <cmath>

#include "bench/protocol/protocol.h"

namespace tare {
namespace {

using nlohmann::json;

// Counts before parsing, because parsing a deeply nested value is itself dangerous.
bool NestsDeeperThan(std::string_view text, size_t max_depth) {
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > max_depth) return true;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return false;
}

Error WrongField(std::string_view where, std::string_view name, std::string_view expected,
                 const json& got) {
  std::string shown = got.dump(-1, ' ', true, json::error_handler_t::replace);
  if (shown.size() > 60) shown = shown.substr(0, 60) + "…";
  return InvalidInput("{}: field \"{}\" must be {}, got {}", where, name, expected, shown);
}

}  // namespace

Result<json> ParseJsonObject(std::string_view text, size_t max_depth) {
  if (NestsDeeperThan(text, max_depth)) {
    return InvalidInput("JSON nests deeper than {} levels", max_depth);
  }
  json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) {
    return InvalidInput("not a JSON text: \"{}\"", text.substr(0, 60));
  }
  if (!parsed.is_object())
    return InvalidInput("expected a JSON object, got {}", parsed.type_name());
  return parsed;
}

bool JsonFields::Has(std::string_view name) const { return object_.contains(name); }

const json* JsonFields::Value(std::string_view name) const {
  const auto it = object_.find(name);
  return it == object_.end() ? nullptr : &*it;
}

Result<const json*> JsonFields::Find(std::string_view name) const {
  const json* field = Value(name);
  if (field == nullptr) return InvalidInput("{}: field \"{}\" is missing", where_, name);
  return field;
}

Result<uint64_t> JsonFields::Count(std::string_view name, uint64_t max) const {
  TARE_ASSIGN_OR_RETURN(const json* field, Find(name));
  if (!field->is_number_unsigned() || field->get<uint64_t>() > max) {
    return WrongField(where_, name, fmt::format("a whole number in [0, {}]", max), *field);
  }
  return field->get<uint64_t>();
}

bool JsonFields::HasValue(std::string_view name) const {
  const auto it = object_.find(name);
  return it != object_.end() && !it->is_null();
}

Result<std::optional<uint64_t>> JsonFields::OptionalCount(std::string_view name,
                                                          uint64_t max) const {
  if (!HasValue(name)) return std::optional<uint64_t>();
  TARE_ASSIGN_OR_RETURN(const uint64_t count, Count(name, max));
  return std::optional<uint64_t>(count);
}

Result<bool> JsonFields::Flag(std::string_view name) const {
  TARE_ASSIGN_OR_RETURN(const json* field, Find(name));
  if (!field->is_boolean()) return WrongField(where_, name, "true or false", *field);
  return field->get<bool>();
}

Result<double> JsonFields::Number(std::string_view name) const {
  TARE_ASSIGN_OR_RETURN(const json* field, Find(name));
  if (!field->is_number() || !std::isfinite(field->get<double>())) {
    return WrongField(where_, name, "a number", *field);
  }
  return field->get<double>();
}

Result<std::vector<double>> JsonFields::Numbers(std::string_view name) const {
  TARE_ASSIGN_OR_RETURN(const json* field, Find(name));
  const auto is_number = [](const json& item) { return item.is_number(); };
  if (!field->is_array() || !std::all_of(field->begin(), field->end(), is_number)) {
    return WrongField(where_, name, "a list of numbers", *field);
  }
  return field->get<std::vector<double>>();
}

Result<std::string> JsonFields::Text(std::string_view name, size_t max_bytes) const {
  TARE_ASSIGN_OR_RETURN(const json* field, Find(name));
  if (!field->is_string() || field->get_ref<const std::string&>().size() > max_bytes) {
    return WrongField(where_, name, fmt::format("a text of at most {} bytes", max_bytes), *field);
  }
  return field->get<std::string>();
}

Result<std::vector<uint64_t>> JsonFields::Counts(std::string_view name, size_t max_items,
                                                 uint64_t max_value) const {
  TARE_ASSIGN_OR_RETURN(const json* field, Find(name));
  if (!field->is_array() || field->size() > max_items) {
    return WrongField(where_, name, fmt::format("a list of at most {} numbers", max_items), *field);
  }
  std::vector<uint64_t> values;
  values.reserve(field->size());
  for (const json& item : *field) {
    if (!item.is_number_unsigned() || item.get<uint64_t>() > max_value) {
      return WrongField(where_, name, fmt::format("whole numbers in [0, {}]", max_value), item);
    }
    values.push_back(item.get<uint64_t>());
  }
  return values;
}

Result<std::vector<uint32_t>> JsonFields::TokenIds(std::string_view name) const {
  TARE_ASSIGN_OR_RETURN(const std::vector<uint64_t> wide, Counts(name, kMaxTokens, kMaxTokenId));
  return std::vector<uint32_t>(wide.begin(), wide.end());
}

Result<std::vector<std::string>> JsonFields::Texts(std::string_view name, size_t max_items,
                                                   size_t max_bytes) const {
  TARE_ASSIGN_OR_RETURN(const json* field, Find(name));
  if (!field->is_array() || field->size() > max_items) {
    return WrongField(where_, name, fmt::format("a list of at most {} texts", max_items), *field);
  }
  std::vector<std::string> texts;
  for (const json& item : *field) {
    if (!item.is_string() || item.get_ref<const std::string&>().size() > max_bytes) {
      return WrongField(where_, name, fmt::format("texts of at most {} bytes", max_bytes), item);
    }
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

Result<std::map<std::string, std::string>> JsonFields::TextMap(std::string_view name,
                                                               size_t max_items,
                                                               size_t max_bytes) const {
  TARE_ASSIGN_OR_RETURN(const json* field, Find(name));
  if (!field->is_object() || field->size() > max_items) {
    return WrongField(where_, name, fmt::format("an object of at most {} texts", max_items),
                      *field);
  }
  std::map<std::string, std::string> values;
  const JsonFields inner(*field, fmt::format("{}.{}", where_, name));
  for (const auto& [key, unused] : field->items()) {
    TARE_ASSIGN_OR_RETURN(values[key], inner.Text(key, max_bytes));
  }
  return values;
}

Result<std::vector<JsonFields>> JsonFields::Objects(std::string_view name, size_t max_items) const {
  TARE_ASSIGN_OR_RETURN(const json* field, Find(name));
  if (!field->is_array() || field->size() > max_items) {
    return WrongField(where_, name, fmt::format("a list of at most {} objects", max_items), *field);
  }
  std::vector<JsonFields> objects;
  for (const json& item : *field) {
    if (!item.is_object()) return WrongField(where_, name, "a list of objects", item);
    objects.emplace_back(item, fmt::format("{}.{}[{}]", where_, name, objects.size()));
  }
  return objects;
}

Result<JsonFields> JsonFields::Object(std::string_view name) const {
  TARE_ASSIGN_OR_RETURN(const json* field, Find(name));
  if (!field->is_object()) return WrongField(where_, name, "an object", *field);
  return JsonFields(*field, fmt::format("{}.{}", where_, name));
}

Result<std::map<std::string, JsonFields>> JsonFields::ObjectMap(std::string_view name,
                                                                size_t max_items) const {
  TARE_ASSIGN_OR_RETURN(const json* field, Find(name));
  if (!field->is_object() || field->size() > max_items) {
    return WrongField(where_, name, fmt::format("at most {} objects by name", max_items), *field);
  }
  std::map<std::string, JsonFields> members;
  for (const auto& [key, member] : field->items()) {
    if (!member.is_object()) return WrongField(where_, name, "objects by name", member);
    members.emplace(key, JsonFields(member, fmt::format("{}.{}.{}", where_, name, key)));
  }
  return members;
}

}  // namespace tare
