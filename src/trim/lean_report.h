#ifndef TARE_TRIM_LEAN_REPORT_H_
#define TARE_TRIM_LEAN_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "trim/event_reader.h"

namespace tare {

// What python/tare_lean did in all processes of a program. Bytes are those of Keras's variables.
struct LeanReport {
  uint64_t shared_bytes = 0;       // used directly from the mapped file
  uint64_t copied_bytes = 0;       // copied from the mapped file
  uint64_t untouched_bytes = 0;    // loaded without a random initialisation before
  uint64_t read_values = 0;        // constants read without compiling a model
  std::vector<std::string> aside;  // why something was left to Keras

  bool did_load() const { return shared_bytes + copied_bytes + untouched_bytes > 0; }
};

// Makes `reader` add lean loading's events to `report`, which must outlive it.
void ReadLeanEvents(EventReader& reader, LeanReport& report);

// The summary for stderr; each line begins with "tare: ". Empty if lean loading did nothing.
std::string LeanReportText(const LeanReport& report);

}  // namespace tare

#endif  // TARE_TRIM_LEAN_REPORT_H_
