#ifndef TARE_BENCH_WATCH_TRIM_REPORT_FIELDS_H_
#define TARE_BENCH_WATCH_TRIM_REPORT_FIELDS_H_

#include <map>
#include <string>

#include "bench/protocol/json_records.h"
#include "bench/watch/trim_report.h"

namespace tare {

// The fields of TrimReport, see json_records.h.

inline constexpr size_t kMaxReasons = size_t{1} << 16;
inline constexpr size_t kMaxReason = size_t{1} << 16;

using CountByReason = std::map<std::string, size_t>;

struct CountedReason {
  std::string reason;
  uint64_t count = 0;
};

template <typename V>
void VisitFields(V& v, RecordOf<V, CountedReason>& counted) {
  v.Required("reason", counted.reason, kMaxReason);
  v.Required("count", counted.count);
}

// Written as a list of objects, because a reason is a poor field name.
template <>
struct JsonForm<CountByReason> {
  static nlohmann::json Write(const CountByReason& reasons) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& [reason, count] : reasons) {
      list.push_back(RecordToJson(CountedReason{reason, count}));
    }
    return list;
  }
  static Status Read(const JsonFields& fields, std::string_view name, CountByReason& reasons) {
    TARE_ASSIGN_OR_RETURN(const auto list, fields.Objects(name, kMaxReasons));
    for (const JsonFields& each : list) {
      CountedReason counted;
      TARE_RETURN_IF_ERROR(ReadRecord(each, counted));
      reasons[counted.reason] = counted.count;
    }
    return {};
  }
};

template <typename V>
void VisitFields(V& v, RecordOf<V, HookReport::Einsum>& einsum) {
  v.Required("equation", einsum.equation, kMaxReason);
  v.Required("operands", einsum.operands, kMaxReason);
  v.Required("count", einsum.count);
  v.Required("left_because", einsum.left_because, kMaxReason);
}

// Fields that older exports lack are not required.
template <typename V>
void VisitFields(V& v, RecordOf<V, HookReport>& hook) {
  v.Required("einsums", hook.einsums, kMaxReasons);
  v.Required("untouched", hook.untouched);
  v.Required("attention_fused", hook.attention_fused);
  v.Required("attention_left", hook.attention_left);
  v.Required("scaled_scores", hook.scaled);
  v.Required("models", hook.models);
  v.Required("transposed_constants", hook.transposed);
  v.Required("parked_bytes", hook.parked_bytes);
  v.Required("file_backed_bytes", hook.file_backed_bytes);
  v.Required("slack_bytes", hook.slack_bytes);
  v.Field("huge_asked_bytes", hook.huge_asked_bytes);
  v.Field("huge_bytes", hook.huge_bytes);
  v.Field("written_rows", hook.written_rows);
  v.Required("refused", hook.refused, kMaxReasons);
  v.Required("aside", hook.aside, kMaxReasons);
  v.Required("unparked", hook.unparked, kMaxReasons);
}

template <typename V>
void VisitFields(V& v, RecordOf<V, LeanReport>& lean) {
  v.Required("shared_bytes", lean.shared_bytes);
  v.Required("copied_bytes", lean.copied_bytes);
  v.Required("untouched_bytes", lean.untouched_bytes);
  v.Field("read_values", lean.read_values);
  v.Required("aside", lean.aside, kMaxReasons);
}

template <typename V>
void VisitFields(V& v, RecordOf<V, TrimReport>& report) {
  v.Required("hook", report.hook);
  v.Required("lean", report.lean);
}

}  // namespace tare

#endif  // TARE_BENCH_WATCH_TRIM_REPORT_FIELDS_H_
