#include "format/json/json_stream.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "format/quote.h"

namespace tare {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxDepth = 32;
constexpr size_t kMaxValues = 128 * 1024;

class Handler : public nlohmann::json_sax<Json> {
 public:
  explicit Handler(const JsonReceiver& receiver) : receiver_(receiver) {}

  Status status() const { return error_ ? Status(*error_) : Status(); }

  bool null() override { return Scalar(nullptr); }
  bool boolean(bool value) override { return Scalar(value); }
  bool number_integer(number_integer_t value) override { return Scalar(value); }
  bool number_unsigned(number_unsigned_t value) override { return Scalar(value); }
  bool number_float(number_float_t value, const string_t&) override { return Scalar(value); }
  bool string(string_t& value) override { return Scalar(std::move(value)); }
  bool binary(binary_t&) override { return Fail(InternalError("JSON text has no binary values")); }
  bool start_object(size_t) override { return Start(Json::object()); }
  bool start_array(size_t) override { return Start(Json::array()); }
  bool end_object() override { return End(); }
  bool end_array() override { return End(); }

  bool key(string_t& key) override {
    if (parents_.empty()) {
      path_.back() = std::move(key);
      return true;
    }
    if (parents_.back()->contains(key)) {
      return Fail(CorruptFile("JSON key {} appears twice", Quote(key)));
    }
    key_ = std::move(key);
    return true;
  }

  bool parse_error(size_t position, const std::string& last_token,
                   const nlohmann::detail::exception&) override {
    return Fail(CorruptFile("is not JSON at byte {}, {}", position, Quote(last_token)));
  }

 private:
  bool Fail(Error error) {
    error_.emplace(std::move(error));
    return false;
  }

  bool HandOver(Json& value) {
    const Status status = receiver_.take(path_, value);
    return status.ok() || Fail(status.error());
  }

  bool Scalar(Json value) {
    if (parents_.empty()) return HandOver(value);
    return Attach(std::move(value)) != nullptr;
  }

  // Into the part that is being put together; nullptr if it is too large.
  Json* Attach(Json value) {
    if (++values_ > kMaxValues) {
      Fail(CorruptFile("JSON has more than {} values in one part", kMaxValues));
      return nullptr;
    }
    Json& parent = *parents_.back();
    if (parent.is_object()) return &(parent[key_] = std::move(value));
    parent.push_back(std::move(value));
    return &parent.back();
  }

  bool Start(Json container) {
    if (path_.size() + parents_.size() == kMaxDepth) {
      return Fail(CorruptFile("JSON is more than {} levels deep", kMaxDepth));
    }
    if (!parents_.empty()) {
      Json* const attached = Attach(std::move(container));
      if (attached != nullptr) parents_.push_back(attached);
      return attached != nullptr;
    }
    if (receiver_.opens(path_)) {
      path_.emplace_back();
      return true;
    }
    part_ = std::move(container);
    values_ = 0;
    parents_.push_back(&part_);
    return true;
  }

  bool End() {
    if (parents_.empty()) {
      path_.pop_back();
      return true;
    }
    parents_.pop_back();
    if (!parents_.empty()) return true;
    const bool handed = HandOver(part_);
    part_ = nullptr;
    return handed;
  }

  const JsonReceiver& receiver_;
  std::vector<std::string> path_;  // a key for each container that is open
  Json part_;
  std::vector<Json*> parents_;  // containers of part_ that are not finished; a parent never moves
                                // while one of its children is here
  std::string key_;
  size_t values_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Status ReadJson(std::string_view text, const JsonReceiver& receiver) {
  Handler handler(receiver);
  const bool whole = Json::sax_parse(text.data(), text.data() + text.size(), &handler);
  TARE_RETURN_IF_ERROR(handler.status());
  if (!whole) return CorruptFile("is not JSON");
  return {};
}

}  // namespace tare
