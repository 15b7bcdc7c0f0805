#include "bench/protocol/stage.h"

#include <array>

namespace tare {
namespace {

constexpr std::array<std::string_view, kStageCount> kNames = {
    "0_INITIAL",         "1_MODEL_LOADED",     "2_BEFORE_INFERENCE",
    "3_FIRST_INFERENCE", "4_SECOND_INFERENCE", "5_FINAL"};
constexpr std::array<std::string_view, kStageCount> kTitles = {
    "started", "loaded", "before inference", "first inference", "second inference", "finished"};

}  // namespace

std::string_view StageName(Stage stage) { return kNames[static_cast<size_t>(stage)]; }

std::string_view StageTitle(Stage stage) { return kTitles[static_cast<size_t>(stage)]; }

std::optional<Stage> StageFromName(std::string_view name) {
  for (size_t i = 0; i < kStageCount; ++i) {
    if (kNames[i] == name) return static_cast<Stage>(i);
  }
  return std::nullopt;
}

}  // namespace tare
