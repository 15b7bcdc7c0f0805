#ifndef TARE_BENCH_REPORT_STUDY_STUDY_RULES_H_
#define TARE_BENCH_REPORT_STUDY_STUDY_RULES_H_

#include <optional>
#include <span>
#include <string_view>

#include "bench/report/ranking.h"
#include "bench/results/document.h"

namespace tare {

// The rules by which the study's report concludes. Its appendix states them all, so that a reader
// can check each sentence against the tables. Those on rankings, noise, balance and fit are those
// of every report (bench/report/ranking.h).
struct StudyRule {
  std::string_view name;  // "ranking"
  std::string_view text;
};
std::span<const StudyRule> StudyRules();

// The study's classes. Memory, of peak RSS: good, acceptable, high, critical. Speed: low, moderate,
// good, excellent. A bound belongs to the class above it.
std::string_view MemoryClass(double peak_rss_bytes);
std::string_view SpeedClass(double tokens_per_second);

// 5 stars where the memory added after start-up is at most 1.25 x the weights, 4 to 1.75, 3
// to 2.25, 2 to 3; 1 beyond.
int EfficiencyStars(double growth_bytes, double weights_bytes);
// The study's classes with its marks: "ok", "high", "critical" of the peak RSS.
std::string_view MemoryStatus(double peak_rss_bytes);

// What a row added after start-up beyond a first copy of its weights and the KV cache.
struct Room {
  double bytes = 0;
  double cache_bytes = 0;     // in f32, of the longest generation
  std::optional<int> copies;  // of the weights that it has room for; nullopt: no cache is known
};
Room RoomOf(const RankedRow& row, const ScenarioRecord& scenario);

// Two rows that differ by a fix: what "with" and "without" mean in the report.
struct FixPair {
  std::string_view section;  // of the report, where it stands beside others
  std::string_view without;
  std::string_view with;
  std::string_view what;
  bool in_study = false;  // the study has the pair too
};
std::span<const FixPair> FixPairs();

}  // namespace tare

#endif  // TARE_BENCH_REPORT_STUDY_STUDY_RULES_H_
