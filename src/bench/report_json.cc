#include "bench/report_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "bench/summary.h"

namespace tare {
namespace {

using nlohmann::json;

std::string Dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

template <typename T>
json OrNull(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json ToJson(const MachineFacts& machine) {
  return {{"cpu_model", machine.cpu_model},
          {"logical_cpus", machine.logical_cpus},
          {"physical_cores", machine.physical_cores},
          {"kernel", machine.kernel},
          {"memory_bytes", machine.memory_bytes},
          {"available_bytes", machine.available_bytes},
          {"swap_bytes", machine.swap_bytes},
          {"page_bytes", machine.page_bytes},
          {"governor", machine.governor},
          {"transparent_hugepages", machine.transparent_hugepages},
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

json ToJson(const ModelFacts& model) {
  return {{"path", model.path},
          {"form", model.form},
          {"family", model.family},
          {"precision", model.precision},
          {"parameters", model.parameters},
          {"file_bytes", model.file_bytes},
          {"weights_bytes", model.weights_bytes},
          {"bytes_read_per_token", model.bytes_read_per_token},
          {"content_id", model.content_id}};
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
    converted[row] = ToJson(model.facts);
    converted[row]["path"] = model.path;
    if (!model.error.empty()) converted[row] = {{"error", model.error}};
  }
  return {{"workload", ToJson(record.scenario.workload)},
          {"threads", record.scenario.threads},
          {"sampler", record.scenario.sampler},
          {"generations", std::move(generations)},
          {"model", ToJson(record.model)},
          {"converted_models", std::move(converted)}};
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
  }
  json samples = json::array();
  for (const MemorySample& sample : memory.samples) {
    samples.push_back({sample.time_ns, sample.rss_bytes, sample.anon_bytes, sample.file_bytes});
  }
  return {{"stages", std::move(stages)},
          {"samples_time_ns_rss_anon_file_bytes", std::move(samples)},
          {"sample_count", memory.sample_count},
          {"sample_interval_ns", memory.sample_interval_ns},
          {"longest_gap_ns", memory.longest_gap_ns},
          {"processes_seen", memory.processes_seen},
          {"peak_rss_low_bytes", memory.peak_rss_low_bytes},
          {"peak_rss_high_bytes", memory.peak_rss_high_bytes},
          {"peak_swap_bytes", memory.peak_swap_bytes},
          {"high_water_was_reset", memory.high_water_was_reset}};
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

json ToJson(const RunRecord& run) {
  const WorkerOutcome& outcome = run.outcome;
  json out = {{"scenario", run.scenario},
              {"row", run.row},
              {"round", run.round},
              {"warmup", run.warmup},
              {"page_cache_bytes", OrNull(run.page_cache_bytes)},
              {"startup_ns", outcome.startup_ns},
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
  if (outcome.result) out["result"] = ToJson(*outcome.result);
  if (outcome.failure) {
    out["failure"] = {{"reason", outcome.failure->reason}, {"message", outcome.failure->message}};
  }
  return out;
}

// `scale` takes the figure to the unit of its name; whole for bytes and nanoseconds.
json ToJson(const Spread& spread, double scale, bool whole) {
  const auto number = [&](double value) {
    return whole ? json(std::llround(value * scale)) : json(value * scale);
  };
  return {{"median", number(spread.median)},
          {"min", number(spread.min)},
          {"max", number(spread.max)},
          {"count", spread.count}};
}
json Bytes(const Spread& spread) { return ToJson(spread, 1, true); }
json Ns(const Spread& spread) { return ToJson(spread, 1e9, true); }
json Ns(const std::optional<Spread>& spread) { return spread ? Ns(*spread) : json(nullptr); }
json Rate(const std::optional<Spread>& spread) {
  return spread ? ToJson(*spread, 1, false) : json(nullptr);
}

json ToJson(const TokenAgreement& tokens) {
  if (!tokens.known) return nullptr;
  json out = {{"equal", tokens.equal}, {"compared", tokens.compared}};
  if (!tokens.equal) {
    out["first_difference"] = {{"generation", tokens.generation}, {"position", tokens.position}};
  }
  return out;
}

json ToJson(const RowSummary& row) {
  json out = {{"row", row.row}, {"good_runs", row.good_runs}};
  if (row.failed) {
    out["failure"] = {{"reason", row.failed->outcome.failure->reason},
                      {"message", row.failed->outcome.failure->message}};
  }
  if (row.good_runs == 0) return out;
  out.update({{"peak_rss_bytes", Bytes(row.peak_rss_bytes)},
              {"peak_rss_high_bytes", std::llround(row.peak_rss_high_bytes)},
              {"growth_bytes", Bytes(row.growth_bytes)},
              {"tare_bytes", Bytes(row.tare_bytes)},
              {"peak_swap_bytes", std::llround(row.peak_swap_bytes)},
              {"weights_untouched_bytes", std::llround(row.weights_untouched_bytes)},
              {"load_ns", Ns(row.load_seconds)},
              {"cold_start_ns", Ns(row.cold_start_seconds)},
              {"first_generation_ns", Ns(row.first_seconds)},
              {"second_generation_ns", Ns(row.second_seconds)},
              {"first_ttft_ns", Ns(row.first_ttft_seconds)},
              {"ttft_ns", Ns(row.ttft_seconds)},
              {"prefill_tokens_per_second", Rate(row.prefill_tokens_per_second)},
              {"decode_tokens_per_second", Rate(row.decode_tokens_per_second)},
              {"first_tokens_per_second", Rate(row.first_tokens_per_second)},
              {"study_words_per_second", Rate(row.study_words_per_second)},
              {"whole_tokens_per_second", Rate(row.whole_tokens_per_second)},
              {"share_of_limit", OrNull(row.share_of_limit)},
              {"tokens_against_native", ToJson(row.tokens)}});
  return out;
}

json SessionToJson(const Document& document) {
  const Session& session = document.session;
  json scenarios = json::array();
  for (const ScenarioRecord& record : document.scenarios) scenarios.push_back(ToJson(record));
  return {{"schema_version", kResultSchemaVersion},
          {"tare_version", session.tare_version},
          {"command", session.command},
          {"started_at", session.started_at},
          {"machine", ToJson(session.machine)},
          {"rows", session.rows},
          {"runs_per_row", session.runs},
          {"warmups_per_row", session.warmups},
          {"scenarios", std::move(scenarios)}};
}

json SummariesToJson(const Document& document) {
  json summaries = json::array();
  for (size_t i = 0; i < document.scenarios.size(); ++i) {
    json rows = json::array();
    for (const RowSummary& row : SummarizeScenario(document, i)) rows.push_back(ToJson(row));
    summaries.push_back({{"scenario", i}, {"rows", std::move(rows)}});
  }
  return summaries;
}

}  // namespace

std::string RenderJson(const Document& document) {
  json out = SessionToJson(document);
  out["interrupted"] = document.interrupted;
  out["summaries"] = SummariesToJson(document);
  out["runs"] = json::array();
  for (const RunRecord& run : document.runs) out["runs"].push_back(ToJson(run));
  return Dump(out) + "\n";
}

std::string JsonSessionLine(const Document& document) {
  json out = SessionToJson(document);
  out["kind"] = "session";
  return Dump(out) + "\n";
}

std::string JsonRunLine(const RunRecord& run) {
  json out = ToJson(run);
  out["kind"] = "run";
  return Dump(out) + "\n";
}

std::string JsonEndLine(const Document& document) {
  return Dump({{"kind", "end"},
               {"interrupted", document.interrupted},
               {"summaries", SummariesToJson(document)}}) +
         "\n";
}

}  // namespace tare
