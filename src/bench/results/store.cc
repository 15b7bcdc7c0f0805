#include "bench/results/store.h"

#include <fmt/ranges.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/user_folders.h"
#include "bench/protocol/json_fields.h"
#include "bench/results/result_json.h"
#include "os/process_identity.h"
#include "os/utc_time.h"

namespace tare {
namespace {

constexpr int64_t kApplicationId = 0x54617265;  // "Tare"

constexpr char kTables[] = R"(
CREATE TABLE session (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  state TEXT NOT NULL CHECK (state IN ('running', 'interrupted', 'complete')),
  owner TEXT NOT NULL,
  command TEXT NOT NULL,
  record TEXT NOT NULL
);
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL REFERENCES session (id),
  scenario INTEGER NOT NULL,
  round INTEGER NOT NULL,
  row TEXT NOT NULL,
  failure TEXT,
  record TEXT NOT NULL,
  UNIQUE (session, scenario, round, row)
);
CREATE TABLE file_hash (
  path TEXT PRIMARY KEY,
  bytes INTEGER NOT NULL,
  modified_ns INTEGER NOT NULL,
  device INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  sha256 TEXT NOT NULL
);
)";

// A rollback journal works on any file system, including a network's, and readers write nothing.
// EXTRA also syncs the journal's removal, so that no power cut can bring the journal back.
constexpr char kSettings[] =
    "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON;";

Result<int64_t> Pragma(Sqlite& database, const std::string& name) {
  TARE_ASSIGN_OR_RETURN(SqliteStatement statement, database.Prepare("PRAGMA " + name));
  TARE_ASSIGN_OR_RETURN(const bool has_row, statement.Step());
  return has_row ? statement.Number(0) : 0;
}

int64_t Signed(uint64_t value) { return static_cast<int64_t>(value); }

Error NoSession(const Sqlite& database, const std::string& name) {
  return InvalidInput("{} has no session \"{}\"; see: tare report --list", database.path(), name);
}

std::optional<uint64_t> WholeNumber(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value <= uint64_t{INT64_MAX} ? std::optional(value) : std::nullopt;
}

}  // namespace

Result<std::string> DefaultStorePath() {
  const Result<std::string> state = UserStateFolder();
  if (!state.ok()) return state.error().In("no place to keep results (--store names one)");
  return *state + "/tare/results.db";
}

Result<ResultStore> ResultStore::Open(const std::string& path, Mode mode) {
  std::error_code error;
  if (mode == Mode::kExisting && !std::filesystem::exists(path, error)) {
    return InvalidInput("there are no results in {}; tare bench makes some", path);
  }
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) return ErrnoError(error.value(), fmt::format("cannot make {}", folder.string()));
  const auto open = mode == Mode::kCreate ? Sqlite::Mode::kCreate : Sqlite::Mode::kExisting;
  TARE_ASSIGN_OR_RETURN(Sqlite database, Sqlite::Open(path, open));
  ResultStore store(std::move(database));
  TARE_RETURN_IF_ERROR(store.Prepare());
  return store;
}

Status ResultStore::Prepare() {
  TARE_RETURN_IF_ERROR(database_.Execute(kSettings));
  TARE_ASSIGN_OR_RETURN(int64_t application, Pragma(database_, "application_id"));
  if (application == 0) {
    // The store is new, or another program is creating it. Check again under the lock.
    TARE_ASSIGN_OR_RETURN(SqliteTransaction making, SqliteTransaction::Begin(database_));
    TARE_ASSIGN_OR_RETURN(application, Pragma(database_, "application_id"));
    TARE_ASSIGN_OR_RETURN(const int64_t changes, Pragma(database_, "schema_version"));
    if (application == 0 && changes == 0) {
      TARE_RETURN_IF_ERROR(database_.Execute(kTables));
      TARE_RETURN_IF_ERROR(
          database_.Execute(fmt::format("PRAGMA application_id = {}; "
                                        "PRAGMA user_version = {};",
                                        kApplicationId, kVersion)));
      TARE_RETURN_IF_ERROR(making.Commit());
      application = kApplicationId;
    }
  }
  if (application != kApplicationId) {
    return CorruptFile("{} is a database of another program; name another file with --store",
                       path());
  }
  TARE_ASSIGN_OR_RETURN(const int64_t version, Pragma(database_, "user_version"));
  if (version > kVersion) {
    return Unsupported(
        "{} was written by a newer tare (store version {}, this one reads up to {}); "
        "use that tare, or name another file with --store",
        path(), version, kVersion);
  }
  return {};
}

