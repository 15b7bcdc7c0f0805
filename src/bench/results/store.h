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
  uint64_t runs = 0;  // finished runs, including warm-ups and failures
};

// Stores all sessions in an SQLite database, described in docs/history.md. When a call returns, its
// changes are on disk. If this program dies, a change is stored completely or not at all. Several
// programs may write at once.
//   Errors  Io; CorruptFile if the file is not a store; Unsupported for a newer tare's store.
class ResultStore {
 public:
  static constexpr int64_t kVersion = 1;

  enum class Mode { kExisting, kCreate };  // kCreate also creates missing folders
  static Result<ResultStore> Open(const std::string& path, Mode mode);

  const std::string& path() const { return database_.path(); }

  // Stores the document's session and scenarios. The session belongs to this process.
  Result<uint64_t> Begin(const Document& document);
  // Errors: InvalidInput if the session already has a run of this scenario, row and round.
  Status Add(uint64_t session, const RunRecord& run);
  Status End(uint64_t session, bool interrupted);

  // Makes this process the owner of an incomplete session. Removes interrupted runs, so that they
  // are repeated.
  //   Errors  InvalidInput for a complete session, or while another process works on it.
  Status Claim(uint64_t session);

  // Errors: InvalidInput if the session does not exist.
  Result<Document> Load(uint64_t session);
  // Returns the sessions that tried a memory limit, oldest first. Each has only the runs that show
  // how much memory a row needs (see MeasuredNeeds).
  Result<std::vector<Document>> LimitedRuns();
  // Accepts a number, "last", or "last~N", the Nth before it. Errors: InvalidInput.
  Result<uint64_t> Find(const std::string& name);
  // Returns the latest incomplete session that no process works on. Errors: InvalidInput.
  Result<uint64_t> FindUnfinished();
  // Returns the latest sessions first.
  Result<std::vector<SessionEntry>> List(uint64_t limit);

  // Hashes of unchanged files, see ModelHash. Writing is best-effort. The store outlives the cache.
  HashCache Hashes();

 private:
  explicit ResultStore(Sqlite database) : database_(std::move(database)) {}
  Status Prepare();
  // The session with those of its runs that match an SQL condition.
  Result<Document> LoadRuns(uint64_t session, const std::string& condition);

  Sqlite database_;
};

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_STORE_H_
