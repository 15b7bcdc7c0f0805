#include "openvino_engine/measures.h"

#include <utility>

namespace tare {
namespace {

constexpr std::pair<std::string_view, bool OpenVinoMeasures::*> kNames[] = {
    {"no-map", &OpenVinoMeasures::map},     {"no-drop", &OpenVinoMeasures::drop},
    {"no-huge", &OpenVinoMeasures::huge},   {"no-gather", &OpenVinoMeasures::gather},
    {"no-sdpa", &OpenVinoMeasures::sdpa},   {"no-last", &OpenVinoMeasures::last},
    {"no-apart", &OpenVinoMeasures::apart}, {"no-state", &OpenVinoMeasures::state},
    {"no-small", &OpenVinoMeasures::small}, {"no-flush", &OpenVinoMeasures::flush},
    {"no-slack", &OpenVinoMeasures::slack}, {"no-code", &OpenVinoMeasures::code},
};

Status SwitchOff(std::string_view entry, OpenVinoMeasures& measures) {
  for (const auto& [name, member] : kNames) {
    if (entry != name) continue;
    measures.*member = false;
    return {};
  }
  return InvalidInput(
      "there is no OpenVINO measure \"{}\"; expected names out of: no-map, no-drop, no-huge, "
      "no-gather, no-sdpa, no-last, no-apart, no-state, no-small, no-flush, no-slack, no-code",
      entry);
}

}  // namespace

Result<OpenVinoMeasures> OpenVinoMeasures::Parse(std::string_view text) {
  OpenVinoMeasures measures;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    TARE_RETURN_IF_ERROR(SwitchOff(text.substr(0, comma), measures));
    text = comma == std::string_view::npos ? "" : text.substr(comma + 1);
  }
  return measures;
}

}  // namespace tare