Result<uint64_t> ResultStore::Begin(const Document& document) {
  TARE_ASSIGN_OR_RETURN(
      SqliteStatement insert,
      database_.Prepare("INSERT INTO session (started_at, state, owner, command, record) "
                        "VALUES (?, 'running', ?, ?, ?)"));
  insert.Bind(1, document.session.started_at)
      .Bind(2, OwnIdentity())
      .Bind(3, fmt::format("{}", fmt::join(document.session.command, " ")))
      .Bind(4, DumpJson(SessionToJson(document)));
  TARE_RETURN_IF_ERROR(insert.Run());
  return static_cast<uint64_t>(database_.LastRowId());
}

Status ResultStore::Add(uint64_t session, const RunRecord& run) {
  TARE_ASSIGN_OR_RETURN(
      SqliteStatement insert,
      database_.Prepare(
          "INSERT OR IGNORE INTO run (session, scenario, round, row, failure, record) "
          "VALUES (?, ?, ?, ?, nullif(?, ''), ?)"));
  insert.Bind(1, Signed(session))
      .Bind(2, Signed(run.scenario))
      .Bind(3, Signed(run.round))
      .Bind(4, run.row)
      .Bind(5, run.outcome.failure ? run.outcome.failure->reason : "")
      .Bind(6, DumpJson(RunToJson(run)));
  TARE_RETURN_IF_ERROR(insert.Run());
  if (database_.Changes() == 1) return {};
  return InvalidInput("{}: session {} has run {} of {} already; is another tare working on it?",
                      path(), session, run.round, run.row);
}

Status ResultStore::End(uint64_t session, bool interrupted) {
  TARE_ASSIGN_OR_RETURN(
      SqliteStatement update,
      database_.Prepare("UPDATE session SET state = ?, ended_at = ? WHERE id = ?"));
  update.Bind(1, interrupted ? "interrupted" : "complete").Bind(2, UtcNow());
  return update.Bind(3, Signed(session)).Run();
}

Status ResultStore::Claim(uint64_t session) {
  TARE_ASSIGN_OR_RETURN(SqliteTransaction claiming, SqliteTransaction::Begin(database_));
  {
    TARE_ASSIGN_OR_RETURN(SqliteStatement select,
                          database_.Prepare("SELECT state, owner FROM session WHERE id = ?"));
    TARE_ASSIGN_OR_RETURN(const bool found, select.Bind(1, Signed(session)).Step());
    if (!found) return NoSession(database_, std::to_string(session));
    if (select.Text(0) == "complete") {
      return InvalidInput("session {} is complete: there is nothing to resume", session);
    }
    if (select.Text(0) == "running" && StillRuns(select.Text(1))) {
      return InvalidInput("session {} is in use by process {}", session, select.Text(1));
    }
  }
  TARE_ASSIGN_OR_RETURN(
      SqliteStatement update,
      database_.Prepare("UPDATE session SET state = 'running', owner = ? WHERE id = ?"));
  TARE_RETURN_IF_ERROR(update.Bind(1, OwnIdentity()).Bind(2, Signed(session)).Run());
  TARE_ASSIGN_OR_RETURN(
      SqliteStatement remove,
      database_.Prepare("DELETE FROM run WHERE session = ? AND failure = 'interrupted'"));
  TARE_RETURN_IF_ERROR(remove.Bind(1, Signed(session)).Run());
  return claiming.Commit();
}

Result<Document> ResultStore::LoadRuns(uint64_t session, const std::string& condition) {
  constexpr size_t kDepth = kResultJsonDepth;
  const std::string where = fmt::format("{}: session {}", path(), session);
  TARE_ASSIGN_OR_RETURN(SqliteStatement select,
                        database_.Prepare("SELECT record, state FROM session WHERE id = ?"));
  TARE_ASSIGN_OR_RETURN(const bool found, select.Bind(1, Signed(session)).Step());
  if (!found) return NoSession(database_, std::to_string(session));
  TARE_ASSIGN_OR_RETURN(const nlohmann::json record, ParseJsonObject(select.Text(0), kDepth));
  Result<Document> document = SessionFromJson(record);
  if (!document.ok()) return document.error().In(where);
  document->session.id = session;
  document->interrupted = select.Text(1) != "complete";
  TARE_ASSIGN_OR_RETURN(
      SqliteStatement runs,
      database_.Prepare(
          fmt::format("SELECT record FROM run WHERE session = ? AND {} ORDER BY id", condition)));
  runs.Bind(1, Signed(session));
  while (true) {
    TARE_ASSIGN_OR_RETURN(const bool has_row, runs.Step());
    if (!has_row) return document;
    TARE_ASSIGN_OR_RETURN(const nlohmann::json object, ParseJsonObject(runs.Text(0), kDepth));
    Result<RunRecord> run = RunFromJson(object, *document);
    if (!run.ok()) return run.error().In(where);
    document->runs.push_back(*std::move(run));
  }
}

