#include "bench/report/study/study_rules.h"

#include <algorithm>
#include <cmath>

#include "bench/report/health.h"

namespace tare {
namespace {

constexpr StudyRule kRules[] = {
    {"R1",
     "Speed is ranked by new tokens of the second generation over its whole time, prompt included, "
     "which every row can be asked, and decode speed apart; memory by the median of peak RSS where "
     "no "
     "ranked row runs in an interpreter, else by that of the peak over stage 0, which leaves out "
     "what an interpreter and its imports hold."},
    {"R2",
     "Efficiency: 5 stars where the peak over stage 0 is at most 1.25 × the weights, 4 up to 1.75 "
     "×, "
     "3 up to 2.25 ×, 2 up to 3 ×, else 1."},
    {"R3",
     "Memory status, of peak RSS: ok below 3 GiB, high below 5 GiB, critical from there on (the "
     "study's classes)."},
    {"R4",
     "One row is said to be better than another only where their 95 % intervals do not overlap; "
     "otherwise they are not told apart."},
    {"R5",
     "Balance: the smallest sum of peak over the smallest peak and highest speed over speed."},
    {"R6",
     "A row that made fewer tokens than asked, or of which a run failed, is in no ranking."
     " One whose greedy tokens differ from the native row's is ranked with a note; "
     "--same-tokens leaves it out."},
    {"R7",
     "A row has room for a further copy of the weights for every whole multiple of them "
     "that its peak over stage 0 exceeds one copy and the KV cache by, in f32 and of the "
     "longest generation. What lies there was not looked at. Where the size of the cache "
     "is not known, no copies are counted."},
    {"R8",
     "What a machine must hold of a row is the smallest limit that was measured for it "
     "(required_bytes), in this session or in the latest one in the store of the same "
     "machine, model and workload. Where none was, its peak RSS and a tenth more stand in "
     "for it, and the report says so: mapped files can make the limit larger than that. No"
     " row fits a limit that stopped it."},
    {"R9",
     "A change from without to with a fix is the median, over the rounds in which both rows ran "
     "one "
     "after the other, of with over without, minus one; the difference is the median of the "
     "rounds' "
     "differences. Both have 95 % bootstrap intervals over the rounds; where one spans zero, no "
     "change is shown."},
};

constexpr char kFixSection[] = "Impact of the OpenVINO fix";
constexpr char kLeanSection[] = "Impact of lean loading";
constexpr FixPair kFixPairs[] = {
    {kFixSection, "keras-openvino-2025.2", "keras-openvino",
     "upstream's einsum fix (2025.2.0 without, 2026.4.1 with; Keras and KerasHub differ too)",
     true},
    {kFixSection, "keras-openvino-2025.2", "keras-openvino-2025.2+tare",
     "tare run on OpenVINO 2025.2.0"},
    {kFixSection, "keras-openvino", "keras-openvino+tare", "tare run on OpenVINO 2026.4.1"},
    {kLeanSection, "keras-torch", "keras-torch+tare", "lean loading on PyTorch"},
    {kLeanSection, "keras-jax", "keras-jax+tare", "lean loading on JAX"},
    {kLeanSection, "keras-tensorflow", "keras-tensorflow+tare", "lean loading on TensorFlow"},
};

// The most positions that a generation takes.
uint64_t LongestGeneration(const ScenarioRecord& scenario) {
  uint64_t longest = 0;
  for (const GenerationRequest& request : scenario.asked.generations) {
    longest = std::max(longest, request.prompt.ids.size() + request.new_tokens);
  }
  return longest;
}

}  // namespace

std::span<const StudyRule> StudyRules() { return kRules; }
std::span<const FixPair> FixPairs() { return kFixPairs; }

int EfficiencyStars(double growth_bytes, double weights_bytes) {
  const double bounds[] = {1.25, 1.75, 2.25, 3};
  int stars = 5;
  for (const double bound : bounds) {
    if (growth_bytes <= bound * weights_bytes) return stars;
    --stars;
  }
  return stars;
}

std::string_view MemoryStatus(double peak_rss_bytes) {
  const std::string_view memory = MemoryClass(peak_rss_bytes);
  return memory == "high" || memory == "critical" ? memory : "ok";
}

Room RoomOf(const RankedRow& row, const ScenarioRecord& scenario) {
  Room room;
  room.cache_bytes =
      static_cast<double>(scenario.model.cache_bytes_per_token * LongestGeneration(scenario));
  room.bytes = row.summary.growth_bytes.median - row.weights_bytes - room.cache_bytes;
  if (room.cache_bytes > 0 && row.weights_bytes > 0) {
    room.copies = static_cast<int>(std::max(0.0, std::floor(room.bytes / row.weights_bytes)));
  }
  return room;
}

}  // namespace tare
