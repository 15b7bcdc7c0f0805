#ifndef TARE_BENCH_REPORT_STUDY_STUDY_RULES_H_
#define TARE_BENCH_REPORT_STUDY_STUDY_RULES_H_

#include <optional>
#include <span>
#include <string_view>

#include "bench/report/ranking.h"
#include "bench/results/document.h"

namespace tare {

// What the study report concludes and by which rule. Every conclusion names its rule, and
// StudyRules() states them all, so that a reader can check each sentence against the tables. R1,
// R4, R5, R6 and R8 are those of every report (bench/report/ranking.h).
struct StudyRule {
  std::string_view name;  // "R1"
  std::string_view text;
};
std::span<const StudyRule> StudyRules();

// R2: 5 stars where the peak over stage 0 is at most 1.25 x the weights, 4 to 1.75, 3 to 2.25, 2 to
// 3; 1 beyond.
int EfficiencyStars(double growth_bytes, double weights_bytes);
// R3: the study's classes with its marks: "ok", "high", "critical" of the peak RSS.
std::string_view MemoryStatus(double peak_rss_bytes);

// R7: what the row's peak over stage 0 holds beyond a first copy of its weights and the KV cache.
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
