#ifndef TARE_BENCH_RESULTS_DOCUMENT_H_
#define TARE_BENCH_RESULTS_DOCUMENT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

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

// What holds for a whole `tare bench`.
struct Session {
  uint64_t id = 0;  // in the store that holds it; 0: in none
  std::string tare_version;
  std::string commit;  // of the sources it was built from; empty: unknown
  std::vector<std::string> command;
  std::string started_at;  // UTC, ISO 8601
  MachineFacts machine;
  std::vector<std::string> rows;           // in the order asked for
  std::string reference_row = kNativeRow;  // whose tokens those of the others are compared with
  uint64_t runs = 1;
  uint64_t warmups = 0;
  uint64_t stage_timeout_ns = 600'000'000'000;
  uint64_t sample_interval_ns = 5'000'000;
  bool required = false;  // a search for required_bytes follows the runs of each scenario
  std::optional<WatchCost> watch_cost;  // of the first scenario's reference row
};

// The model in another form, for a row that does not read its own.
struct ConvertedModel {
  std::string path;   // what the row is given
  ModelFacts facts;   // of what lies there
  std::string error;  // why there is none; empty: there is one
  // Its tokenizer begins every prompt with a token that the model's own does not: the row is given
  // ids and no text.
  bool prompts_as_ids = false;
};

struct ScenarioRecord {
  Scenario scenario;
  ModelFacts model;
  std::string model_sha256;  // see ModelHash
  RunMessage asked;
  std::map<std::string, ConvertedModel> converted;  // by row; none for rows that read the model
};

// One worker's life.
struct RunRecord {
  size_t scenario = 0;  // index into Document::scenarios
  std::string row;
  uint64_t round = 0;  // rounds [0, warmups) are warm-ups
  bool warmup = false;
  // Of kDevices, that it was asked to run on. Older sessions do not tell: "cpu" then stands there.
  std::string device = std::string(kDevices[0]);
  std::optional<uint64_t> page_cache_bytes;  // of the model file, when the worker started
  std::vector<CachedFile> page_cache_files;  // each of the model's, then
  // A search for required_bytes instead of a run: it comes after all runs, counts as a warm-up, and
  // its outcome is empty.
  std::optional<RequiredRecord> required;
  RunConditions conditions;
  WorkerOutcome outcome;
};

// All of one `tare bench`: raw data. Reports are pure functions of it.
struct Document {
  Session session;
  std::vector<ScenarioRecord> scenarios;
  std::vector<RunRecord> runs;
  bool interrupted = false;
};

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_DOCUMENT_H_
