#include "trim/hook_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/count_text.h"
#include "trim/contract.h"

namespace tare {
namespace {

void AddEinsum(const HookReport::Einsum& added, HookReport& report) {
  for (HookReport::Einsum& einsum : report.einsums) {
    if (einsum.equation == added.equation && einsum.operands == added.operands &&
        einsum.left_because == added.left_because) {
      einsum.count += added.count;
      return;
    }
  }
  report.einsums.push_back(added);
}

// What was compiled, and how models were changed.
void ReadModelEvents(EventReader& reader, HookReport& report) {
  reader.On(kModelEvent, [&](EventText) { ++report.models; });
  reader.On(kRefusedEvent, [&](EventText name, EventText reason) {
    report.refused.push_back(fmt::format("{}: {}", name, reason));
  });
  reader.On(kUntouchedEvent, [&](EventText reason) { ++report.untouched[std::string(reason)]; });
  reader.On(kEinsumEvent, [&](EventText equation, EventText operands, EventNumber count,
                              EventText left_because) {
    AddEinsum({std::string(equation), std::string(operands), count, std::string(left_because)},
              report);
  });
  reader.On(kAttentionEvent, [&](EventNumber count, EventText left_because) {
    (left_because.empty() ? report.attention_fused
                          : report.attention_left[std::string(left_because)]) += count;
  });
  reader.On(kTransposedEvent, [&](EventNumber count) { report.transposed += count; });
  reader.On(kScaledEvent, [&](EventNumber count) { report.scaled += count; });
  reader.On(kRowsEvent, [&](EventNumber count) { report.written_rows += count; });
}

void ReadMemoryEvents(EventReader& reader, HookReport& report) {
  reader.On(kParkEvent, [&](EventNumber parked_bytes, EventNumber file_backed_bytes,
                            EventText left_because) {
    report.parked_bytes += parked_bytes;
    report.file_backed_bytes += file_backed_bytes;
    const bool is_new = !left_because.empty() && !std::ranges::count(report.unparked, left_because);
    if (is_new) report.unparked.emplace_back(left_because);
  });
  reader.On(kSlackEvent, [&](EventNumber bytes) { report.slack_bytes += bytes; });
  reader.On(kHugeEvent, [&](EventNumber asked_bytes, EventNumber grown_bytes) {
    report.huge_asked_bytes += asked_bytes;
    report.huge_bytes += grown_bytes;
  });
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

void SortByCount(std::vector<HookReport::Einsum>& einsums) {
  std::stable_sort(einsums.begin(), einsums.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
}

void ReadHookEvents(EventReader& reader, HookReport& report) {
  reader.On(kAsideEvent, [&](EventText reason) { report.aside.emplace_back(reason); });
  ReadModelEvents(reader, report);
  ReadMemoryEvents(reader, report);
}

std::string HookReportText(const HookReport& report) {
  std::string text;
  for (const std::string& reason : report.aside) {
    text += fmt::format("tare: the hook is off: {}\n", reason);
  }
  for (const std::string& reason : report.refused) {
    text += fmt::format("tare: compiled unmodified: {}\n", reason);
  }
  for (const auto& [reason, count] : report.untouched) {
    text += fmt::format("tare: {} compiled unmodified: {}\n", CountText(count, "model"), reason);
  }
  text += fmt::format("tare: {} compiled, {} rewritten, {} unchanged\n",
                      CountText(report.models, "model"), CountText(report.rewritten(), "einsum"),
                      report.left());
  size_t equations = 0, operands = 0;
  for (const HookReport::Einsum& einsum : report.einsums) {
    equations = std::max(equations, einsum.equation.size());
    operands = std::max(operands, einsum.operands.size());
  }
  for (const HookReport::Einsum& einsum : report.einsums) {
    text += fmt::format(
        "tare: {:6}  {:<{}}  {:<{}}  {}\n", einsum.count, einsum.equation, equations,
        einsum.operands, operands,
        einsum.left_because.empty() ? "rewritten" : "unchanged: " + einsum.left_because);
  }
  if (report.attention_fused > 0) {
    text += fmt::format("tare: {} fused\n", CountText(report.attention_fused, "attention block"));
  }
  for (const auto& [reason, count] : report.attention_left) {
    text += fmt::format("tare: {} unchanged: {}\n", CountText(count, "attention block"), reason);
  }
  if (report.transposed > 0) {
    text += fmt::format("tare: {} read without a transposed copy\n",
                        CountText(report.transposed, "transposed constant"));
  }
  if (report.scaled > 0) {
    text += fmt::format("tare: attention scores scaled instead of queries: {}\n", report.scaled);
  }
  if (report.written_rows > 0) {
    text +=
        fmt::format("tare: single rows copied instead of whole tensors: {}\n", report.written_rows);
  }
  if (report.slack_bytes > 0) {
    text += fmt::format("tare: freed memory given back: {} MiB\n", report.slack_bytes >> 20);
  }
  if (report.huge_asked_bytes > 0) {
    text += fmt::format(
        "tare: huge pages: {} MiB received, {} MiB requested while weights were packed\n",
        report.huge_bytes >> 20, report.huge_asked_bytes >> 20);
  }
  if (report.parked_bytes + report.file_backed_bytes > 0) {
    text += fmt::format(
        "tare: constants dropped from memory: {} MiB moved to disk, {} MiB already in the model "
        "file\n",
        report.parked_bytes >> 20, report.file_backed_bytes >> 20);
  }
  for (const std::string& reason : report.unparked) {
    text += fmt::format("tare: constants kept in the heap: {}\n", reason);
  }
  return text;
}

}  // namespace tare
