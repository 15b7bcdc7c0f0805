#include "openvino/policy/choices.h"

#include "base/environment.h"
#include "trim/contract.h"

namespace tare {
namespace {

bool IsSet(const char* variable) { return !EnvironmentVariable(variable).empty(); }

AttentionChoice AttentionFor(bool on_cpu) {
  const std::string choice = EnvironmentVariable(kSdpaVariable);
  if (choice == kSdpaAll) return AttentionChoice::kAll;
  return choice != kSdpaNone && on_cpu ? AttentionChoice::kGaining : AttentionChoice::kNone;
}

std::optional<HugePace> HugeAsked() {
  if (IsSet(kNoHugeVariable)) return std::nullopt;
  return IsSet(kHugeVariable) ? HugePace::kAny : HugePace::kWhileQuick;
}

}  // namespace

TrimChoices ChoicesFor(bool on_cpu) {
  TrimChoices choices;
  choices.rewrites = !IsSet(kNoEinsumVariable);
  choices.attention = AttentionFor(on_cpu);
  choices.copies_written_rows = on_cpu;
  choices.parks = on_cpu && !IsSet(kNoParkVariable);
  const std::string folder = EnvironmentVariable(kParkFolderVariable);
  if (!folder.empty()) choices.park_folder = folder;
  choices.huge = HugeAsked();
  choices.logs = IsSet(kLogVariable);
  return choices;
}

}  // namespace tare
