#ifndef TARE_BENCH_PROTOCOL_JSON_FIELDS_H_
#define TARE_BENCH_PROTOCOL_JSON_FIELDS_H_

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tare {

// Parses one JSON object from an untrusted source. Errors: InvalidInput if the text is not JSON, is
// not an object, or nests deeper than max_depth.
Result<nlohmann::json> ParseJsonObject(std::string_view text, size_t max_depth);

// Checked access to the fields of a JSON object. Every message starts with `where`. The object
// outlives the reader. Getters return InvalidInput if a field is missing, has the wrong type, or is
// out of range.
class JsonFields {
 public:
  JsonFields(const nlohmann::json& object, std::string where)
      : object_(object), where_(std::move(where)) {}

  const std::string& where() const { return where_; }
  bool Has(std::string_view name) const;
  bool HasValue(std::string_view name) const;  // present and not null
  // The raw field; nullptr if it is missing.
  const nlohmann::json* Value(std::string_view name) const;
  Result<uint64_t> Count(std::string_view name, uint64_t max) const;
  // nullopt if HasValue is false.
  Result<std::optional<uint64_t>> OptionalCount(std::string_view name, uint64_t max) const;
  Result<bool> Flag(std::string_view name) const;
  Result<double> Number(std::string_view name) const;  // finite
  Result<std::vector<double>> Numbers(std::string_view name) const;
  Result<std::string> Text(std::string_view name, size_t max_bytes) const;
  Result<std::vector<uint64_t>> Counts(std::string_view name, size_t max_items,
                                       uint64_t max_value) const;
  Result<std::vector<uint32_t>> TokenIds(std::string_view name) const;
  Result<std::vector<std::string>> Texts(std::string_view name, size_t max_items,
                                         size_t max_bytes) const;
  Result<std::map<std::string, std::string>> TextMap(std::string_view name, size_t max_items,
                                                     size_t max_bytes) const;
  // The field's items; every item must be an object.
  Result<std::vector<JsonFields>> Objects(std::string_view name, size_t max_items) const;
  Result<JsonFields> Object(std::string_view name) const;
  // The field's members; every member must be an object.
  Result<std::map<std::string, JsonFields>> ObjectMap(std::string_view name,
                                                      size_t max_items) const;

 private:
  Result<const nlohmann::json*> Find(std::string_view name) const;

  const nlohmann::json& object_;
  std::string where_;
};

}  // namespace tare

#endif  // TARE_BENCH_PROTOCOL_JSON_FIELDS_H_
