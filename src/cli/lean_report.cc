#include "cli/lean_report.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <vector>

namespace tare {
namespace {

std::vector<std::string_view> Fields(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const size_t tab = line.find('\t');
    fields.push_back(line.substr(0, tab));
    if (tab == line.npos) return fields;
    line.remove_prefix(tab + 1);
  }
}

uint64_t Number(std::string_view text) {
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::string LeanReportText(std::string_view lines) {
  std::string text;
  uint64_t shared = 0, copied = 0, untouched = 0;
  for (size_t end = lines.find('\n'); end != lines.npos; end = lines.find('\n')) {
    const std::vector<std::string_view> fields = Fields(lines.substr(0, end));
    lines.remove_prefix(end + 1);
    if (fields[0] == "lean-aside" && fields.size() == 3) {
      text += fmt::format("tare: lean loading stepped aside: {}\n", fields[2]);
    }
    if (fields[0] == "lean" && fields.size() == 6) {
      shared += Number(fields[3]);
      copied += Number(fields[4]);
      untouched += Number(fields[5]);
    }
  }
  if (shared + copied + untouched == 0) return text;
  return text + fmt::format(
                    "tare: Keras's weights: {} MiB in the mapped file, {} MiB copied from it, {} "
                    "MiB not initialised first\n",
                    shared >> 20, copied >> 20, untouched >> 20);
}

}  // namespace tare
