#include "format/json/json_file.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/mapped_file.h"
#include "format/quote.h"

namespace tare {
namespace {

using Json = nlohmann::json;

std::string_view AsText(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

JsonReceiver TakeWhole(Json& root) {
  return {[](JsonPath) { return false; },
          [&root](JsonPath, Json& value) {
            root = std::move(value);
            return Status();
          }};
}

std::string Shown(const Json& value) {
  if (value.is_string()) return Quote(value.get_ref<const std::string&>());
  return value.is_structured() ? value.type_name() : value.dump();
}

Error WrongType(const std::string& name, const Json& value, std::string_view expected) {
  return CorruptFile("{}: is {}, expected {}", name, Shown(value), expected);
}

Result<uint64_t> AsUint(const Json& value, const std::string& name) {
  if (value.is_number_unsigned()) return value.get<uint64_t>();
  return WrongType(name, value, "a whole number that is not negative");
}

Result<double> AsFloat(const Json& value, const std::string& name) {
  if (value.is_number()) return value.get<double>();
  return WrongType(name, value, "a number");
}

Result<bool> AsBool(const Json& value, const std::string& name) {
  if (value.is_boolean()) return value.get<bool>();
  return WrongType(name, value, "true or false");
}

Result<std::string> AsString(const Json& value, const std::string& name) {
  if (value.is_string()) return value.get<std::string>();
  return WrongType(name, value, "a string");
}

}  // namespace

Status ReadJsonFile(const std::string& path, uint64_t max_bytes, const JsonReceiver& receiver) {
  TARE_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  if (file.bytes().size() > max_bytes) {
    return Unsupported("{}: has {} bytes, expected at most {}", path, file.bytes().size(),
                       max_bytes);
  }
  const Status status = ReadJson(AsText(file.bytes()), receiver);
  if (!status.ok()) return status.error().In(path);
  return {};
}

Result<JsonObject> JsonObject::Open(const std::string& path) {
  Json root;
  TARE_RETURN_IF_ERROR(ReadJsonFile(path, kMaxBytes, TakeWhole(root)));
  return FromValue(std::move(root), path);
}

Result<JsonObject> JsonObject::Parse(std::string_view text, std::string name) {
  Json root;
  const Status status = ReadJson(text, TakeWhole(root));
  if (!status.ok()) return status.error().In(name);
  return FromValue(std::move(root), std::move(name));
}

Result<JsonObject> JsonObject::FromValue(Json value, std::string name) {
  if (!value.is_object()) {
    return CorruptFile("{}: is JSON {}, expected an object", name, value.type_name());
  }
  const auto root = std::make_shared<const Json>(std::move(value));
  return JsonObject(root, root.get(), std::move(name));
}

const Json* JsonObject::Find(std::string_view key) const {
  const auto found = object_->find(key);
  return found == object_->end() || found->is_null() ? nullptr : &*found;
}

bool JsonObject::Has(std::string_view key) const { return Find(key) != nullptr; }

bool JsonObject::HasNull(std::string_view key) const {
  const auto found = object_->find(key);
  return found != object_->end() && found->is_null();
}

Result<const Json*> JsonObject::Get(std::string_view key) const {
  const Json* const value = Find(key);
  if (value == nullptr) return CorruptFile("{}: has no {}", name_, key);
  return value;
}

Result<uint64_t> JsonObject::GetUint(std::string_view key) const {
  TARE_ASSIGN_OR_RETURN(const Json* value, Get(key));
  return AsUint(*value, fmt::format("{}: {}", name_, key));
}

Result<double> JsonObject::GetFloat(std::string_view key) const {
  TARE_ASSIGN_OR_RETURN(const Json* value, Get(key));
  return AsFloat(*value, fmt::format("{}: {}", name_, key));
}

Result<bool> JsonObject::GetBool(std::string_view key) const {
  TARE_ASSIGN_OR_RETURN(const Json* value, Get(key));
  return AsBool(*value, fmt::format("{}: {}", name_, key));
}

Result<std::string> JsonObject::GetString(std::string_view key) const {
  TARE_ASSIGN_OR_RETURN(const Json* value, Get(key));
  return AsString(*value, fmt::format("{}: {}", name_, key));
}

Result<JsonObject> JsonObject::GetObject(std::string_view key) const {
  TARE_ASSIGN_OR_RETURN(const Json* value, Get(key));
  std::string name = fmt::format("{}: {}", name_, key);
  if (!value->is_object()) return WrongType(name, *value, "an object");
  return JsonObject(root_, value, std::move(name));
}

template <typename T, typename Read>
Result<std::vector<T>> JsonObject::GetArray(std::string_view key, Read read) const {
  TARE_ASSIGN_OR_RETURN(const Json* value, Get(key));
  if (!value->is_array()) {
    return WrongType(fmt::format("{}: {}", name_, key), *value, "an array");
  }
  std::vector<T> elements;
  elements.reserve(value->size());
  for (size_t i = 0; i < value->size(); ++i) {
    TARE_ASSIGN_OR_RETURN(T element, read((*value)[i], fmt::format("{}: {}[{}]", name_, key, i)));
    elements.push_back(std::move(element));
  }
  return elements;
}

Result<std::vector<uint64_t>> JsonObject::GetUints(std::string_view key) const {
  return GetArray<uint64_t>(key, AsUint);
}

Result<std::vector<std::string>> JsonObject::GetStrings(std::string_view key) const {
  return GetArray<std::string>(key, AsString);
}

Result<std::vector<JsonObject>> JsonObject::GetObjects(std::string_view key) const {
  return GetArray<JsonObject>(key, [this](const Json& value, std::string name) {
    if (value.is_object()) return Result<JsonObject>(JsonObject(root_, &value, std::move(name)));
    return Result<JsonObject>(WrongType(name, value, "an object"));
  });
}

Result<uint64_t> JsonObject::GetUintOr(std::string_view key, uint64_t fallback) const {
  if (!Has(key)) return fallback;
  return GetUint(key);
}

Result<double> JsonObject::GetFloatOr(std::string_view key, double fallback) const {
  if (!Has(key)) return fallback;
  return GetFloat(key);
}

Result<bool> JsonObject::GetBoolOr(std::string_view key, bool fallback) const {
  if (!Has(key)) return fallback;
  return GetBool(key);
}

Result<std::string> JsonObject::GetStringOr(std::string_view key, std::string fallback) const {
  if (!Has(key)) return fallback;
  return GetString(key);
}

}  // namespace tare
