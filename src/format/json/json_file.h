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
//   max_bytes  the most that is read.
//   Errors     Io; Unsupported where the file is larger; those of ReadJson.
Status ReadJsonFile(const std::string& path, uint64_t max_bytes, const JsonReceiver& receiver);

// An object in a small JSON file, such as a model's configuration. Cheap to copy; keeps what it
// needs of the file. Errors of all getters: CorruptFile for a key that is missing or of another
// type, naming file, key, what was found and what was expected. A key whose value is null is taken
// for missing, as the libraries that write such files do.
class JsonObject {
 public:
  static constexpr uint64_t kMaxBytes = 16 << 20;

  //   Errors  those of ReadJsonFile; CorruptFile where the file is no object.
  static Result<JsonObject> Open(const std::string& path);
  // `name` stands for the path.
  static Result<JsonObject> Parse(std::string_view text, std::string name);
  // A part that ReadJson handed over.
  static Result<JsonObject> FromValue(nlohmann::json value, std::string name);

  // Where the object is, for messages: `config.json` or `config.json: rope_scaling`.
  const std::string& name() const { return name_; }

  bool Has(std::string_view key) const;

  Result<uint64_t> GetUint(std::string_view key) const;
  Result<double> GetFloat(std::string_view key) const;
  Result<bool> GetBool(std::string_view key) const;
  Result<std::string> GetString(std::string_view key) const;
  Result<JsonObject> GetObject(std::string_view key) const;
  // Arrays of one type throughout.
  Result<std::vector<uint64_t>> GetUints(std::string_view key) const;
  Result<std::vector<std::string>> GetStrings(std::string_view key) const;
  Result<std::vector<JsonObject>> GetObjects(std::string_view key) const;

  // `fallback` where the key is missing; still an error where it is of another type.
  Result<uint64_t> GetUintOr(std::string_view key, uint64_t fallback) const;
  Result<double> GetFloatOr(std::string_view key, double fallback) const;
  Result<bool> GetBoolOr(std::string_view key, bool fallback) const;
  Result<std::string> GetStringOr(std::string_view key, std::string fallback) const;

  // For a key that is not one type throughout: nullptr where it is missing.
  const nlohmann::json* Find(std::string_view key) const;

 private:
  JsonObject(std::shared_ptr<const nlohmann::json> root, const nlohmann::json* object,
             std::string name)
      : root_(std::move(root)), object_(object), name_(std::move(name)) {}

  Result<const nlohmann::json*> Get(std::string_view key) const;
  // The elements of an array, each through `read(element, name of the element)`.
  template <typename T, typename Read>
  Result<std::vector<T>> GetArray(std::string_view key, Read read) const;

  std::shared_ptr<const nlohmann::json> root_;
  const nlohmann::json* object_;  // in *root_
  std::string name_;
};

}  // namespace tare

#endif  // TARE_FORMAT_JSON_JSON_FILE_H_
