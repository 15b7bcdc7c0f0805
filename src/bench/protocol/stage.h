#ifndef TARE_BENCH_PROTOCOL_STAGE_H_
#define TARE_BENCH_PROTOCOL_STAGE_H_

#include <cstddef>
#include <optional>
#include <string_view>

namespace tare {

// The points in a worker's life at which its memory is read, in the order it must reach them.
enum class Stage {
  kInitial,          // "0_INITIAL": Python: imports done; C++: arguments parsed, no file opened
  kModelLoaded,      // "1_MODEL_LOADED"
  kBeforeInference,  // "2_BEFORE_INFERENCE"
  kFirstInference,   // "3_FIRST_INFERENCE": the first generation is done
  kSecondInference,  // "4_SECOND_INFERENCE"
  kFinal,            // "5_FINAL": nothing more is measured
};

inline constexpr size_t kStageCount = 6;

std::string_view StageName(Stage stage);
// The name that people read: "started", "loaded", …
std::string_view StageTitle(Stage stage);
std::optional<Stage> StageFromName(std::string_view name);

}  // namespace tare

#endif  // TARE_BENCH_PROTOCOL_STAGE_H_
