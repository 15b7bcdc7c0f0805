#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/protocol/json_fields.h"
#include "bench/results/result_json.h"

namespace tare {
namespace {

using nlohmann::json;

constexpr uint64_t kAny = UINT64_MAX;
constexpr size_t kMaxName = 4096;
constexpr size_t kMaxText = size_t{4} << 20;
constexpr size_t kMaxItems = size_t{1} << 24;

// Reads a field into `target` if it is there; a missing one leaves what is there.
Status Read(const JsonFields& fields, std::string_view name, std::string& target) {
  if (!fields.HasValue(name)) return {};
  TARE_ASSIGN_OR_RETURN(target, fields.Text(name, kMaxText));
  return {};
}
Status Read(const JsonFields& fields, std::string_view name, uint64_t& target) {
  if (!fields.HasValue(name)) return {};
  TARE_ASSIGN_OR_RETURN(target, fields.Count(name, kAny));
  return {};
}
Status Read(const JsonFields& fields, std::string_view name, std::optional<uint64_t>& target) {
  TARE_ASSIGN_OR_RETURN(target, fields.OptionalCount(name, kAny));
  return {};
}
Status Read(const JsonFields& fields, std::string_view name, double& target) {
  if (!fields.HasValue(name)) return {};
  TARE_ASSIGN_OR_RETURN(target, fields.Number(name));
  return {};
}
Status Read(const JsonFields& fields, std::string_view name, std::vector<std::string>& target) {
  if (!fields.HasValue(name)) return {};
  TARE_ASSIGN_OR_RETURN(target, fields.Texts(name, kMaxName, kMaxText));
  return {};
}
Status Read(const JsonFields& fields, std::string_view name, bool& target) {
  if (!fields.HasValue(name)) return {};
  TARE_ASSIGN_OR_RETURN(target, fields.Flag(name));
  return {};
}

// Reads fields in turn, until one cannot be read.
template <typename... NamesAndTargets>
Status ReadAll(const JsonFields&) {
  return {};
}
template <typename Target, typename... Rest>
Status ReadAll(const JsonFields& fields, std::string_view name, Target& target, Rest&&... rest) {
  TARE_RETURN_IF_ERROR(Read(fields, name, target));
  return ReadAll(fields, std::forward<Rest>(rest)...);
}

Result<MachineFacts> MachineFrom(const JsonFields& fields) {
  MachineFacts m;
  TARE_RETURN_IF_ERROR(ReadAll(
      fields, "cpu_model", m.cpu_model, "cpu_features", m.cpu_features, "caches", m.caches,
      "logical_cpus", m.logical_cpus, "physical_cores", m.physical_cores, "kernel", m.kernel,
      "memory_bytes", m.memory_bytes, "available_bytes", m.available_bytes, "swap_bytes",
      m.swap_bytes, "swap_used_bytes", m.swap_used_bytes, "huge_page_pool_bytes",
      m.huge_page_pool_bytes, "load_average", m.load_average, "page_bytes", m.page_bytes,
      "governor", m.governor, "transparent_hugepages", m.transparent_hugepages, "gpus", m.gpus,
      "read_bytes_per_second", m.read_bytes_per_second));
  return m;
}

Result<Workload> WorkloadFrom(const JsonFields& fields) {
  Workload workload;
  TARE_ASSIGN_OR_RETURN(const std::string kind, fields.Text("kind", kMaxName));
  if (kind == "study") {
    TARE_ASSIGN_OR_RETURN(workload.max_length, fields.Count("max_length", kMaxTokens));
    return workload;
  }
  if (kind != "tokens") return InvalidInput("{}: unknown kind \"{}\"", fields.where(), kind);
  workload = {Workload::Kind::kTokens, 0, 0, 0};
  TARE_ASSIGN_OR_RETURN(workload.prompt_tokens, fields.Count("prompt_tokens", kMaxTokens));
  TARE_ASSIGN_OR_RETURN(workload.new_tokens, fields.Count("new_tokens", kMaxTokens));
  return workload;
}

Result<ModelFacts> ModelFrom(const JsonFields& fields) {
  ModelFacts m;
  TARE_RETURN_IF_ERROR(
      ReadAll(fields, "path", m.path, "form", m.form, "family", m.family, "precision", m.precision,
              "parameters", m.parameters, "file_bytes", m.file_bytes, "weights_bytes",
              m.weights_bytes, "bytes_read_per_token", m.bytes_read_per_token,
              "cache_bytes_per_token", m.cache_bytes_per_token, "content_id", m.content_id));
  if (fields.Has("einsums")) {
    TARE_ASSIGN_OR_RETURN(m.einsums, EinsumsFromJson(fields));
  }
  return m;
}

Result<ConvertedModel> ConvertedFrom(const JsonFields& fields) {
  ConvertedModel converted;
  TARE_RETURN_IF_ERROR(ReadAll(fields, "error", converted.error, "path", converted.path));
  TARE_ASSIGN_OR_RETURN(converted.facts, ModelFrom(fields));
  if (fields.Has("prompts_as_ids")) {
    TARE_ASSIGN_OR_RETURN(converted.prompts_as_ids, fields.Flag("prompts_as_ids"));
  }
  return converted;
}

Result<GenerationRequest> RequestFrom(const JsonFields& fields) {
  GenerationRequest request;
  TARE_ASSIGN_OR_RETURN(request.prompt.text, fields.Text("prompt_text", kMaxText));
  TARE_ASSIGN_OR_RETURN(request.prompt.ids, fields.TokenIds("prompt_ids"));
  TARE_ASSIGN_OR_RETURN(request.new_tokens, fields.Count("new_tokens", kMaxTokens));
  return request;
}

Result<ScenarioRecord> ScenarioFrom(const JsonFields& fields) {
  ScenarioRecord record;
  TARE_ASSIGN_OR_RETURN(const JsonFields workload, fields.Object("workload"));
  TARE_ASSIGN_OR_RETURN(record.scenario.workload, WorkloadFrom(workload));
  TARE_ASSIGN_OR_RETURN(record.scenario.threads, fields.Count("threads", kMaxName));
  TARE_ASSIGN_OR_RETURN(record.scenario.sampler, fields.Text("sampler", kMaxName));
  TARE_ASSIGN_OR_RETURN(const JsonFields model, fields.Object("model"));
  TARE_ASSIGN_OR_RETURN(record.model, ModelFrom(model));
  record.scenario.model = record.model.path;
  TARE_RETURN_IF_ERROR(ReadAll(fields, "precision", record.scenario.precision));
  TARE_RETURN_IF_ERROR(ReadAll(fields, "model_argument", record.scenario.model, "model_sha256",
                               record.model_sha256, "limit_bytes", record.scenario.limit_bytes,
                               "cold", record.scenario.cold));
  TARE_ASSIGN_OR_RETURN(const auto requests, fields.Objects("generations", kMaxName));
  for (const JsonFields& request : requests) {
    TARE_ASSIGN_OR_RETURN(GenerationRequest parsed, RequestFrom(request));
    record.asked.generations.push_back(std::move(parsed));
  }
  record.asked.model = record.scenario.model;
  record.asked.threads = record.scenario.threads;
  record.asked.sampler = record.scenario.sampler;
  if (!fields.HasValue("converted_models")) return record;
  TARE_ASSIGN_OR_RETURN(const auto converted, fields.ObjectMap("converted_models", kMaxName));
  for (const auto& [row, one] : converted) {
    TARE_ASSIGN_OR_RETURN(record.converted[row], ConvertedFrom(one));
  }
  return record;
}

Result<Stage> StageFrom(const JsonFields& fields, std::string_view field) {
  TARE_ASSIGN_OR_RETURN(const std::string name, fields.Text(field, kMaxName));
  const std::optional<Stage> stage = StageFromName(name);
  if (!stage) return InvalidInput("{}: there is no stage \"{}\"", fields.where(), name);
  return *stage;
}

Result<StageReading> ReadingFrom(const JsonFields& fields) {
  StageReading r;
  TARE_ASSIGN_OR_RETURN(r.stage, StageFrom(fields, "stage"));
  TARE_RETURN_IF_ERROR(ReadAll(
      fields, "time_ns", r.time_ns, "rss_bytes", r.rss_bytes, "anon_bytes", r.anon_bytes,
      "file_bytes", r.file_bytes, "shmem_bytes", r.shmem_bytes, "swap_bytes", r.swap_bytes,
      "high_water_bytes", r.high_water_bytes, "pss_bytes", r.pss_bytes, "uss_bytes", r.uss_bytes,
      "device_bytes", r.device_bytes, "device_high_bytes", r.device_high_bytes));
  return r;
}

Result<DeviceMemory> DeviceFrom(const JsonFields& fields) {
  DeviceMemory d;
  TARE_RETURN_IF_ERROR(ReadAll(fields, "device_peak_bytes", d.peak_bytes, "of_processes",
                               d.of_processes, "sample_count", d.sample_count, "longest_gap_ns",
                               d.longest_gap_ns, "error", d.error));
  return d;
}

Result<std::vector<MemorySample>> SamplesFrom(const json& memory) {
  std::vector<MemorySample> samples;
  const auto field = memory.find("samples_time_ns_rss_anon_file_bytes");
  if (field == memory.end()) return samples;
  const auto is_sample = [](const json& sample) {
    return sample.is_array() && sample.size() == 4 &&
           std::all_of(sample.begin(), sample.end(),
                       [](const json& number) { return number.is_number_unsigned(); });
  };
  if (!field->is_array() || !std::all_of(field->begin(), field->end(), is_sample)) {
    return InvalidInput("memory samples must be lists of four whole numbers");
  }
  samples.reserve(field->size());
  for (const json& sample : *field) {
    samples.push_back({sample[0].get<uint64_t>(), sample[1].get<uint64_t>(),
                       sample[2].get<uint64_t>(), sample[3].get<uint64_t>()});
  }
  return samples;
}

Result<MemoryRecord> MemoryFrom(const JsonFields& fields, const json& object) {
  MemoryRecord m;
  TARE_ASSIGN_OR_RETURN(const auto readings, fields.Objects("stages", kStageCount));
  for (const JsonFields& reading : readings) {
    TARE_ASSIGN_OR_RETURN(StageReading parsed, ReadingFrom(reading));
    m.stages.push_back(parsed);
  }
  TARE_ASSIGN_OR_RETURN(m.samples, SamplesFrom(object));
  TARE_RETURN_IF_ERROR(
      ReadAll(fields, "sample_count", m.sample_count, "sample_interval_ns", m.sample_interval_ns,
              "longest_gap_ns", m.longest_gap_ns, "processes_seen", m.processes_seen,
              "peak_rss_low_bytes", m.peak_rss_low_bytes, "peak_rss_high_bytes",
              m.peak_rss_high_bytes, "peak_swap_bytes", m.peak_swap_bytes, "cgroup_peak_bytes",
              m.cgroup_peak_bytes, "limit_bytes", m.limit_bytes, "disk_read_bytes",
              m.disk_read_bytes, "watched_ns", m.watched_ns, "watcher_cpu_ns", m.watcher_cpu_ns));
  TARE_ASSIGN_OR_RETURN(m.high_water_was_reset, fields.Flag("high_water_was_reset"));
  if (fields.HasValue("device")) {
    TARE_ASSIGN_OR_RETURN(const JsonFields device, fields.Object("device"));
    TARE_ASSIGN_OR_RETURN(m.device, DeviceFrom(device));
  }
  return m;
}

Result<Generation> GenerationFrom(const JsonFields& fields) {
  Generation g;
  TARE_ASSIGN_OR_RETURN(g.ids, fields.TokenIds("ids"));
  TARE_ASSIGN_OR_RETURN(g.token_ns, fields.Counts("token_ns", kMaxTokens, kMaxDurationNs));
  TARE_RETURN_IF_ERROR(ReadAll(fields, "prompt_tokens", g.prompt_tokens, "decode_ns", g.decode_ns,
                               "total_ns", g.total_ns, "text", g.text));
  const bool times_fit = g.token_ns.empty() || g.token_ns.size() == g.ids.size();
  const bool decode_fits = !g.decode_ns || (*g.decode_ns <= g.total_ns && !g.ids.empty());
  if (!times_fit || !decode_fits || !std::is_sorted(g.token_ns.begin(), g.token_ns.end())) {
    return InvalidInput("{}: its times do not fit its tokens", fields.where());
  }
  return g;
}

Result<ResultMessage> ResultFrom(const JsonFields& fields) {
  ResultMessage result;
  TARE_ASSIGN_OR_RETURN(result.load_ns, fields.Count("load_ns", kMaxDurationNs));
  TARE_ASSIGN_OR_RETURN(const auto generations, fields.Objects("generations", 2));
  for (const JsonFields& generation : generations) {
    TARE_ASSIGN_OR_RETURN(Generation parsed, GenerationFrom(generation));
    result.generations.push_back(std::move(parsed));
  }
  return result;
}

Result<RunConditions> ConditionsFrom(const JsonFields& fields) {
  RunConditions c;
  TARE_RETURN_IF_ERROR(
      ReadAll(fields, "started_at", c.started_at, "wall_ns", c.wall_ns, "swapped_pages",
              c.swapped_pages, "throttle_events", c.throttle_events, "read_before_bytes_per_second",
              c.read_before_bytes_per_second, "read_after_bytes_per_second",
              c.read_after_bytes_per_second, "quota_throttled_periods", c.quota_throttled_periods,
              "quota_throttled_ns", c.quota_throttled_ns));
  if (fields.HasValue("others_cpu_share")) {
    TARE_ASSIGN_OR_RETURN(c.others_cpu_share, fields.Number("others_cpu_share"));
  }
  return c;
}

Result<std::vector<CachedFile>> CachedFilesFrom(const JsonFields& fields) {
  std::vector<CachedFile> files;
  if (!fields.HasValue("page_cache_files")) return files;
  TARE_ASSIGN_OR_RETURN(const auto objects, fields.Objects("page_cache_files", kMaxItems));
  for (const JsonFields& object : objects) {
    CachedFile& file = files.emplace_back();
    TARE_RETURN_IF_ERROR(
        ReadAll(object, "path", file.path, "bytes", file.bytes, "cached_bytes", file.cached_bytes));
  }
  return files;
}

Result<RequiredRecord> RequiredFrom(const JsonFields& fields) {
  RequiredRecord r;
  TARE_RETURN_IF_ERROR(ReadAll(fields, "required_bytes", r.required_bytes, "error", r.error,
                               "time_factor", r.time_factor, "unlimited_ns", r.unlimited_ns,
                               "files", r.files, "file_bytes", r.file_bytes, "saw_all_files",
                               r.saw_all_files));
  TARE_ASSIGN_OR_RETURN(const auto probes, fields.Objects("probes", kMaxItems));
  for (const JsonFields& object : probes) {
    RequiredProbe& probe = r.probes.emplace_back();
    TARE_RETURN_IF_ERROR(ReadAll(object, "limit_bytes", probe.limit_bytes, "outcome", probe.outcome,
                                 "run_ns", probe.run_ns, "disk_read_bytes", probe.disk_read_bytes,
                                 "still_cached_bytes", probe.still_cached_bytes));
  }
  return r;
}

Result<std::vector<double>> SpeedsFrom(const json& object, const char* name) {
  const auto field = object.find(name);
  const auto is_number = [](const json& item) { return item.is_number(); };
  if (field == object.end() || !field->is_array() ||
      !std::all_of(field->begin(), field->end(), is_number)) {
    return InvalidInput("watch_cost: field \"{}\" must be a list of numbers", name);
  }
  return field->get<std::vector<double>>();
}

Result<WatchCost> WatchCostFrom(const JsonFields& fields, const json& object) {
  WatchCost cost;
  TARE_RETURN_IF_ERROR(
      ReadAll(fields, "sample_interval_ns", cost.sample_interval_ns, "window_ns", cost.window_ns));
  TARE_ASSIGN_OR_RETURN(cost.watched_tokens_per_second,
                        SpeedsFrom(object, "watched_tokens_per_second"));
  TARE_ASSIGN_OR_RETURN(cost.unwatched_tokens_per_second,
                        SpeedsFrom(object, "unwatched_tokens_per_second"));
  return cost;
}

Result<HelloMessage> HelloFrom(const JsonFields& fields) {
  HelloMessage hello;
  TARE_RETURN_IF_ERROR(ReadAll(fields, "backend", hello.backend, "device", hello.device));
  TARE_ASSIGN_OR_RETURN(hello.versions, fields.TextMap("versions", kMaxName, kMaxName));
  return hello;
}

Status ReadOutcome(const JsonFields& fields, WorkerOutcome& outcome) {
  if (fields.HasValue("worker")) {
    TARE_ASSIGN_OR_RETURN(const JsonFields worker, fields.Object("worker"));
    TARE_ASSIGN_OR_RETURN(outcome.hello, HelloFrom(worker));
  }
  if (fields.HasValue("stage_reached")) {
    TARE_ASSIGN_OR_RETURN(outcome.stage_reached, StageFrom(fields, "stage_reached"));
  }
  if (fields.HasValue("failure")) {
    TARE_ASSIGN_OR_RETURN(const JsonFields failure, fields.Object("failure"));
    outcome.failure.emplace();
    TARE_ASSIGN_OR_RETURN(outcome.failure->reason, failure.Text("reason", kMaxText));
    TARE_ASSIGN_OR_RETURN(outcome.failure->message, failure.Text("message", kMaxText));
  }
  if (fields.HasValue("trim")) {
    TARE_ASSIGN_OR_RETURN(const JsonFields trim, fields.Object("trim"));
    TARE_ASSIGN_OR_RETURN(outcome.trim, TrimReportFromJson(trim));
  }
  if (fields.HasValue("result")) {
    TARE_ASSIGN_OR_RETURN(const JsonFields result, fields.Object("result"));
    TARE_ASSIGN_OR_RETURN(outcome.result, ResultFrom(result));
  }
  const bool whole = outcome.memory.stages.size() == kStageCount;
  if (outcome.result && (!whole || outcome.result->generations.size() != 2)) {
    return InvalidInput("{}: a result needs {} stages and two generations", fields.where(),
                        kStageCount);
  }
  return ReadAll(fields, "startup_ns", outcome.startup_ns, "run_ns", outcome.run_ns,
                 "weights_untouched_bytes", outcome.weights_untouched_bytes, "output_tail",
                 outcome.output_tail, "exit_note", outcome.exit_note);
}

}  // namespace

Result<Document> SessionFromJson(const json& object) {
  const JsonFields fields(object, "session");
  TARE_ASSIGN_OR_RETURN(const uint64_t schema, fields.Count("schema_version", kAny));
  if (schema > kResultSchemaVersion) {
    return Unsupported("results of schema version {}, this tare reads up to {}; use a newer tare",
                       schema, kResultSchemaVersion);
  }
  Document document;
  Session& session = document.session;
  TARE_RETURN_IF_ERROR(
      ReadAll(fields, "tare_version", session.tare_version, "commit", session.commit, "command",
              session.command, "started_at", session.started_at, "rows", session.rows,
              "runs_per_row", session.runs, "warmups_per_row", session.warmups, "stage_timeout_ns",
              session.stage_timeout_ns, "sample_interval_ns", session.sample_interval_ns));
  TARE_RETURN_IF_ERROR(Read(fields, "required", session.required));
  if (fields.HasValue("watch_cost")) {
    TARE_ASSIGN_OR_RETURN(const JsonFields cost, fields.Object("watch_cost"));
    TARE_ASSIGN_OR_RETURN(session.watch_cost, WatchCostFrom(cost, object["watch_cost"]));
  }
  if (fields.Has("interrupted")) {
    TARE_ASSIGN_OR_RETURN(document.interrupted, fields.Flag("interrupted"));
  }
  TARE_ASSIGN_OR_RETURN(const JsonFields machine, fields.Object("machine"));
  TARE_ASSIGN_OR_RETURN(session.machine, MachineFrom(machine));
  TARE_ASSIGN_OR_RETURN(const auto scenarios, fields.Objects("scenarios", kMaxItems));
  for (const JsonFields& scenario : scenarios) {
    TARE_ASSIGN_OR_RETURN(ScenarioRecord parsed, ScenarioFrom(scenario));
    document.scenarios.push_back(std::move(parsed));
  }
  return document;
}

Result<RunRecord> RunFromJson(const json& object, const Document& document) {
  const JsonFields fields(object, "run");
  RunRecord run;
  TARE_ASSIGN_OR_RETURN(run.scenario, fields.Count("scenario", kAny));
  TARE_ASSIGN_OR_RETURN(run.row, fields.Text("row", kMaxName));
  const std::vector<std::string>& rows = document.session.rows;
  if (run.scenario >= document.scenarios.size() ||
      std::find(rows.begin(), rows.end(), run.row) == rows.end()) {
    return InvalidInput("run: scenario {}, row {}: the session has none such", run.scenario,
                        run.row);
  }
  TARE_ASSIGN_OR_RETURN(run.round, fields.Count("round", kAny));
  TARE_ASSIGN_OR_RETURN(run.warmup, fields.Flag("warmup"));
  TARE_RETURN_IF_ERROR(Read(fields, "page_cache_bytes", run.page_cache_bytes));
  TARE_ASSIGN_OR_RETURN(run.page_cache_files, CachedFilesFrom(fields));
  if (fields.HasValue("required")) {
    TARE_ASSIGN_OR_RETURN(const JsonFields required, fields.Object("required"));
    TARE_ASSIGN_OR_RETURN(run.required, RequiredFrom(required));
    run.required->scenario = run.scenario;
    run.required->row = run.row;
  }
  if (fields.HasValue("conditions")) {
    TARE_ASSIGN_OR_RETURN(const JsonFields conditions, fields.Object("conditions"));
    TARE_ASSIGN_OR_RETURN(run.conditions, ConditionsFrom(conditions));
  }
  TARE_ASSIGN_OR_RETURN(const JsonFields memory, fields.Object("memory"));
  TARE_ASSIGN_OR_RETURN(run.outcome.memory, MemoryFrom(memory, object["memory"]));
  TARE_RETURN_IF_ERROR(ReadOutcome(fields, run.outcome));
  return run;
}

Result<Document> DocumentFromJson(std::string_view text) {
  TARE_ASSIGN_OR_RETURN(const json object, ParseJsonObject(text, kResultJsonDepth));
  TARE_ASSIGN_OR_RETURN(Document document, SessionFromJson(object));
  const auto runs = object.find("runs");
  if (runs == object.end() || !runs->is_array()) {
    return InvalidInput("session: field \"runs\" must be a list of runs");
  }
  for (const json& run : *runs) {
    if (!run.is_object()) return InvalidInput("session: field \"runs\" must be a list of runs");
    TARE_ASSIGN_OR_RETURN(RunRecord parsed, RunFromJson(run, document));
    document.runs.push_back(std::move(parsed));
  }
  return document;
}

}  // namespace tare
