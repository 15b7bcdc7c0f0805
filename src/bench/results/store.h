#ifndef TARE_BENCH_RESULTS_STORE_H_
#define TARE_BENCH_RESULTS_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "bench/results/document.h"
#include "bench/results/model_hash.h"
#include "bench/results/sqlite.h"

namespace tare {

// `${XDG_STATE_HOME:-~/.local/state}/tare/results.db`. Errors: InvalidInput without HOME.
Result<std::string> DefaultStorePath();

struct SessionEntry {
  uint64_t id = 0;
  std::string started_at;
  std::string state;  // "complete", "interrupted", "running"
  std::string command;
  uint64_t runs = 0;  // that ended, warm-ups and failed ones included
};

// The record of all sessions: an SQLite database, described in docs/history.md. What a call has
// written is on the disk when it returns, whole or not at all, whatever ends this program. Several
// programs may write at a time. Errors: Io; CorruptFile for what is no store; Unsupported for the
// store of a newer tare.
class ResultStore {
 public:
  static constexpr int64_t kVersion = 1;

  enum class Mode { kExisting, kCreate };  // kCreate makes missing folders too
  static Result<ResultStore> Open(const std::string& path, Mode mode);

  const std::string& path() const { return database_.path(); }

  // Keeps the document's session and scenarios, as one that this process is working on.
  Result<uint64_t> Begin(const Document& document);
  // InvalidInput where the session has a run of this scenario, row and round already.
  Status Add(uint64_t session, const RunRecord& run);
  Status End(uint64_t session, bool interrupted);

  // Makes this process the one that works on a session which is not complete. Runs that an
  // interrupt cut short are taken out, to be made again. Errors: InvalidInput for a complete
  // session, and while another process works on it.
  Status Claim(uint64_t session);

  // Errors: InvalidInput where there is no such session.
  Result<Document> Load(uint64_t session);
  // The sessions in which a memory limit was tried, oldest first, each with only the runs that tell
  // what a row needs (see MeasuredNeeds).
  Result<std::vector<Document>> LimitedRuns();
  // A number, "last", or "last~N": the Nth before it. Errors: InvalidInput.
  Result<uint64_t> Find(const std::string& name);
  // The last session that is not complete and that nobody works on. Errors: InvalidInput.
  Result<uint64_t> FindUnfinished();
  // The latest first.
  Result<std::vector<SessionEntry>> List(uint64_t limit);

  // Hashes of files that did not change since, see ModelHash. Kept best-effort. The store outlives
  // the cache.
  HashCache Hashes();

 private:
  explicit ResultStore(Sqlite database) : database_(std::move(database)) {}
  Status Prepare();
  // The session with those of its runs for which an SQL condition holds.
  Result<Document> LoadRuns(uint64_t session, const std::string& condition);

  Sqlite database_;
};

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_STORE_H_
