#include "bench/watch/trim_report.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <nlohmann/json.hpp>

#include "os/proc_files.h"

namespace tare {
namespace {

using nlohmann::json;

constexpr uint64_t kAny = UINT64_MAX;
constexpr size_t kMaxReasons = size_t{1} << 16;
constexpr size_t kMaxReason = size_t{1} << 16;

using Reasons = std::map<std::string, size_t>;

json ToJson(const Reasons& reasons) {
  json list = json::array();
  for (const auto& [reason, count] : reasons) {
    list.push_back({{"reason", reason}, {"count", count}});
  }
  return list;
}

json ToJson(const HookReport& hook) {
  json einsums = json::array();
  for (const HookReport::Einsum& einsum : hook.einsums) {
    einsums.push_back({{"equation", einsum.equation},
                       {"operands", einsum.operands},
                       {"count", einsum.count},
                       {"left_because", einsum.left_because}});
  }
  return {{"models", hook.models},
          {"untouched", ToJson(hook.untouched)},
          {"einsums", std::move(einsums)},
          {"attention_fused", hook.attention_fused},
          {"attention_left", ToJson(hook.attention_left)},
          {"transposed_constants", hook.transposed},
          {"scaled_scores", hook.scaled},
          {"written_rows", hook.written_rows},
          {"parked_bytes", hook.parked_bytes},
          {"file_backed_bytes", hook.file_backed_bytes},
          {"slack_bytes", hook.slack_bytes},
          {"huge_asked_bytes", hook.huge_asked_bytes},
          {"huge_bytes", hook.huge_bytes},
          {"refused", hook.refused},
          {"aside", hook.aside},
          {"unparked", hook.unparked}};
}

json ToJson(const LeanReport& lean) {
  return {{"shared_bytes", lean.shared_bytes},
          {"copied_bytes", lean.copied_bytes},
          {"untouched_bytes", lean.untouched_bytes},
          {"read_values", lean.read_values},
          {"aside", lean.aside}};
}

Result<Reasons> ReasonsFrom(const JsonFields& fields, const char* name) {
  Reasons reasons;
  TARE_ASSIGN_OR_RETURN(const auto list, fields.Objects(name, kMaxReasons));
  for (const JsonFields& each : list) {
    TARE_ASSIGN_OR_RETURN(const std::string reason, each.Text("reason", kMaxReason));
    TARE_ASSIGN_OR_RETURN(reasons[reason], each.Count("count", kAny));
  }
  return reasons;
}

Result<HookReport> HookFrom(const JsonFields& fields) {
  HookReport hook;
  TARE_ASSIGN_OR_RETURN(const auto einsums, fields.Objects("einsums", kMaxReasons));
  for (const JsonFields& each : einsums) {
    HookReport::Einsum& einsum = hook.einsums.emplace_back();
    TARE_ASSIGN_OR_RETURN(einsum.equation, each.Text("equation", kMaxReason));
    TARE_ASSIGN_OR_RETURN(einsum.operands, each.Text("operands", kMaxReason));
    TARE_ASSIGN_OR_RETURN(einsum.count, each.Count("count", kAny));
    TARE_ASSIGN_OR_RETURN(einsum.left_because, each.Text("left_because", kMaxReason));
  }
  TARE_ASSIGN_OR_RETURN(hook.untouched, ReasonsFrom(fields, "untouched"));
  TARE_ASSIGN_OR_RETURN(hook.attention_fused, fields.Count("attention_fused", kAny));
  TARE_ASSIGN_OR_RETURN(hook.attention_left, ReasonsFrom(fields, "attention_left"));
  TARE_ASSIGN_OR_RETURN(hook.scaled, fields.Count("scaled_scores", kAny));
  TARE_ASSIGN_OR_RETURN(hook.models, fields.Count("models", kAny));
  TARE_ASSIGN_OR_RETURN(hook.transposed, fields.Count("transposed_constants", kAny));
  TARE_ASSIGN_OR_RETURN(hook.parked_bytes, fields.Count("parked_bytes", kAny));
  TARE_ASSIGN_OR_RETURN(hook.file_backed_bytes, fields.Count("file_backed_bytes", kAny));
  TARE_ASSIGN_OR_RETURN(hook.slack_bytes, fields.Count("slack_bytes", kAny));
  // Older exports lack these.
  TARE_ASSIGN_OR_RETURN(const auto asked, fields.OptionalCount("huge_asked_bytes", kAny));
  TARE_ASSIGN_OR_RETURN(const auto huge, fields.OptionalCount("huge_bytes", kAny));
  TARE_ASSIGN_OR_RETURN(const auto rows, fields.OptionalCount("written_rows", kAny));
  hook.written_rows = rows.value_or(0);
  hook.huge_asked_bytes = asked.value_or(0);
  hook.huge_bytes = huge.value_or(0);
  TARE_ASSIGN_OR_RETURN(hook.refused, fields.Texts("refused", kMaxReasons, kMaxReason));
  TARE_ASSIGN_OR_RETURN(hook.aside, fields.Texts("aside", kMaxReasons, kMaxReason));
  TARE_ASSIGN_OR_RETURN(hook.unparked, fields.Texts("unparked", kMaxReasons, kMaxReason));
  return hook;
}

Result<LeanReport> LeanFrom(const JsonFields& fields) {
  LeanReport lean;
  TARE_ASSIGN_OR_RETURN(lean.shared_bytes, fields.Count("shared_bytes", kAny));
  TARE_ASSIGN_OR_RETURN(lean.copied_bytes, fields.Count("copied_bytes", kAny));
  TARE_ASSIGN_OR_RETURN(lean.untouched_bytes, fields.Count("untouched_bytes", kAny));
  // Older exports lack it.
  TARE_ASSIGN_OR_RETURN(const auto read, fields.OptionalCount("read_values", kAny));
  lean.read_values = read.value_or(0);
  TARE_ASSIGN_OR_RETURN(lean.aside, fields.Texts("aside", kMaxReasons, kMaxReason));
  return lean;
}

}  // namespace

TrimReport ParseTrimReport(std::string_view lines) {
  return {ParseHookReport(lines), ParseLeanReport(lines)};
}

json TrimReportToJson(const TrimReport& report) {
  return {{"hook", ToJson(report.hook)}, {"lean", ToJson(report.lean)}};
}

Result<TrimReport> TrimReportFromJson(const JsonFields& fields) {
  TARE_ASSIGN_OR_RETURN(const JsonFields hook, fields.Object("hook"));
  TARE_ASSIGN_OR_RETURN(const JsonFields lean, fields.Object("lean"));
  TrimReport report;
  TARE_ASSIGN_OR_RETURN(report.hook, HookFrom(hook));
  TARE_ASSIGN_OR_RETURN(report.lean, LeanFrom(lean));
  return report;
}

Result<TrimReportFile> TrimReportFile::Create() {
  ScopedFd file(memfd_create("tare-run-report", MFD_CLOEXEC));
  if (!file.valid()) return ErrnoError(errno, "cannot make memory for a report");
  return TrimReportFile(std::move(file));
}

std::string TrimReportFile::path() const {
  return fmt::format("/proc/{}/fd/{}", getpid(), file_.get());
}

TrimReport TrimReportFile::Read() const {
  const Result<std::string> lines = ReadSmallFile(path());
  return lines.ok() ? ParseTrimReport(*lines) : TrimReport();
}

}  // namespace tare
