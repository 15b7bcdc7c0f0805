#ifndef TARE_OPENVINO_POLICY_CHOICES_H_
#define TARE_OPENVINO_POLICY_CHOICES_H_

#include <cstddef>
#include <optional>
#include <string>

#include "heap/huge_pace.h"

namespace tare {

// Smaller constants stay in memory: their files would cost more than the memory saves.
inline constexpr size_t kLeastParkedBytes = size_t{1} << 20;

enum class AttentionChoice {
  kNone,
  kGaining,  // those that pay on the CPU plugin: attention_gain.h
  kAll,      // every attention that can be fused
};

// What to do to a model.
struct TrimChoices {
  bool rewrites = true;  // rewrite einsums and run all other graph passes
  AttentionChoice attention = AttentionChoice::kNone;
  bool copies_written_rows = false;
  bool parks = false;                    // move constants to disk once the plugin packed them
  std::string park_folder = "/var/tmp";  // must be on a disk
  std::optional<HugePace> huge;          // when packed weights go to huge pages; empty: never
  bool logs = false;
};

// The choices for a device, from the environment that `tare run` sets (trim/contract.h); the
// program may change it. Defaults were measured on the CPU plugin only. Only that plugin is known
// to turn rows into views, and to stop reading constants once it has packed them.
TrimChoices ChoicesFor(bool on_cpu);

}  // namespace tare

#endif  // TARE_OPENVINO_POLICY_CHOICES_H_
