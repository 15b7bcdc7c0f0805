#include "bench/results/result_json.h"

#include <nlohmann/json.hpp>

namespace tare {
namespace {

using nlohmann::json;

template <typename T>
json OrNull(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json ToJson(const MachineFacts& machine) {
  return {{"cpu_model", machine.cpu_model},
          {"cpu_features", machine.cpu_features},
          {"caches", machine.caches},
          {"logical_cpus", machine.logical_cpus},
          {"physical_cores", machine.physical_cores},
          {"kernel", machine.kernel},
          {"memory_bytes", machine.memory_bytes},
          {"available_bytes", machine.available_bytes},
          {"swap_bytes", machine.swap_bytes},
          {"swap_used_bytes", machine.swap_used_bytes},
          {"huge_page_pool_bytes", machine.huge_page_pool_bytes},
          {"load_average", machine.load_average},
          {"page_bytes", machine.page_bytes},
          {"governor", machine.governor},
          {"transparent_hugepages", machine.transparent_hugepages},
          {"gpus", machine.gpus},
          {"read_bytes_per_second", machine.read_bytes_per_second}};
}

json ToJson(const Workload& workload) {
  if (workload.kind == Workload::Kind::kStudy) {
    return {{"kind", "study"}, {"max_length", workload.max_length}};
  }
  return {{"kind", "tokens"},
          {"prompt_tokens", workload.prompt_tokens},
          {"new_tokens", workload.new_tokens}};
}

json ToJson(const ScenarioRecord& record) {
  json generations = json::array();
  for (const GenerationRequest& request : record.asked.generations) {
    generations.push_back({{"prompt_text", request.prompt.text},
                           {"prompt_ids", request.prompt.ids},
                           {"new_tokens", request.new_tokens}});
  }
  json converted = json::object();
  for (const auto& [row, model] : record.converted) {
    converted[row] = ModelFactsToJson(model.facts);
    converted[row]["path"] = model.path;
    converted[row]["prompts_as_ids"] = model.prompts_as_ids;
    if (!model.error.empty()) converted[row] = {{"error", model.error}};
  }
  json out = {{"model_argument", record.scenario.model},
              {"workload", ToJson(record.scenario.workload)},
              {"threads", record.scenario.threads},
              {"sampler", record.scenario.sampler},
              {"limit_bytes", OrNull(record.scenario.limit_bytes)},
              {"cold", record.scenario.cold},
              {"generations", std::move(generations)},
              {"model", ModelFactsToJson(record.model)},
              {"model_sha256", record.model_sha256},
              {"converted_models", std::move(converted)}};
  if (!record.scenario.precision.empty()) out["precision"] = record.scenario.precision;
  return out;
}

json ToJson(const DeviceMemory& device) {
  return {{"device_peak_bytes", OrNull(device.peak_bytes)},
          {"of_processes", device.of_processes},
          {"sample_count", device.sample_count},
          {"longest_gap_ns", device.longest_gap_ns},
          {"error", device.error}};
}

json ToJson(const MemoryRecord& memory) {
  json stages = json::array();
  for (const StageReading& stage : memory.stages) {
    stages.push_back({{"stage", StageName(stage.stage)},
                      {"time_ns", stage.time_ns},
                      {"rss_bytes", stage.rss_bytes},
                      {"anon_bytes", stage.anon_bytes},
                      {"file_bytes", stage.file_bytes},
                      {"shmem_bytes", stage.shmem_bytes},
                      {"swap_bytes", stage.swap_bytes},
                      {"high_water_bytes", stage.high_water_bytes},
                      {"pss_bytes", OrNull(stage.pss_bytes)},
                      {"uss_bytes", OrNull(stage.uss_bytes)}});
    if (!stage.device_bytes) continue;
    stages.back()["device_bytes"] = *stage.device_bytes;
    stages.back()["device_high_bytes"] = OrNull(stage.device_high_bytes);
  }
  json samples = json::array();
  for (const MemorySample& sample : memory.samples) {
    samples.push_back({sample.time_ns, sample.rss_bytes, sample.anon_bytes, sample.file_bytes});
  }
  json out = {{"stages", std::move(stages)},
              {"samples_time_ns_rss_anon_file_bytes", std::move(samples)},
              {"sample_count", memory.sample_count},
              {"sample_interval_ns", memory.sample_interval_ns},
              {"longest_gap_ns", memory.longest_gap_ns},
              {"processes_seen", memory.processes_seen},
              {"peak_rss_low_bytes", memory.peak_rss_low_bytes},
              {"peak_rss_high_bytes", memory.peak_rss_high_bytes},
              {"peak_swap_bytes", memory.peak_swap_bytes},
              {"high_water_was_reset", memory.high_water_was_reset},
              {"cgroup_peak_bytes", OrNull(memory.cgroup_peak_bytes)},
              {"limit_bytes", OrNull(memory.limit_bytes)},
              {"disk_read_bytes", OrNull(memory.disk_read_bytes)},
              {"watched_ns", memory.watched_ns},
              {"watcher_cpu_ns", memory.watcher_cpu_ns}};
  if (memory.device) out["device"] = ToJson(*memory.device);
  return out;
}

json ToJson(const ResultMessage& result) {
  json generations = json::array();
  for (const Generation& g : result.generations) {
    generations.push_back({{"prompt_tokens", g.prompt_tokens},
                           {"ids", g.ids},
                           {"token_ns", g.token_ns},
                           {"decode_ns", OrNull(g.decode_ns)},
                           {"total_ns", g.total_ns},
                           {"text", g.text}});
  }
  return {{"load_ns", result.load_ns}, {"generations", std::move(generations)}};
}

json ToJson(const RunConditions& conditions) {
  return {{"started_at", conditions.started_at},
          {"wall_ns", conditions.wall_ns},
          {"others_cpu_share", OrNull(conditions.others_cpu_share)},
          {"swapped_pages", OrNull(conditions.swapped_pages)},
          {"throttle_events", OrNull(conditions.throttle_events)},
          {"read_before_bytes_per_second", OrNull(conditions.read_before_bytes_per_second)},
          {"read_after_bytes_per_second", OrNull(conditions.read_after_bytes_per_second)},
          {"quota_throttled_periods", OrNull(conditions.quota_throttled_periods)},
          {"quota_throttled_ns", OrNull(conditions.quota_throttled_ns)}};
}

json ToJson(const std::vector<CachedFile>& files) {
  json list = json::array();
  for (const CachedFile& file : files) {
    list.push_back(
        {{"path", file.path}, {"bytes", file.bytes}, {"cached_bytes", OrNull(file.cached_bytes)}});
  }
  return list;
}

json ToJson(const RequiredRecord& required) {
  json probes = json::array();
  for (const RequiredProbe& probe : required.probes) {
    probes.push_back({{"limit_bytes", OrNull(probe.limit_bytes)},
                      {"outcome", probe.outcome},
                      {"run_ns", probe.run_ns},
                      {"disk_read_bytes", OrNull(probe.disk_read_bytes)},
                      {"still_cached_bytes", probe.still_cached_bytes}});
  }
  return {{"required_bytes", OrNull(required.required_bytes)},
          {"error", required.error},
          {"time_factor", required.time_factor},
          {"unlimited_ns", required.unlimited_ns},
          {"files", required.files},
          {"file_bytes", required.file_bytes},
          {"saw_all_files", required.saw_all_files},
          {"probes", std::move(probes)}};
}

json ToJson(const WatchCost& cost) {
  json out = {{"sample_interval_ns", cost.sample_interval_ns},
              {"window_ns", cost.window_ns},
              {"watched_tokens_per_second", cost.watched_tokens_per_second},
              {"unwatched_tokens_per_second", cost.unwatched_tokens_per_second}};
  if (const std::optional<WatchCostEstimate> estimate = EstimateWatchCost(cost)) {
    out["share_of_decode_speed"] = {{"median", estimate->median},
                                    {"low", estimate->interval.low},
                                    {"high", estimate->interval.high}};
  }
  return out;
}

}  // namespace

json RunToJson(const RunRecord& run) {
  const WorkerOutcome& outcome = run.outcome;
  json out = {{"scenario", run.scenario},
              {"row", run.row},
              {"round", run.round},
              {"warmup", run.warmup},
              {"page_cache_bytes", OrNull(run.page_cache_bytes)},
              {"conditions", ToJson(run.conditions)},
              {"startup_ns", outcome.startup_ns},
              {"run_ns", outcome.run_ns},
              {"page_cache_files", ToJson(run.page_cache_files)},
              {"weights_untouched_bytes", OrNull(outcome.weights_untouched_bytes)},
              {"memory", ToJson(outcome.memory)},
              {"output_tail", outcome.output_tail},
              {"exit_note", outcome.exit_note}};
  out["stage_reached"] =
      outcome.stage_reached ? json(StageName(*outcome.stage_reached)) : json(nullptr);
  if (outcome.hello) {
    out["worker"] = {{"backend", outcome.hello->backend},
                     {"versions", outcome.hello->versions},
                     {"device", outcome.hello->device}};
  }
  if (outcome.trim) out["trim"] = TrimReportToJson(*outcome.trim);
  if (outcome.result) out["result"] = ToJson(*outcome.result);
  if (run.required) out["required"] = ToJson(*run.required);
  if (outcome.failure) {
    out["failure"] = {{"reason", outcome.failure->reason}, {"message", outcome.failure->message}};
  }
  return out;
}

json SessionToJson(const Document& document) {
  const Session& session = document.session;
  json scenarios = json::array();
  for (const ScenarioRecord& record : document.scenarios) scenarios.push_back(ToJson(record));
  return {{"schema_version", kResultSchemaVersion},
          {"session_id", session.id},
          {"tare_version", session.tare_version},
          {"commit", session.commit},
          {"command", session.command},
          {"started_at", session.started_at},
          {"machine", ToJson(session.machine)},
          {"rows", session.rows},
          {"runs_per_row", session.runs},
          {"warmups_per_row", session.warmups},
          {"stage_timeout_ns", session.stage_timeout_ns},
          {"sample_interval_ns", session.sample_interval_ns},
          {"required", session.required},
          {"watch_cost", session.watch_cost ? ToJson(*session.watch_cost) : json(nullptr)},
          {"interrupted", document.interrupted},
          {"scenarios", std::move(scenarios)}};
}

std::string DumpJson(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace tare
