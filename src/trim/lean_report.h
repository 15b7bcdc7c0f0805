#ifndef TARE_TRIM_LEAN_REPORT_H_
#define TARE_TRIM_LEAN_REPORT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tare {

// What python/tare_lean did in all processes of a program; bytes are those of Keras's variables.
struct LeanReport {
  uint64_t shared_bytes = 0;       // over the mapped file
  uint64_t copied_bytes = 0;       // copied from it after all
  uint64_t untouched_bytes = 0;    // not initialised first
  uint64_t read_values = 0;        // constants that were read without compiling a model
  std::vector<std::string> aside;  // why it stepped aside

  bool did_load() const { return shared_bytes + copied_bytes + untouched_bytes > 0; }
};

// From the lines that it appended; one that is cut short or unknown is skipped.
LeanReport ParseLeanReport(std::string_view lines);

// Lines for stderr, each begun with "tare: "; empty where it did nothing.
std::string LeanReportText(const LeanReport& report);

}  // namespace tare

#endif  // TARE_TRIM_LEAN_REPORT_H_
