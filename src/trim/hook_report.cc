#include "trim/hook_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/count_text.h"
#include "trim/report_lines.h"

namespace tare {
namespace {

void AddEinsum(const std::vector<std::string_view>& fields, HookReport* report) {
  const size_t count = ReportNumber(fields[4]);
  for (HookReport::Einsum& einsum : report->einsums) {
    if (einsum.equation == fields[2] && einsum.operands == fields[3] &&
        einsum.left_because == fields[5]) {
      einsum.count += count;
      return;
    }
  }
  report->einsums.push_back(
      {std::string(fields[2]), std::string(fields[3]), count, std::string(fields[5])});
}

}  // namespace

size_t HookReport::rewritten() const {
  size_t count = 0;
  for (const Einsum& einsum : einsums) count += einsum.left_because.empty() ? einsum.count : 0;
  return count;
}

size_t HookReport::left() const {
  size_t count = 0;
  for (const Einsum& einsum : einsums) count += einsum.left_because.empty() ? 0 : einsum.count;
  return count;
}

HookReport ParseHookReport(std::string_view lines) {
  HookReport report;
  for (size_t end = lines.find('\n'); end != lines.npos; end = lines.find('\n')) {
    const std::vector<std::string_view> fields = ReportFields(lines.substr(0, end));
    lines.remove_prefix(end + 1);
    if (fields[0] == "einsum" && fields.size() == 6) AddEinsum(fields, &report);
    if (fields[0] == "model" && fields.size() == 3) ++report.models;
    if (fields[0] == "aside" && fields.size() == 3) report.aside.emplace_back(fields[2]);
    if (fields[0] == "attention" && fields.size() == 4) {
      (fields[3].empty() ? report.attention_fused
                         : report.attention_left[std::string(fields[3])]) +=
          ReportNumber(fields[2]);
    }
    if (fields[0] == "untouched" && fields.size() == 3) ++report.untouched[std::string(fields[2])];
    if (fields[0] == "park" && fields.size() == 5) {
      report.parked_bytes += ReportNumber(fields[2]);
      report.file_backed_bytes += ReportNumber(fields[3]);
      const bool is_new = !fields[4].empty() && !std::ranges::count(report.unparked, fields[4]);
      if (is_new) report.unparked.emplace_back(fields[4]);
    }
    if (fields[0] == "transposed" && fields.size() == 3)
      report.transposed += ReportNumber(fields[2]);
    if (fields[0] == "scaled" && fields.size() == 3) report.scaled += ReportNumber(fields[2]);
    if (fields[0] == "rows" && fields.size() == 3) report.written_rows += ReportNumber(fields[2]);
    if (fields[0] == "slack" && fields.size() == 3) report.slack_bytes += ReportNumber(fields[2]);
    if (fields[0] == "huge" && fields.size() == 4) {
      report.huge_asked_bytes += ReportNumber(fields[2]);
      report.huge_bytes += ReportNumber(fields[3]);
    }
    if (fields[0] == "refused" && fields.size() == 4) {
      report.refused.push_back(fmt::format("{}: {}", fields[2], fields[3]));
    }
  }
  std::stable_sort(report.einsums.begin(), report.einsums.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
  return report;
}

std::string HookReportText(const HookReport& report) {
  std::string text;
  for (const std::string& reason : report.aside) {
    text += fmt::format("tare: the hook stepped aside: {}\n", reason);
  }
  for (const std::string& reason : report.refused) {
    text += fmt::format("tare: compiled as it was: {}\n", reason);
  }
  for (const auto& [reason, count] : report.untouched) {
    text += fmt::format("tare: compiled untouched: {}: {}\n", count, reason);
  }
  text +=
      fmt::format("tare: {} compiled, {} rewritten, {} left\n", CountText(report.models, "model"),
                  CountText(report.rewritten(), "einsum"), report.left());
  size_t equations = 0, operands = 0;
  for (const HookReport::Einsum& einsum : report.einsums) {
    equations = std::max(equations, einsum.equation.size());
    operands = std::max(operands, einsum.operands.size());
  }
  for (const HookReport::Einsum& einsum : report.einsums) {
    text += fmt::format("tare: {:6}  {:<{}}  {:<{}}  {}\n", einsum.count, einsum.equation,
                        equations, einsum.operands, operands,
                        einsum.left_because.empty() ? "rewritten" : "left: " + einsum.left_because);
  }
  if (report.attention_fused > 0) {
    text += fmt::format("tare: attention fused: {}\n", report.attention_fused);
  }
  for (const auto& [reason, count] : report.attention_left) {
    text += fmt::format("tare: attention left: {}: {}\n", count, reason);
  }
  if (report.transposed > 0) {
    text += fmt::format("tare: {} read as they lie\n",
                        CountText(report.transposed, "transposed constant"));
  }
  if (report.scaled > 0) {
    text += fmt::format("tare: attention's scores scaled in place of queries: {}\n", report.scaled);
  }
  if (report.written_rows > 0) {
    text += fmt::format("tare: rows copied alone before they are written to: {}\n",
                        report.written_rows);
  }
  if (report.slack_bytes > 0) {
    text += fmt::format("tare: heap slack returned: {} MiB\n", report.slack_bytes >> 20);
  }
  if (report.huge_asked_bytes > 0) {
    text += fmt::format(
        "tare: huge pages: {} MiB came while weights were packed, {} MiB were asked for\n",
        report.huge_bytes >> 20, report.huge_asked_bytes >> 20);
  }
  if (report.parked_bytes + report.file_backed_bytes > 0) {
    text += fmt::format(
        "tare: dropped once read: {} MiB of constants parked from the heap, {} MiB in files "
        "already\n",
        report.parked_bytes >> 20, report.file_backed_bytes >> 20);
  }
  for (const std::string& reason : report.unparked) {
    text += fmt::format("tare: constants stay in the heap: {}\n", reason);
  }
  return text;
}

}  // namespace tare
