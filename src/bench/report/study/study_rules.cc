#include "bench/report/study/study_rules.h"

#include <algorithm>
#include <cmath>

#include "base/units.h"
#include "bench/report/health.h"

namespace tare {
namespace {

constexpr StudyRule kRules[] = {
    {"ranking",
     "Speed is new tokens of the second generation over its whole time, prompt included; decode "
     "speed has its own ranking. Memory is the median peak RSS. Where a ranked backend runs in "
     "Python, memory is the peak minus the memory at start-up, which leaves out the interpreter "
     "and its imports."},
    {"left out",
     "A backend that made fewer tokens than asked, or had a failed run, is not ranked. A backend "
     "whose greedy tokens differ from native's is ranked with a note; --same-tokens leaves it "
     "out."},
    {"noise",
     "One backend is better than another only where their 95 % intervals do not overlap. "
     "Where they overlap, the difference is within noise. With fewer than 3 runs there is no "
     "interval and no verdict."},
    {"efficiency",
     "5 stars where the memory added after start-up is at most 1.25 × the weights, 4 up to 1.75 ×, "
     "3 up to 2.25 ×, 2 up to 3 ×, else 1."},
    {"memory status", "ok below 3 GiB of peak RSS, high below 5 GiB, else critical."},
    {"balance", "The smallest sum of peak over the smallest peak and highest speed over speed."},
    {"room for copies",
     "The memory added after start-up, less one copy of the weights and the KV cache (in f32, of "
     "the longest generation), in whole copies of the weights. What that memory holds was not "
     "looked at. Where the size of the cache is unknown, no copies are counted."},
    {"fit",
     "A backend needs the smallest memory limit that was measured for it (required_bytes), in "
     "this session or in the latest one in the store with the same machine, model and workload. "
     "Where none was measured, its peak RSS and a tenth more stand in, and the report says so: "
     "mapped files can make the limit larger. No backend fits a limit that stopped it."},
    {"change",
     "A change from without to with a fix is the median over the rounds in which both backends ran "
     "one after the other: of with over without, minus one, and of the difference. Both have 95 % "
     "bootstrap intervals over the rounds. A change whose interval spans zero is within noise."},
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

}  // namespace

std::span<const StudyRule> StudyRules() { return kRules; }
std::span<const FixPair> FixPairs() { return kFixPairs; }

std::string_view MemoryClass(double peak_rss_bytes) {
  if (peak_rss_bytes < 1 * kGib) return "good";
  if (peak_rss_bytes < 3 * kGib) return "acceptable";
  if (peak_rss_bytes < 5 * kGib) return "high";
  return "critical";
}

std::string_view SpeedClass(double tokens_per_second) {
  if (tokens_per_second < 1) return "low";
  if (tokens_per_second < 2) return "moderate";
  if (tokens_per_second < 3) return "good";
  return "excellent";
}

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
  room.cache_bytes = CacheBytes(scenario);
  room.bytes = row.summary.growth_bytes.median - row.weights_bytes - room.cache_bytes;
  if (room.cache_bytes > 0 && row.weights_bytes > 0) {
    room.copies = static_cast<int>(std::max(0.0, std::floor(room.bytes / row.weights_bytes)));
  }
  return room;
}

}  // namespace tare
