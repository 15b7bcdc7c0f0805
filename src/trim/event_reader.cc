#include "trim/event_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

#include "base/count_text.h"

namespace tare {
namespace {

std::vector<std::string_view> PartsOf(std::string_view line) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t tab = line.find('\t');
    parts.push_back(line.substr(0, tab));
    if (tab == line.npos) return parts;
    line.remove_prefix(tab + 1);
  }
}

}  // namespace

std::string EventReader::WrongCount(std::span<const char* const> fields, size_t got) {
  return fmt::format("got {}, expected {} ({})", CountText(got, "field"), fields.size(),
                     fmt::join(fields, ", "));
}

bool EventReader::FieldOf(const char*, std::string_view text, EventText& value, std::string&) {
  value = text;
  return true;
}

bool EventReader::FieldOf(const char* name, std::string_view text, EventNumber& value,
                          std::string& wrong) {
  const char* const end = text.data() + text.size();
  const std::from_chars_result read = std::from_chars(text.data(), end, value);
  if (read.ec == std::errc() && read.ptr == end) return true;
  wrong = fmt::format("{}: got \"{}\", expected a number", name, text);
  return false;
}

std::string EventReader::ReadLine(std::string_view line) const {
  const std::vector<std::string_view> parts = PartsOf(line);
  const auto taker = takers_.find(parts[0]);
  if (taker == takers_.end()) return fmt::format("unknown event \"{}\"", parts[0]);
  if (parts.size() < 2) return fmt::format("{}: has no process id", parts[0]);
  const std::string wrong = taker->second(std::span(parts).subspan(2));
  return wrong.empty() ? "" : fmt::format("{}: {}", parts[0], wrong);
}

std::vector<std::string> EventReader::Read(std::string_view report) const {
  std::vector<std::string> unread;
  for (size_t number = 1; !report.empty(); ++number) {
    const size_t end = report.find('\n');
    const std::string wrong =
        end == report.npos ? "the line is incomplete" : ReadLine(report.substr(0, end));
    if (!wrong.empty()) unread.push_back(fmt::format("line {}: {}", number, wrong));
    report.remove_prefix(end == report.npos ? report.size() : end + 1);
  }
  return unread;
}

}  // namespace tare
