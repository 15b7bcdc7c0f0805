#ifndef TARE_TRIM_REPORT_LINES_H_
#define TARE_TRIM_REPORT_LINES_H_

#include <charconv>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tare {

// The fields of a line of the reports that hooked programs write, which tabs part; they borrow from
// the line.
inline std::vector<std::string_view> ReportFields(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const size_t tab = line.find('\t');
    fields.push_back(line.substr(0, tab));
    if (tab == line.npos) return fields;
    line.remove_prefix(tab + 1);
  }
}

// A field's decimal number; 0 where it begins with none.
inline uint64_t ReportNumber(std::string_view text) {
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace tare

#endif  // TARE_TRIM_REPORT_LINES_H_
