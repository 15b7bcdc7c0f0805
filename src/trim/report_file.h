#ifndef TARE_TRIM_REPORT_FILE_H_
#define TARE_TRIM_REPORT_FILE_H_

#include <string>
#include <utility>

#include "base/error.h"

namespace tare {

// An empty file that the hook and lean loading append events to.
class ReportFile {
 public:
  // A file that stays. Errors: Io.
  static Result<ReportFile> Named(const std::string& path);
  // A temporary file, removed by the destructor. Errors: Io.
  static Result<ReportFile> Temporary();
  // No file, because nothing will read it.
  static ReportFile None() { return ReportFile("", false); }

  ReportFile(ReportFile&& other) noexcept;
  ReportFile& operator=(ReportFile&&) = delete;
  ~ReportFile();

  const std::string& path() const { return path_; }  // absolute; empty: none

 private:
  ReportFile(std::string path, bool goes) : path_(std::move(path)), goes_(goes) {}

  std::string path_;
  bool goes_;
};

}  // namespace tare

#endif  // TARE_TRIM_REPORT_FILE_H_
