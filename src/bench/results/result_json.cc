#include "bench/results/result_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/results/record_fields.h"

namespace tare {
namespace {

using nlohmann::json;

constexpr std::string_view kWorkloadKinds[] = {"study", "tokens"};  // names of Workload::Kind

// Fills in values that the JSON stores only once.
void Complete(ScenarioRecord& record) {
  if (record.scenario.model.empty()) record.scenario.model = record.model.path;
  record.asked.model = record.scenario.model;
  record.asked.threads = record.scenario.threads;
  record.asked.sampler = record.scenario.sampler;
}

// Checks what depends on the rest of the document.
Status CheckRun(const RunRecord& run, const Document& document) {
  const std::vector<std::string>& rows = document.session.rows;
  if (run.scenario >= document.scenarios.size() ||
      std::find(rows.begin(), rows.end(), run.row) == rows.end()) {
    return InvalidInput("run: scenario {}, row {}: the session has none such", run.scenario,
                        run.row);
  }
  const WorkerOutcome& outcome = run.outcome;
  const bool whole = outcome.memory.stages.size() == kStageCount;
  if (outcome.result && (!whole || outcome.result->generations.size() != 2)) {
    return InvalidInput("run: a result needs {} stages and two generations", kStageCount);
  }
  return {};
}

bool IsSample(const json& sample) {
  return sample.is_array() && sample.size() == 4 &&
         std::all_of(sample.begin(), sample.end(),
                     [](const json& number) { return number.is_number_unsigned(); });
}

}  // namespace

Status JsonForm<Stage>::Read(const JsonFields& fields, std::string_view name, Stage& stage) {
  TARE_ASSIGN_OR_RETURN(const std::string text, fields.Text(name, kMaxRecordName));
  const std::optional<Stage> found = StageFromName(text);
  if (!found) return InvalidInput("{}: there is no stage \"{}\"", fields.where(), text);
  stage = *found;
  return {};
}

json JsonForm<Workload::Kind>::Write(Workload::Kind kind) {
  return kWorkloadKinds[static_cast<size_t>(kind)];
}

Status JsonForm<Workload::Kind>::Read(const JsonFields& fields, std::string_view name,
                                      Workload::Kind& kind) {
  TARE_ASSIGN_OR_RETURN(const std::string text, fields.Text(name, kMaxRecordName));
  const auto* found = std::ranges::find(kWorkloadKinds, std::string_view(text));
  if (found == std::end(kWorkloadKinds)) {
    return InvalidInput("{}: unknown kind \"{}\"", fields.where(), text);
  }
  kind = static_cast<Workload::Kind>(found - std::begin(kWorkloadKinds));
  return {};
}

json JsonForm<std::vector<MemorySample>>::Write(const std::vector<MemorySample>& samples) {
  json list = json::array();
  for (const MemorySample& sample : samples) {
    list.push_back({sample.time_ns, sample.rss_bytes, sample.anon_bytes, sample.file_bytes});
  }
  return list;
}

Status JsonForm<std::vector<MemorySample>>::Read(const JsonFields& fields, std::string_view name,
                                                 std::vector<MemorySample>& samples) {
  const json& list = *fields.Value(name);
  if (!list.is_array() || !std::all_of(list.begin(), list.end(), IsSample)) {
    return InvalidInput("memory samples must be lists of four whole numbers");
  }
  samples.reserve(list.size());
  for (const json& sample : list) {
    samples.push_back({sample[0].get<uint64_t>(), sample[1].get<uint64_t>(),
                       sample[2].get<uint64_t>(), sample[3].get<uint64_t>()});
  }
  return {};
}

json RunToJson(const RunRecord& run) { return RecordToJson(run); }

json SessionToJson(const Document& document) {
  json out = RecordToJson(document);
  out["schema_version"] = kResultSchemaVersion;
  return out;
}

Result<Document> SessionFromJson(const json& object) {
  const JsonFields fields(object, "session");
  TARE_ASSIGN_OR_RETURN(const uint64_t schema, fields.Count("schema_version", UINT64_MAX));
  if (schema > kResultSchemaVersion) {
    return Unsupported("results of schema version {}, this tare reads up to {}; use a newer tare",
                       schema, kResultSchemaVersion);
  }
  Document document;
  TARE_RETURN_IF_ERROR(ReadRecord(fields, document));
  for (ScenarioRecord& scenario : document.scenarios) Complete(scenario);
  return document;
}

Result<RunRecord> RunFromJson(const json& object, const Document& document) {
  RunRecord run;
  TARE_RETURN_IF_ERROR(ReadRecord(JsonFields(object, "run"), run));
  TARE_RETURN_IF_ERROR(CheckRun(run, document));
  if (run.required) {
    run.required->scenario = run.scenario;
    run.required->row = run.row;
  }
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

std::string DumpJson(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace tare
