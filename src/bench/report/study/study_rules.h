#ifndef TARE_BENCH_REPORT_STUDY_STUDY_RULES_H_
#define TARE_BENCH_REPORT_STUDY_STUDY_RULES_H_

#include <optional>
#include <span>
#include <string_view>

#include "bench/report/ranking.h"
#include "bench/results/document.h"

namespace tare {

// The rules behind the conclusions of the study's report. Its appendix lists them, so that readers
// can check each sentence against the tables. All reports share the rules on rankings, noise,
// balance and fit (bench/report/ranking.h).
struct StudyRule {
  std::string_view name;  // "ranking"
  std::string_view text;
};
std::span<const StudyRule> StudyRules();

// The study's classes. Memory, from peak RSS: good, acceptable, high, critical. Speed: low,
// moderate, good, excellent. A value on a boundary belongs to the class above it.
std::string_view MemoryClass(double peak_rss_bytes);
std::string_view SpeedClass(double tokens_per_second);

// Stars for the memory added after start-up, relative to the weights: 5 up to 1.25 ×, 4 up to 1.75
// ×, 3 up to 2.25 ×, 2 up to 3 ×, 1 beyond.
int EfficiencyStars(double growth_bytes, double weights_bytes);
// The study's status marks for peak RSS: "ok", "high", "critical".
std::string_view MemoryStatus(double peak_rss_bytes);

// Memory added after start-up beyond the first copy of the weights and the KV cache.
struct Room {
  double bytes = 0;
  double cache_bytes = 0;     // in f32, for the longest generation
  std::optional<int> copies;  // further copies of the weights that fit; nullopt: unknown cache
};
Room RoomOf(const RankedRow& row, const ScenarioRecord& scenario);

// Two rows that differ by a fix: the report's "with" and "without".
struct FixPair {
  std::string_view section;  // heading of its section in the report
  std::string_view without;
  std::string_view with;
  std::string_view what;
  bool in_study = false;  // the study has this pair too
};
std::span<const FixPair> FixPairs();

}  // namespace tare

#endif  // TARE_BENCH_REPORT_STUDY_STUDY_RULES_H_
