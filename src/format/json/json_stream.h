#ifndef TARE_FORMAT_JSON_JSON_STREAM_H_
#define TARE_FORMAT_JSON_JSON_STREAM_H_

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tare {

// The path of a value: the keys from the root to it. An element of an array has an empty key.
using JsonPath = std::span<const std::string>;

// Receives the parts of a JSON text.
struct JsonReceiver {
  // Whether to deliver the members or elements of the container at `path` one by one, so that a
  // large container need not be held in memory; false: deliver it as a whole.
  std::function<bool(JsonPath)> opens;
  // Takes a value, which may be moved from. An error ends the reading.
  std::function<Status(JsonPath, nlohmann::json&)> take;
};

// Reads a JSON text in one pass. Memory: one part at a time, so it does not grow with the text if
// the large containers are opened. A key that appears twice in a part is an error; in an opened
// container the receiver must check for that.
//   Errors  CorruptFile for invalid JSON (with the byte), more than 32 levels, a duplicate key, or
//   a
//           part of more than 131,072 values; and errors that `take` returns.
Status ReadJson(std::string_view text, const JsonReceiver& receiver);

}  // namespace tare

#endif  // TARE_FORMAT_JSON_JSON_STREAM_H_
