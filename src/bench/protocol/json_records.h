#ifndef TARE_BENCH_PROTOCOL_JSON_RECORDS_H_
#define TARE_BENCH_PROTOCOL_JSON_RECORDS_H_

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.h"
#include "bench/protocol/json_fields.h"
#include "bench/protocol/protocol.h"

namespace tare {

// VisitFields lists a record's fields once; RecordToJson and ReadRecord both use that list:
//
//   template <typename V>
//   void VisitFields(V& v, RecordOf<V, Failure>& failure) {
//     v.Required("reason", failure.reason, kMaxReason);  // readers reject an object without it
//     v.Field("message", failure.message);               // unknown if missing
//     v.Expected("where", failure.where);                // only strict readers require it
//     v.IfKnown("code", failure.code);                   // written only if known
//     v.Unless("level", failure.level, kUsualLevel);     // written only if unusual
//   }
//
// A field is a number, a text, a flag, a list or map of those; another record, or an optional, list
// or map of records; or a type with its own JSON form (JsonForm). Unknown optionals are written as
// null. The optional last argument limits what is read: a number's value, a text's bytes, or a
// list's items.

// The record type that visitor V takes: mutable if V reads.
template <typename V, typename T>
using RecordOf = std::conditional_t<V::kReads, T, const T>;

// Specialise this for a type with its own JSON form:
//   static nlohmann::json Write(const T& value);
//   static Status Read(const JsonFields& fields, std::string_view name, T& value);
template <typename T>
struct JsonForm;

template <typename T>
concept HasJsonForm = requires(const T& value) {
  JsonForm<T>::Write(value);
};

class RecordWriter;

template <typename T>
concept IsRecord = std::is_class_v<T> && requires(RecordWriter& v, const T& record) {
  VisitFields(v, record);
};

template <typename T>
nlohmann::json RecordToJson(const T& record);

// Turns a record into a JSON object.
class RecordWriter {
 public:
  static constexpr bool kReads = false;

  template <typename T>
  void Field(const char* name, const T& value, uint64_t /*limit*/ = 0) {
    object_[name] = ToJson(value);
  }
  template <typename T>
  void Required(const char* name, const T& value, uint64_t /*limit*/ = 0) {
    Field(name, value);
  }
  template <typename T>
  void Expected(const char* name, const T& value, uint64_t /*limit*/ = 0) {
    Field(name, value);
  }
  void IfKnown(const char* name, const std::string& text) {
    if (!text.empty()) Field(name, text);
  }
  template <typename T>
  void IfKnown(const char* name, const std::optional<T>& value) {
    if (value) Field(name, *value);
  }
  template <typename T, typename Usual>
  void Unless(const char* name, const T& value, const Usual& usual) {
    if (value != usual) Field(name, value);
  }
  // Writes a value that follows from other fields; it is never read.
  template <typename Derive>
  void Derived(const char* name, const Derive& derive) {
    IfKnown(name, derive());
  }
  template <typename Condition>
  void Check(const Condition&, std::string_view) {}

  nlohmann::json Take() { return std::move(object_); }

 private:
  template <typename T>
  static nlohmann::json ToJson(const T& value) {
    if constexpr (HasJsonForm<T>) {
      return JsonForm<T>::Write(value);
    } else if constexpr (IsRecord<T>) {
      return RecordToJson(value);
    } else {
      return nlohmann::json(value);
    }
  }
  template <typename T>
  static nlohmann::json ToJson(const std::optional<T>& value) {
    return value ? ToJson(*value) : nlohmann::json(nullptr);
  }
  template <IsRecord T>
  static nlohmann::json ToJson(const std::vector<T>& records) {
    nlohmann::json list = nlohmann::json::array();
    for (const T& record : records) list.push_back(RecordToJson(record));
    return list;
  }
  template <IsRecord T>
  static nlohmann::json ToJson(const std::map<std::string, T>& records) {
    nlohmann::json members = nlohmann::json::object();
    for (const auto& [key, record] : records) members[key] = RecordToJson(record);
    return members;
  }

  nlohmann::json object_ = nlohmann::json::object();
};

template <typename T>
nlohmann::json RecordToJson(const T& record) {
  RecordWriter writer;
  VisitFields(writer, record);
  return writer.Take();
}

// Reads an object into a record and stops at the first invalid field. Missing fields keep their
// values.
class RecordReader {
 public:
  static constexpr bool kReads = true;

  // Messages must have every Expected field; results from an older Tare need not.
  enum class Missing { kIsUnknown, kIsAnError };
  explicit RecordReader(const JsonFields& fields, Missing missing = Missing::kIsUnknown)
      : fields_(fields), missing_(missing) {}

  const Status& status() const { return status_; }

