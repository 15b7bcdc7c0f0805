#ifndef TARE_BENCH_RESULTS_DOCUMENT_H_
#define TARE_BENCH_RESULTS_DOCUMENT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/results/quality_record.h"
#include "bench/results/required_record.h"
#include "bench/results/scenario.h"
#include "bench/watch/conditions.h"
#include "bench/watch/measurement.h"
#include "bench/watch/watch_cost.h"
#include "os/machine_facts.h"
#include "os/page_cache.h"

namespace tare {

inline constexpr uint64_t kResultSchemaVersion = 1;
inline constexpr char kNativeRow[] = "native";

// What applies to a whole `tare bench`.
struct Session {
  uint64_t id = 0;  // in the store that holds it; 0: not stored
  std::string tare_version;
  std::string commit;  // the commit of the source code; empty: unknown
  std::vector<std::string> command;
  std::string started_at;  // UTC, ISO 8601
  MachineFacts machine;
  std::vector<std::string> rows;           // in the requested order
  std::string reference_row = kNativeRow;  // the row whose tokens are the reference
  uint64_t runs = 1;
  uint64_t warmups = 0;
  uint64_t stage_timeout_ns = 600'000'000'000;
  uint64_t sample_interval_ns = 5'000'000;
  bool quality = false;   // each row's predictions are compared after the runs of each scenario
  bool required = false;  // a search for required_bytes follows the runs of each scenario
  std::optional<WatchCost> watch_cost;  // of the first scenario's reference row
};

// A model converted for a row that cannot read the original form.
struct ConvertedModel {
  std::string path;   // what the row gets
  ModelFacts facts;   // facts about the model at `path`
  std::string error;  // why the conversion failed; empty: it succeeded
  // The form has no word for the model, so nothing failed. Not recorded: the runs say it.
  bool is_unsupported = false;
  // Its tokenizer starts every prompt with a token that the original's does not, so the row gets
  // ids and no text.
  bool prompts_as_ids = false;
};

struct ScenarioRecord {
  Scenario scenario;
  ModelFacts model;
  std::string model_sha256;  // see ModelHash
  RunMessage asked;
  std::map<std::string, ConvertedModel> converted;  // by row; no entry for rows that read the model
};

// One run of a worker.
struct RunRecord {
  size_t scenario = 0;  // index into Document::scenarios
  std::string row;
  uint64_t round = 0;  // rounds [0, warmups) are warm-ups
  bool warmup = false;
  // The device that it was asked to run on, one of kDevices. "cpu" for older sessions, which did
  // not record it.
  std::string device = std::string(kDevices[0]);
  std::optional<uint64_t> page_cache_bytes;  // cached bytes of the model file at the worker's start
  std::vector<CachedFile> page_cache_files;  // each of the model's files at that time
  // Set for a search for required_bytes instead of a run. It follows all runs, counts as a warm-up,
  // and has an empty outcome.
  std::optional<RequiredRecord> required;
  // A comparison of predictions instead of a run; the rest as with a search.
  std::optional<QualityRecord> quality;
  RunConditions conditions;
  WorkerOutcome outcome;
};

// All raw data of one `tare bench`. Reports are pure functions of it.
struct Document {
  Session session;
  std::vector<ScenarioRecord> scenarios;
  std::vector<RunRecord> runs;
  bool interrupted = false;
};

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_DOCUMENT_H_
