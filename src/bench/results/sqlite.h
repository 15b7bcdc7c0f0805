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

// One connection to an SQLite database; calls SQLite from one thread at a time. Every error names
// the file: CorruptFile where it is no database or a damaged one, else Io.
class Sqlite {
 public:
  enum class Mode { kExisting, kCreate };
  static Result<Sqlite> Open(const std::string& path, Mode mode);

  // Runs statements that give no rows.
  Status Execute(const std::string& statements);
  // `sql` is one statement. The connection outlives it.
  Result<SqliteStatement> Prepare(std::string_view sql);
  // Of the last INSERT.
  int64_t LastRowId() const;
  // Rows that the last INSERT, UPDATE or DELETE touched.
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

  // True when there is a row to read. Errors of Bind come here too.
  Result<bool> Step();
  // For statements that give no rows.
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

// Takes the write lock at once, so that what was read inside still holds when it writes; undone
// unless Commit() succeeded.
class SqliteTransaction {
 public:
  static Result<SqliteTransaction> Begin(Sqlite& database);
  SqliteTransaction(SqliteTransaction&& other) noexcept
      : database_(std::exchange(other.database_, nullptr)) {}
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;
  ~SqliteTransaction();

  // On the disk when it returns.
  Status Commit();

 private:
  explicit SqliteTransaction(Sqlite& database) : database_(&database) {}

  Sqlite* database_;
};

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_SQLITE_H_
