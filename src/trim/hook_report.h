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
  std::vector<std::string> refused;  // models that OpenVINO refused to rewrite, and why
  std::vector<std::string> aside;    // why the hook turned itself off

  size_t attention_fused = 0;                    // to ScaledDotProductAttention
  std::map<std::string, size_t> attention_left;  // by reason

  // Calls of compile_model with a path or a text that went through unmodified, by reason.
  std::map<std::string, size_t> untouched;

  size_t transposed = 0;     // constants that products read in place, without a Transpose
  size_t scaled = 0;         // attentions whose scores are scaled instead of their queries
  size_t written_rows = 0;   // rows copied on their own, not with the tensor around them
  uint64_t slack_bytes = 0;  // freed heap memory given back to the kernel

  uint64_t huge_asked_bytes = 0;  // requested in huge pages while packing, freed since or not
  uint64_t huge_bytes = 0;        // growth of the process's huge pages while packing

  uint64_t parked_bytes = 0;          // constants moved from the heap to disk
  uint64_t file_backed_bytes = 0;     // constants that were already in the model file
  std::vector<std::string> unparked;  // why constants stayed in the heap, each reason once

  size_t rewritten() const;
  size_t left() const;
};

// Makes `reader` add the hook's events to `report`, which must outlive it.
void ReadHookEvents(EventReader& reader, HookReport& report);

// Puts the most frequent first.
void SortByCount(std::vector<HookReport::Einsum>& einsums);

// The summary for stderr; each line begins with "tare: ".
std::string HookReportText(const HookReport& report);

}  // namespace tare

#endif  // TARE_TRIM_HOOK_REPORT_H_
