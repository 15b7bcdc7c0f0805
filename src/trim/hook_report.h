#ifndef TARE_TRIM_HOOK_REPORT_H_
#define TARE_TRIM_HOOK_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trim/event_reader.h"

namespace tare {

// What the hook did in all processes of a program.
struct HookReport {
  struct Einsum {
    std::string equation, operands;
    size_t count = 0;
    std::string left_because;  // empty: rewritten
  };

  std::vector<Einsum> einsums;       // each kind once, the most frequent first
  size_t models = 0;                 // compiled with einsums looked at
  std::vector<std::string> refused;  // models that OpenVINO would not have rewritten, and why
  std::vector<std::string> aside;    // why the hook stepped aside

  size_t attention_fused = 0;                    // to ScaledDotProductAttention
  std::map<std::string, size_t> attention_left;  // by reason

  // Calls of compile_model by a path or a text that were let through, by reason.
  std::map<std::string, size_t> untouched;

  size_t transposed = 0;     // constants that products read as they lie, no Transpose before
  size_t scaled = 0;         // queries whose scores are scaled in their place
  size_t written_rows = 0;   // rows copied alone before they are written to
  uint64_t slack_bytes = 0;  // free heap given back to the kernel

  uint64_t huge_asked_bytes = 0;  // of what was packed, in huge pages; freed ones included
  uint64_t huge_bytes = 0;        // in huge pages, more than before packing

  uint64_t parked_bytes = 0;          // constants moved from the heap to a file in place
  uint64_t file_backed_bytes = 0;     // constants that were in files already
  std::vector<std::string> unparked;  // why constants in the heap stayed there, each once

  size_t rewritten() const;
  size_t left() const;
};

// Has a reader add what it reads of the hook's events to a report, which must outlive it.
void ReadHookEvents(EventReader& reader, HookReport& report);

// The most frequent first.
void SortByCount(std::vector<HookReport::Einsum>& einsums);

// Lines for stderr, each begun with "tare: ".
std::string HookReportText(const HookReport& report);

}  // namespace tare

#endif  // TARE_TRIM_HOOK_REPORT_H_
