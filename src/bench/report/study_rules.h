#ifndef TARE_BENCH_REPORT_STUDY_RULES_H_
#define TARE_BENCH_REPORT_STUDY_RULES_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/report/measured_needs.h"
#include "bench/report/report.h"
#include "bench/results/document.h"
#include "bench/results/summary.h"

namespace tare {

// What the study report concludes and by which rule. Every conclusion names its rule, and
// StudyRules() states them all, so that a reader can check each sentence against the tables.
struct StudyRule {
  std::string_view name;  // "R1"
  std::string_view text;
};
std::span<const StudyRule> StudyRules();

// A row as the report compares it.
struct StudyRow {
  RowSummary summary;
  bool gpu = false;  // a row that was run on a GPU, named ROW:gpu
  std::string device;
  std::string versions;      // "keras 3.15.1, torch 2.13.0"
  bool interpreted = false;  // its worker ran in a Python, whose imports its peak holds
  std::string unranked_by;   // why it is in no ranking; empty: it is ranked
  std::string note;          // what stands beside its figures in a ranking; empty: nothing
  MeasuredNeed need;
  double weights_bytes = 0;  // of the model as it was given to the row
};

inline bool IsGpuRow(std::string_view name) { return name.ends_with(":gpu"); }

// The rows of a scenario that came to a result. `summaries` are SummarizeScenario's of it.
std::vector<StudyRow> StudyRowsOf(const Document& document, size_t scenario,
                                  std::span<const RowSummary> summaries,
                                  const RankingOptions& options = {});

// R1: new tokens of the second generation over its whole time.
const Spread& RankedSpeed(const RowSummary& row);
// R2: 5 stars where the peak over stage 0 is at most 1.25 x the weights, 4 to 1.75, 3 to 2.25, 2 to
// 3; 1 beyond.
int EfficiencyStars(double growth_bytes, double weights_bytes);
// R3: the study's classes with its marks: "ok", "high", "critical" of the peak RSS.
std::string_view MemoryStatus(double peak_rss_bytes);

// R4: two medians are told apart where their 95 % intervals do not overlap; unknown intervals (too
// few runs) never are.
bool ToldApart(const Spread& a, const Spread& b);

// R7: what the row's peak over stage 0 holds beyond a first copy of its weights and the KV cache.
struct Room {
  double bytes = 0;
  double cache_bytes = 0;     // in f32, of the longest generation
  std::optional<int> copies;  // of the weights that it has room for; nullopt: no cache is known
};
Room RoomOf(const StudyRow& row, const ScenarioRecord& scenario);

// R8: what a machine must have for the row.
double NeededBytes(const StudyRow& row);

// R1: by which memory rows are ranked.
struct MemoryMeasure {
  std::string_view name;             // "peak RSS", "peak over stage 0"
  Spread RowSummary::*figure;        // of a row
  std::vector<std::string> because;  // the ranked rows that run in an interpreter
};
MemoryMeasure RankedMemory(std::span<const StudyRow> rows);
// "interpreters are not ranked: A, B run in one"; empty where peak RSS is ranked.
std::string WhyGrowth(const MemoryMeasure& measure);

// "native is the only ranked row: there is nothing to compare it with"; empty where rows can be
// compared, or there are none.
std::string NothingToCompare(std::span<const StudyRow* const> ranked);

// Ranked rows, best first. Rows that are not ranked are left out.
std::vector<const StudyRow*> ByMemory(std::span<const StudyRow> rows);  // by RankedMemory
std::vector<const StudyRow*> ByPeak(std::span<const StudyRow> rows);
std::vector<const StudyRow*> ByNeed(std::span<const StudyRow> rows);  // by NeededBytes
std::vector<const StudyRow*> BySpeed(std::span<const StudyRow> rows);
// By decode_tokens_per_second; rows without one are left out too.
std::vector<const StudyRow*> ByDecodeSpeed(std::span<const StudyRow> rows);
// R5: the smallest sum of (peak / smallest peak) and (highest speed / speed).
std::vector<const StudyRow*> ByBalance(std::span<const StudyRow> rows);

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

#endif  // TARE_BENCH_REPORT_STUDY_RULES_H_
