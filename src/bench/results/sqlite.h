#ifndef TARE_BENCH_RESULTS_SQLITE_H_
#define TARE_BENCH_RESULTS_SQLITE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tare {

class SqliteStatement;

// One connection to an SQLite database, for one thread at a time. Every error names the file. It is
// CorruptFile if the file is damaged or not a database, else Io.
class Sqlite {
 public:
  enum class Mode { kExisting, kCreate };
  static Result<Sqlite> Open(const std::string& path, Mode mode);

  // Runs statements that return no rows.
  Status Execute(const std::string& statements);
  // `sql` is one statement. The connection outlives it.
  Result<SqliteStatement> Prepare(std::string_view sql);
  // The row id of the last INSERT.
  int64_t LastRowId() const;
  // The number of rows that the last INSERT, UPDATE or DELETE changed.
  int64_t Changes() const;

  const std::string& path() const { return path_; }

 private:
  friend class SqliteStatement;
  struct Closer {
    void operator()(sqlite3* database) const;
  };
  explicit Sqlite(std::string path) : path_(std::move(path)) {}
  Error Failure(std::string_view what, int code) const;

  std::string path_;
  std::unique_ptr<sqlite3, Closer> database_;
};

// A prepared statement. Parameters are numbered from 1, columns from 0.
class SqliteStatement {
 public:
  SqliteStatement& Bind(int parameter, std::string_view text);
  SqliteStatement& Bind(int parameter, int64_t number);

  // Returns true if there is a row to read. Also returns errors from Bind.
  Result<bool> Step();
  // Runs a statement that returns no rows.
  Status Run();

  std::string Text(int column) const;
  int64_t Number(int column) const;

 private:
  friend class Sqlite;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  SqliteStatement(const Sqlite& owner, sqlite3_stmt* statement)
      : owner_(&owner), statement_(statement) {}

  const Sqlite* owner_;
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
  int bind_error_ = 0;
};

// Takes the write lock at once, so that values read in the transaction are still valid when it
// writes. Rolls back unless Commit() succeeds.
class SqliteTransaction {
 public:
  static Result<SqliteTransaction> Begin(Sqlite& database);
  SqliteTransaction(SqliteTransaction&& other) noexcept
      : database_(std::exchange(other.database_, nullptr)) {}
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;
  ~SqliteTransaction();

  // The changes are on disk when this returns.
  Status Commit();

 private:
  explicit SqliteTransaction(Sqlite& database) : database_(&database) {}

  Sqlite* database_;
};

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_SQLITE_H_
