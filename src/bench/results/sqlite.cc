#include "bench/results/sqlite.h"

#include <sqlite3.h>

#include <utility>

namespace tare {
namespace {

// Far longer than any of our transactions. A writer that waits this long waits for a stuck one.
constexpr int kBusyMilliseconds = 30'000;

}  // namespace

void Sqlite::Closer::operator()(sqlite3* database) const { sqlite3_close_v2(database); }
void SqliteStatement::Finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Error Sqlite::Failure(std::string_view what, int code) const {
  const int kind = code & 0xff;
  const char* reason = database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code);
  std::string text = fmt::format("{}: cannot {}: {}", path_, what, reason);
  if (kind == SQLITE_NOTADB || kind == SQLITE_CORRUPT) {
    return CorruptFile("{}; move the file away or name another with --store", text);
  }
  if (kind == SQLITE_BUSY) return IoError("{}; another program holds it", text);
  if (kind == SQLITE_FULL) return IoError("{}; make room on its disk", text);
  return IoError("{}", text);
}

Result<Sqlite> Sqlite::Open(const std::string& path, Mode mode) {
  Sqlite result(path);
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE |
                    (mode == Mode::kCreate ? SQLITE_OPEN_CREATE : 0);
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
  result.database_.reset(database);
  if (code != SQLITE_OK) return result.Failure("open it", code);
  sqlite3_busy_timeout(database, kBusyMilliseconds);
  return result;
}

Status Sqlite::Execute(const std::string& statements) {
  const int code = sqlite3_exec(database_.get(), statements.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Failure("use it", code);
  return {};
}

Result<SqliteStatement> Sqlite::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      &statement, nullptr);
  if (code != SQLITE_OK) return Failure("use it", code);
  return SqliteStatement(*this, statement);
}

int64_t Sqlite::LastRowId() const { return sqlite3_last_insert_rowid(database_.get()); }
int64_t Sqlite::Changes() const { return sqlite3_changes64(database_.get()); }

SqliteStatement& SqliteStatement::Bind(int parameter, std::string_view text) {
  const int code = sqlite3_bind_text64(statement_.get(), parameter, text.data(), text.size(),
                                       SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) bind_error_ = code;
  return *this;
}

SqliteStatement& SqliteStatement::Bind(int parameter, int64_t number) {
  const int code = sqlite3_bind_int64(statement_.get(), parameter, number);
  if (code != SQLITE_OK) bind_error_ = code;
  return *this;
}

Result<bool> SqliteStatement::Step() {
  if (bind_error_ != SQLITE_OK) return owner_->Failure("use it", bind_error_);
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return owner_->Failure("use it", code);
}

Status SqliteStatement::Run() {
  TARE_ASSIGN_OR_RETURN([[maybe_unused]] const bool has_row, Step());
  return {};
}

std::string SqliteStatement::Text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_.get(), column);
  const int bytes = sqlite3_column_bytes(statement_.get(), column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text), static_cast<size_t>(bytes)};
}

int64_t SqliteStatement::Number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

Result<SqliteTransaction> SqliteTransaction::Begin(Sqlite& database) {
  TARE_RETURN_IF_ERROR(database.Execute("BEGIN IMMEDIATE"));
  return SqliteTransaction(database);
}

SqliteTransaction::~SqliteTransaction() {
  if (database_ == nullptr) return;
  const Status undone = database_->Execute("ROLLBACK");
  static_cast<void>(undone);  // on failure, SQLite has already rolled back
}

Status SqliteTransaction::Commit() {
  TARE_RETURN_IF_ERROR(database_->Execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace tare