Result<Document> ResultStore::Load(uint64_t session) { return LoadRuns(session, "true"); }

Result<std::vector<Document>> ResultStore::LimitedRuns() {
  constexpr char kTells[] =
      "(failure = 'oom-limit' OR json_extract(record, '$.required') IS NOT NULL)";
  TARE_ASSIGN_OR_RETURN(SqliteStatement select,
                        database_.Prepare(fmt::format(
                            "SELECT DISTINCT session FROM run WHERE {} ORDER BY session", kTells)));
  std::vector<Document> documents;
  while (true) {
    TARE_ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return documents;
    const auto session = static_cast<uint64_t>(select.Number(0));
    TARE_ASSIGN_OR_RETURN(Document document, LoadRuns(session, kTells));
    documents.push_back(std::move(document));
  }
}

Result<uint64_t> ResultStore::Find(const std::string& name) {
  constexpr std::string_view kLast = "last";
  constexpr char kById[] = "SELECT id FROM session WHERE id = ?";
  constexpr char kFromLast[] = "SELECT id FROM session ORDER BY id DESC LIMIT 1 OFFSET ?";
  const bool from_last = name.starts_with(kLast);
  std::string_view number = name;
  if (name == kLast) number = "0";
  if (name.starts_with("last~")) number.remove_prefix(kLast.size() + 1);
  const std::optional<uint64_t> value = WholeNumber(number);
  if (!value) {
    return InvalidInput(
        "\"{}\" names no session; expected a number, last, last~N or an exported .json file", name);
  }
  TARE_ASSIGN_OR_RETURN(SqliteStatement select, database_.Prepare(from_last ? kFromLast : kById));
  TARE_ASSIGN_OR_RETURN(const bool found, select.Bind(1, Signed(*value)).Step());
  if (!found) return NoSession(database_, name);
  return static_cast<uint64_t>(select.Number(0));
}

Result<uint64_t> ResultStore::FindUnfinished() {
  TARE_ASSIGN_OR_RETURN(SqliteStatement select,
                        database_.Prepare("SELECT id, state, owner FROM session "
                                          "WHERE state != 'complete' ORDER BY id DESC"));
  while (true) {
    TARE_ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return InvalidInput("{} has no session that was interrupted", path());
    const bool busy = select.Text(1) == "running" && StillRuns(select.Text(2));
    if (!busy) return static_cast<uint64_t>(select.Number(0));
  }
}

Result<std::vector<SessionEntry>> ResultStore::List(uint64_t limit) {
  TARE_ASSIGN_OR_RETURN(SqliteStatement select,
                        database_.Prepare("SELECT id, started_at, state, command, owner, "
                                          "(SELECT count(*) FROM run WHERE session = session.id) "
                                          "FROM session ORDER BY id DESC LIMIT ?"));
  select.Bind(1, Signed(limit));
  std::vector<SessionEntry> entries;
  while (true) {
    TARE_ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return entries;
    SessionEntry entry{static_cast<uint64_t>(select.Number(0)), select.Text(1), select.Text(2),
                       select.Text(3), static_cast<uint64_t>(select.Number(5))};
    // The process was killed and could not record its end.
    if (entry.state == "running" && !StillRuns(select.Text(4))) entry.state = "interrupted";
    entries.push_back(std::move(entry));
  }
}

HashCache ResultStore::Hashes() {
  const auto bind = [](SqliteStatement& statement, const FileStamp& stamp) {
    statement.Bind(1, stamp.path)
        .Bind(2, Signed(stamp.bytes))
        .Bind(3, stamp.modified_ns)
        .Bind(4, Signed(stamp.device))
        .Bind(5, Signed(stamp.inode));
  };
  HashCache cache;
  cache.find = [this, bind](const FileStamp& stamp) -> std::string {
    auto select = database_.Prepare(
        "SELECT sha256 FROM file_hash WHERE path = ? AND bytes = ? AND modified_ns = ? AND "
        "device = ? AND inode = ?");
    if (!select.ok()) return {};
    bind(*select, stamp);
    const Result<bool> found = select->Step();
    return found.ok() && *found ? select->Text(0) : std::string();
  };
  cache.keep = [this, bind](const FileStamp& stamp, const std::string& sha256) {
    auto insert = database_.Prepare("INSERT OR REPLACE INTO file_hash VALUES (?, ?, ?, ?, ?, ?)");
    if (!insert.ok()) return;
    bind(*insert, stamp);
    const Status kept = insert->Bind(6, sha256).Run();
    static_cast<void>(kept);  // if this fails, the hash is computed again
  };
  return cache;
}

}  // namespace tare
