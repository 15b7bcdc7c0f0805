#ifndef TARE_OPENVINO_POLICY_CHOICES_H_
#define TARE_OPENVINO_POLICY_CHOICES_H_

#include <cstddef>
#include <optional>
#include <string>

#include "heap/huge_pace.h"

namespace tare {

// Below this a file costs more than the memory that it saves.
inline constexpr size_t kLeastParkedBytes = size_t{1} << 20;

enum class AttentionChoice {
  kNone,
  kGaining,  // what the CPU plugin gains by: attention_gain.h
  kAll,      // whatever can be fused
};

// What is to be done to a model.
struct TrimChoices {
  bool rewrites = true;  // einsums, and all else of the graph
  AttentionChoice attention = AttentionChoice::kNone;
  bool copies_written_rows = false;
  bool parks = false;                    // constants, once they are packed
  std::string park_folder = "/var/tmp";  // on a disk
  std::optional<HugePace> huge;          // of what is packed while constants are parked
  bool logs = false;
};

// As `tare run` asks by the environment (trim/contract.h), which a program may change, for a
// device. What is done by itself was measured on the CPU plugin alone, and only of that one it is
// known that rows are views and that constants are packed and read no more.
TrimChoices ChoicesFor(bool on_cpu);

}  // namespace tare

#endif  // TARE_OPENVINO_POLICY_CHOICES_H_
