#ifndef TARE_TRIM_LEAN_REPORT_H_
#define TARE_TRIM_LEAN_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "trim/event_reader.h"

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

// Has a reader add what it reads of lean loading's events to a report, which must outlive it.
void ReadLeanEvents(EventReader& reader, LeanReport& report);

// Lines for stderr, each begun with "tare: "; empty where it did nothing.
std::string LeanReportText(const LeanReport& report);

}  // namespace tare

#endif  // TARE_TRIM_LEAN_REPORT_H_
