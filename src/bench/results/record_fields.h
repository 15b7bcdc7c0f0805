#ifndef TARE_BENCH_RESULTS_RECORD_FIELDS_H_
#define TARE_BENCH_RESULTS_RECORD_FIELDS_H_

#include <algorithm>

#include "bench/protocol/json_records.h"
#include "bench/protocol/model_facts_fields.h"
#include "bench/results/document.h"
#include "bench/watch/trim_report_fields.h"

namespace tare {

// The fields of every record in a result. Reading and writing both use these lists
// (json_records.h). Renaming or removing a field makes older stores unreadable.

inline constexpr size_t kMaxRecordName = 4096;
inline constexpr size_t kMaxRecordText = size_t{4} << 20;

template <>
struct JsonForm<Stage> {
  static nlohmann::json Write(Stage stage) { return StageName(stage); }
  static Status Read(const JsonFields& fields, std::string_view name, Stage& stage);
};
template <>
struct JsonForm<Workload::Kind> {
  static nlohmann::json Write(Workload::Kind kind);
  static Status Read(const JsonFields& fields, std::string_view name, Workload::Kind& kind);
};
// Written as lists of four numbers, because a run has thousands of samples.
template <>
struct JsonForm<std::vector<MemorySample>> {
  static nlohmann::json Write(const std::vector<MemorySample>& samples);
  static Status Read(const JsonFields& fields, std::string_view name,
                     std::vector<MemorySample>& samples);
};
template <typename V>
void VisitFields(V& v, RecordOf<V, MachineFacts>& machine) {
  v.Field("cpu_model", machine.cpu_model);
  v.Field("cpu_features", machine.cpu_features);
  v.Field("caches", machine.caches);
  v.Field("logical_cpus", machine.logical_cpus);
  v.Field("physical_cores", machine.physical_cores);
  v.Field("kernel", machine.kernel);
  v.Field("memory_bytes", machine.memory_bytes);
  v.Field("available_bytes", machine.available_bytes);
  v.Field("swap_bytes", machine.swap_bytes);
  v.Field("swap_used_bytes", machine.swap_used_bytes);
  v.Field("huge_page_pool_bytes", machine.huge_page_pool_bytes);
  v.Field("load_average", machine.load_average);
  v.Field("page_bytes", machine.page_bytes);
  v.Field("governor", machine.governor);
  v.Field("transparent_hugepages", machine.transparent_hugepages);
  v.Field("gpus", machine.gpus);
  v.Field("read_bytes_per_second", machine.read_bytes_per_second);
}

template <typename V>
void VisitFields(V& v, RecordOf<V, Workload>& workload) {
  v.Required("kind", workload.kind, kMaxRecordName);
  if (workload.kind == Workload::Kind::kStudy) {
    v.Required("max_length", workload.max_length, kMaxTokens);
  } else {
    v.Required("prompt_tokens", workload.prompt_tokens, kMaxTokens);
    v.Required("new_tokens", workload.new_tokens, kMaxTokens);
  }
}

template <typename V>
void VisitFields(V& v, RecordOf<V, ConvertedModel>& converted) {
  v.IfKnown("error", converted.error);
  if (!V::kReads && !converted.error.empty()) return;  // no model to describe
  VisitFields(v, converted.facts);
  v.Field("path", converted.path);  // replaces the path of the file with the weights
  v.Field("prompts_as_ids", converted.prompts_as_ids);
}

template <typename V>
void VisitFields(V& v, RecordOf<V, GenerationRequest>& request) {
  v.Required("prompt_text", request.prompt.text, kMaxRecordText);
  v.Required("prompt_ids", request.prompt.ids);
  v.Required("new_tokens", request.new_tokens, kMaxTokens);
}

template <typename V>
void VisitFields(V& v, RecordOf<V, ScenarioRecord>& record) {
  v.Required("workload", record.scenario.workload);
  v.Required("threads", record.scenario.threads, kMaxRecordName);
  v.Required("sampler", record.scenario.sampler, kMaxRecordName);
  v.Required("model", record.model);
  v.Field("model_argument", record.scenario.model);
  v.Field("model_sha256", record.model_sha256);
  v.IfKnown("precision", record.scenario.precision);
  v.Field("limit_bytes", record.scenario.limit_bytes);
  v.Field("cold", record.scenario.cold);
  v.Required("generations", record.asked.generations, kMaxRecordName);
  v.Field("converted_models", record.converted);
}

template <typename V>
void VisitFields(V& v, RecordOf<V, StageReading>& reading) {
  v.Required("stage", reading.stage);
  v.Field("time_ns", reading.time_ns);
  v.Field("rss_bytes", reading.rss_bytes);
  v.Field("anon_bytes", reading.anon_bytes);
  v.Field("file_bytes", reading.file_bytes);
  v.Field("shmem_bytes", reading.shmem_bytes);
  v.Field("swap_bytes", reading.swap_bytes);
  v.Field("high_water_bytes", reading.high_water_bytes);
  v.Field("pss_bytes", reading.pss_bytes);
  v.Field("uss_bytes", reading.uss_bytes);
  v.IfKnown("device_bytes", reading.device_bytes);
  if (reading.device_bytes) v.Field("device_high_bytes", reading.device_high_bytes);
}

template <typename V>
void VisitFields(V& v, RecordOf<V, DeviceMemory>& device) {
  v.Field("device_peak_bytes", device.peak_bytes);
  v.Field("of_processes", device.of_processes);
  v.Field("sample_count", device.sample_count);
  v.Field("longest_gap_ns", device.longest_gap_ns);
  v.Field("error", device.error);
}

template <typename V>
void VisitFields(V& v, RecordOf<V, MemoryRecord>& memory) {
  v.Required("stages", memory.stages, kStageCount);
  v.Field("samples_time_ns_rss_anon_file_bytes", memory.samples);
  v.Field("sample_count", memory.sample_count);
  v.Field("sample_interval_ns", memory.sample_interval_ns);
  v.Field("longest_gap_ns", memory.longest_gap_ns);
  v.Field("processes_seen", memory.processes_seen);
  v.Field("peak_rss_low_bytes", memory.peak_rss_low_bytes);
  v.Field("peak_rss_high_bytes", memory.peak_rss_high_bytes);
  v.Field("peak_swap_bytes", memory.peak_swap_bytes);
  v.Required("high_water_was_reset", memory.high_water_was_reset);
  v.Field("cgroup_peak_bytes", memory.cgroup_peak_bytes);
  v.Field("limit_bytes", memory.limit_bytes);
  v.Field("disk_read_bytes", memory.disk_read_bytes);
  v.IfKnown("device", memory.device);
  v.Field("watched_ns", memory.watched_ns);
  v.Field("watcher_cpu_ns", memory.watcher_cpu_ns);
}

inline bool TimesFitTokens(const Generation& g) {
  const bool times_fit = g.token_ns.empty() || g.token_ns.size() == g.ids.size();
  const bool decode_fits = !g.decode_ns || (*g.decode_ns <= g.total_ns && !g.ids.empty());
  return times_fit && decode_fits && std::is_sorted(g.token_ns.begin(), g.token_ns.end());
}

template <typename V>
void VisitFields(V& v, RecordOf<V, Generation>& generation) {
  v.Required("ids", generation.ids);
  v.Required("token_ns", generation.token_ns, kMaxDurationNs);
  v.Field("prompt_tokens", generation.prompt_tokens);
  v.Field("decode_ns", generation.decode_ns);
  v.Field("total_ns", generation.total_ns);
  v.Field("text", generation.text);
  v.Check([&] { return TimesFitTokens(generation); }, "its times do not fit its tokens");
}

template <typename V>
void VisitFields(V& v, RecordOf<V, ResultMessage>& result) {
  v.Required("load_ns", result.load_ns, kMaxDurationNs);
  v.Required("generations", result.generations, 2);
}

template <typename V>
void VisitFields(V& v, RecordOf<V, RunConditions>& conditions) {
  v.Field("started_at", conditions.started_at);
  v.Field("wall_ns", conditions.wall_ns);
  v.Field("others_cpu_share", conditions.others_cpu_share);
  v.Field("swapped_pages", conditions.swapped_pages);
  v.Field("throttle_events", conditions.throttle_events);
  v.Field("read_before_bytes_per_second", conditions.read_before_bytes_per_second);
  v.Field("read_after_bytes_per_second", conditions.read_after_bytes_per_second);
  v.Field("quota_throttled_periods", conditions.quota_throttled_periods);
  v.Field("quota_throttled_ns", conditions.quota_throttled_ns);
}

template <typename V>
void VisitFields(V& v, RecordOf<V, CachedFile>& file) {
  v.Field("path", file.path);
  v.Field("bytes", file.bytes);
  v.Field("cached_bytes", file.cached_bytes);
}

template <typename V>
void VisitFields(V& v, RecordOf<V, RequiredProbe>& probe) {
  v.Field("limit_bytes", probe.limit_bytes);
  v.Field("outcome", probe.outcome);
  v.Field("run_ns", probe.run_ns);
  v.Field("disk_read_bytes", probe.disk_read_bytes);
  v.Field("still_cached_bytes", probe.still_cached_bytes);
}

// Its scenario and row are stored with its run.
template <typename V>
void VisitFields(V& v, RecordOf<V, RequiredRecord>& required) {
  v.Field("required_bytes", required.required_bytes);
  v.Field("error", required.error);
  v.Field("time_factor", required.time_factor);
  v.Field("unlimited_ns", required.unlimited_ns);
  v.Field("files", required.files);
  v.Field("file_bytes", required.file_bytes);
  v.Field("saw_all_files", required.saw_all_files);
  v.Required("probes", required.probes);
}

template <typename V>
void VisitFields(V& v, RecordOf<V, DivergenceSummary>& divergence) {
  v.Field("positions", divergence.positions, kMaxTokens);
  v.Field("mean_kl_nats", divergence.mean_kl);
  v.Field("max_kl_nats", divergence.max_kl);
  v.Field("top1_agreement", divergence.top1_agreement);
  v.Field("perplexity", divergence.perplexity);
  v.Field("reference_perplexity", divergence.reference_perplexity);
}

template <typename V>
void VisitFields(V& v, RecordOf<V, QualityRecord>& quality) {
  v.Field("reference", quality.reference);
  v.IfKnown("error", quality.error);
  v.Unless("unsupported", quality.is_unsupported, false);
  if (!V::kReads && !quality.error.empty()) return;
  VisitFields(v, quality.divergence);
}

// Written for readers: it follows from the pairs.
template <typename V>
void VisitFields(V& v, RecordOf<V, WatchCostEstimate>& estimate) {
  v.Field("median", estimate.median);
  v.Field("low", estimate.interval.low);
  v.Field("high", estimate.interval.high);
}

template <typename V>
void VisitFields(V& v, RecordOf<V, WatchCost>& cost) {
  v.Field("sample_interval_ns", cost.sample_interval_ns);
  v.Field("window_ns", cost.window_ns);
  v.Required("watched_tokens_per_second", cost.watched_tokens_per_second);
  v.Required("unwatched_tokens_per_second", cost.unwatched_tokens_per_second);
  v.Derived("share_of_decode_speed", [&] { return EstimateWatchCost(cost); });
}

template <typename V>
void VisitFields(V& v, RecordOf<V, HelloMessage>& worker) {
  v.Field("backend", worker.backend);
  v.Field("device", worker.device);
  v.Required("versions", worker.versions);
}

template <typename V>
void VisitFields(V& v, RecordOf<V, Failure>& failure) {
  v.Required("reason", failure.reason, kMaxRecordText);
  v.Required("message", failure.message, kMaxRecordText);
}

// Its fields are stored beside those of its run.
template <typename V>
void VisitFields(V& v, RecordOf<V, WorkerOutcome>& outcome) {
  v.Required("memory", outcome.memory);
  v.IfKnown("worker", outcome.hello);
  v.Field("stage_reached", outcome.stage_reached);
  v.IfKnown("failure", outcome.failure);
  v.IfKnown("trim", outcome.trim);
  v.IfKnown("result", outcome.result);
  v.Field("startup_ns", outcome.startup_ns);
  v.Field("run_ns", outcome.run_ns);
  v.Field("weights_untouched_bytes", outcome.weights_untouched_bytes);
  v.Field("output_tail", outcome.output_tail);
  v.Field("exit_note", outcome.exit_note);
}

template <typename V>
void VisitFields(V& v, RecordOf<V, RunRecord>& run) {
  v.Required("scenario", run.scenario);
  v.Required("row", run.row, kMaxRecordName);
  v.Required("round", run.round);
  v.Required("warmup", run.warmup);
  v.Unless("device", run.device, kDevices[0]);
  v.Field("page_cache_bytes", run.page_cache_bytes);
  v.Field("page_cache_files", run.page_cache_files);
  v.IfKnown("required", run.required);
  v.IfKnown("quality", run.quality);
  v.Field("conditions", run.conditions);
  VisitFields(v, run.outcome);
}

// The session's own fields. The id is the store's, so it is not read.
template <typename V>
void VisitFields(V& v, RecordOf<V, Session>& session) {
  v.Derived("session_id", [&] { return std::optional(session.id); });
  v.Field("tare_version", session.tare_version);
  v.Field("commit", session.commit);
  v.Field("command", session.command);
  v.Field("started_at", session.started_at);
  v.Field("rows", session.rows);
  v.Unless("reference_row", session.reference_row, kNativeRow);
  v.Field("runs_per_row", session.runs);
  v.Field("warmups_per_row", session.warmups);
  v.Field("stage_timeout_ns", session.stage_timeout_ns);
  v.Field("sample_interval_ns", session.sample_interval_ns);
  v.Unless("quality", session.quality, false);
  v.Field("required", session.required);
  v.Field("watch_cost", session.watch_cost);
  v.Required("machine", session.machine);
}

// All fields except the runs, which a store keeps separately.
template <typename V>
void VisitFields(V& v, RecordOf<V, Document>& document) {
  VisitFields(v, document.session);
  v.Field("interrupted", document.interrupted);
  v.Required("scenarios", document.scenarios);
}

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_RECORD_FIELDS_H_
