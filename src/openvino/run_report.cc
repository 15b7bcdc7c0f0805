#include "openvino/run_report.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace tare {

void AppendLineToReport(const char* event, std::vector<std::string> fields) {
  const char* path = std::getenv(kHookReportVariable);
  if (path == nullptr) return;
  std::string line = std::string(event) + "\t" + std::to_string(getpid());
  for (std::string& field : fields) {
    std::replace_if(
        field.begin(), field.end(), [](char c) { return c == '\t' || c == '\n'; }, ' ');
    line += "\t" + field;
  }
  line += "\n";
  const int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0) return;
  [[maybe_unused]] const ssize_t written = write(file, line.data(), line.size());
  close(file);
}

}  // namespace tare
