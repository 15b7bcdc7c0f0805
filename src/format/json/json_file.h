#ifndef TARE_FORMAT_JSON_JSON_FILE_H_
#define TARE_FORMAT_JSON_JSON_FILE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "format/json/json_stream.h"

namespace tare {

// Maps a file and reads it with ReadJson. Each message starts with the path.
//   max_bytes  the largest file that is accepted.
//   Errors     Io; Unsupported if the file is larger; those of ReadJson.
Status ReadJsonFile(const std::string& path, uint64_t max_bytes, const JsonReceiver& receiver);

// An object in a small JSON file, such as a model's configuration. Cheap to copy; keeps the parts
// of the file that it needs. Errors of all getters: CorruptFile for a key that is missing or has
// another type, with the file, the key, and the found and expected type. A key whose value is null
// counts as missing, as in the libraries that write such files.
class JsonObject {
 public:
  static constexpr uint64_t kMaxBytes = 16 << 20;

  //   Errors  those of ReadJsonFile; CorruptFile if the file is not an object.
  static Result<JsonObject> Open(const std::string& path);
  // `name` replaces the path in messages.
  static Result<JsonObject> Parse(std::string_view text, std::string name);
  // From a part that ReadJson delivered.
  static Result<JsonObject> FromValue(nlohmann::json value, std::string name);

  // Where the object is, for messages: `config.json` or `config.json: rope_scaling`.
  const std::string& name() const { return name_; }

  bool Has(std::string_view key) const;
  // Whether the key is there with the value null, where that differs from a missing key.
  bool HasNull(std::string_view key) const;

  Result<uint64_t> GetUint(std::string_view key) const;
  Result<double> GetFloat(std::string_view key) const;
  Result<bool> GetBool(std::string_view key) const;
  Result<std::string> GetString(std::string_view key) const;
  Result<JsonObject> GetObject(std::string_view key) const;
  // Arrays whose elements all have one type.
  Result<std::vector<uint64_t>> GetUints(std::string_view key) const;
  Result<std::vector<std::string>> GetStrings(std::string_view key) const;
  Result<std::vector<JsonObject>> GetObjects(std::string_view key) const;

  // Return `fallback` if the key is missing. Another type is still an error.
  Result<uint64_t> GetUintOr(std::string_view key, uint64_t fallback) const;
  Result<double> GetFloatOr(std::string_view key, double fallback) const;
  Result<bool> GetBoolOr(std::string_view key, bool fallback) const;
  Result<std::string> GetStringOr(std::string_view key, std::string fallback) const;

  // For a key whose type varies. nullptr if it is missing.
  const nlohmann::json* Find(std::string_view key) const;

 private:
  JsonObject(std::shared_ptr<const nlohmann::json> root, const nlohmann::json* object,
             std::string name)
      : root_(std::move(root)), object_(object), name_(std::move(name)) {}

  Result<const nlohmann::json*> Get(std::string_view key) const;
  // The elements of an array, each converted by `read(element, name of the element)`.
  template <typename T, typename Read>
  Result<std::vector<T>> GetArray(std::string_view key, Read read) const;

  std::shared_ptr<const nlohmann::json> root_;
  const nlohmann::json* object_;  // in *root_
  std::string name_;
};

}  // namespace tare

#endif  // TARE_FORMAT_JSON_JSON_FILE_H_