  template <typename T>
  void Field(const char* name, T& value, uint64_t limit = kNoLimit) {
    if (status_.ok() && fields_.HasValue(name)) status_ = Read(name, value, limit);
  }
  template <typename T>
  void Required(const char* name, T& value, uint64_t limit = kNoLimit) {
    if (status_.ok()) status_ = Read(name, value, limit);
  }
  template <typename T>
  void Expected(const char* name, T& value, uint64_t limit = kNoLimit) {
    if (missing_ == Missing::kIsAnError) return Required(name, value, limit);
    Field(name, value, limit);
  }
  template <typename T>
  void IfKnown(const char* name, T& value) {
    Field(name, value);
  }
  template <typename T, typename Usual>
  void Unless(const char* name, T& value, const Usual&) {
    Field(name, value);
  }
  template <typename Derive>
  void Derived(const char*, const Derive&) {}
  // Rejects a record for which `condition()` is false.
  template <typename Condition>
  void Check(const Condition& condition, std::string_view otherwise) {
    if (status_.ok() && !condition()) {
      status_ = InvalidInput("{}: {}", fields_.where(), otherwise);
    }
  }

 private:
  static constexpr uint64_t kNoLimit = UINT64_MAX;
  static constexpr size_t kMaxName = 4096;
  static constexpr size_t kMaxText = size_t{4} << 20;
  static constexpr size_t kMaxItems = size_t{1} << 24;

  static size_t Bound(uint64_t limit, size_t usual) {
    return limit == kNoLimit ? usual : static_cast<size_t>(limit);
  }

  template <typename T>
  static Status Take(Result<T> result, T& value) {
    if (!result.ok()) return result.error();
    value = std::move(result).value();
    return {};
  }

  Status Read(const char* name, std::string& text, uint64_t limit) const {
    return Take(fields_.Text(name, Bound(limit, kMaxText)), text);
  }
  Status Read(const char* name, uint64_t& number, uint64_t limit) const {
    return Take(fields_.Count(name, limit), number);
  }
  Status Read(const char* name, double& number, uint64_t) const {
    return Take(fields_.Number(name), number);
  }
  Status Read(const char* name, bool& flag, uint64_t) const {
    return Take(fields_.Flag(name), flag);
  }
  Status Read(const char* name, std::vector<std::string>& texts, uint64_t limit) const {
    return Take(fields_.Texts(name, Bound(limit, kMaxName), kMaxText), texts);
  }
  Status Read(const char* name, std::vector<double>& numbers, uint64_t) const {
    return Take(fields_.Numbers(name), numbers);
  }
  Status Read(const char* name, std::vector<uint32_t>& ids, uint64_t) const {
    return Take(fields_.TokenIds(name), ids);
  }
  Status Read(const char* name, std::vector<uint64_t>& of_tokens, uint64_t limit) const {
    return Take(fields_.Counts(name, kMaxTokens, limit), of_tokens);
  }
  Status Read(const char* name, std::map<std::string, std::string>& texts, uint64_t) const {
    return Take(fields_.TextMap(name, kMaxName, kMaxName), texts);
  }

  template <HasJsonForm T>
  Status Read(const char* name, T& value, uint64_t) const {
    return JsonForm<T>::Read(fields_, name, value);
  }
  template <typename T>
  Status Read(const char* name, std::optional<T>& value, uint64_t limit) const {
    return Read(name, value.emplace(), limit);
  }
  template <IsRecord T>
  Status Read(const char* name, T& record, uint64_t) const {
    TARE_ASSIGN_OR_RETURN(const JsonFields inner, fields_.Object(name));
    return ReadInto(inner, record);
  }
  template <IsRecord T>
  Status Read(const char* name, std::vector<T>& records, uint64_t limit) const {
    TARE_ASSIGN_OR_RETURN(const auto objects, fields_.Objects(name, Bound(limit, kMaxItems)));
    for (const JsonFields& object : objects) {
      TARE_RETURN_IF_ERROR(ReadInto(object, records.emplace_back()));
    }
    return {};
  }
  template <IsRecord T>
  Status Read(const char* name, std::map<std::string, T>& records, uint64_t) const {
    TARE_ASSIGN_OR_RETURN(const auto members, fields_.ObjectMap(name, kMaxName));
    for (const auto& [key, object] : members) {
      TARE_RETURN_IF_ERROR(ReadInto(object, records[key]));
    }
    return {};
  }
  template <typename T>
  static Status ReadInto(const JsonFields& fields, T& record) {
    RecordReader reader(fields);
    VisitFields(reader, record);
    return reader.status();
  }

  const JsonFields& fields_;
  Missing missing_;
  Status status_;
};

// Fills `record` from an object. Errors: InvalidInput with the field's name.
template <typename T>
Status ReadRecord(const JsonFields& fields, T& record,
                  RecordReader::Missing missing = RecordReader::Missing::kIsUnknown) {
  RecordReader reader(fields, missing);
  VisitFields(reader, record);
  return reader.status();
}

}  // namespace tare

#endif  // TARE_BENCH_PROTOCOL_JSON_RECORDS_H_
