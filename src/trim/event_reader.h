#ifndef TARE_TRIM_EVENT_READER_H_
#define TARE_TRIM_EVENT_READER_H_

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "trim/contract.h"

namespace tare {

// Reads the lines that the hook and lean loading appended to a report.
class EventReader {
 public:
  // Calls `take` with the fields of each event of this kind. Texts borrow from the report.
  template <typename... Fields, typename Take>
  void On(const TrimEvent<Fields...>& event, Take take) {
    takers_[event.name] = [&event,
                           take = std::move(take)](std::span<const std::string_view> texts) {
      std::tuple<Fields...> values;
      std::string wrong = FieldsOf(event, texts, values, std::index_sequence_for<Fields...>());
      if (wrong.empty()) std::apply(take, values);
      return wrong;
    };
  }

  // Reads a report. Returns why lines were skipped, one sentence per line: an unknown event, too
  // few or too many fields, a field that is not a number, or an incomplete last line. A program may
  // be killed, or its disk may fill up, while it writes.
  std::vector<std::string> Read(std::string_view report) const;

 private:
  // Returns what is wrong, or an empty string.
  using Taker = std::function<std::string(std::span<const std::string_view> texts)>;

  template <typename... Fields, size_t... kIndex>
  static std::string FieldsOf(const TrimEvent<Fields...>& event,
                              std::span<const std::string_view> texts,
                              std::tuple<Fields...>& values, std::index_sequence<kIndex...>) {
    if (texts.size() != sizeof...(Fields)) return WrongCount(event.fields, texts.size());
    std::string wrong;
    (void)(FieldOf(event.fields[kIndex], texts[kIndex], std::get<kIndex>(values), wrong) && ...);
    return wrong;
  }

  static std::string WrongCount(std::span<const char* const> fields, size_t got);
  static bool FieldOf(const char* name, std::string_view text, EventText& value,
                      std::string& wrong);
  static bool FieldOf(const char* name, std::string_view text, EventNumber& value,
                      std::string& wrong);

  std::string ReadLine(std::string_view line) const;

  std::map<std::string, Taker, std::less<>> takers_;
};

}  // namespace tare

#endif  // TARE_TRIM_EVENT_READER_H_
