#ifndef TARE_FORMAT_JSON_JSON_STREAM_H_
#define TARE_FORMAT_JSON_JSON_STREAM_H_

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tare {

// Where a value lies: the keys from the root to it; an element of an array has an empty key.
using JsonPath = std::span<const std::string>;

// What a reader of JSON text does with the parts it is handed.
struct JsonReceiver {
  // Whether the members or elements of the container at `path` are handed over one by one, so that
  // a large one need not be held at once; false: the container is handed over whole.
  std::function<bool(JsonPath)> opens;
  // A value that is no opened container; may be moved from. An error ends the reading.
  std::function<Status(JsonPath, nlohmann::json&)> take;
};

// Reads a JSON text in one pass. Memory: one part at a time, so nothing that grows with the text
// where its large containers are opened. Keys twice in a part are refused; in an opened container
// they are the receiver's to refuse.
//   Errors  CorruptFile for what is not JSON (with the byte), more than 32 levels, a key twice, or
//           a part of more than 131,072 values; and whatever `take` returns.
Status ReadJson(std::string_view text, const JsonReceiver& receiver);

}  // namespace tare

#endif  // TARE_FORMAT_JSON_JSON_STREAM_H_
