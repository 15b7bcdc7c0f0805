#ifndef TARE_BENCH_REPORT_RANKING_H_
#define TARE_BENCH_REPORT_RANKING_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/report/measured_needs.h"
#include "bench/results/document.h"
#include "bench/results/summary.h"

namespace tare {

// Which rows of a scenario are compared with each other, and how they are put in order: what every
// report uses.

// How rows are compared.
struct RankingOptions {
  bool same_tokens = false;  // rows whose tokens differ from the reference's are not ranked
  // Other sessions that may tell what a row needs, oldest first: ResultStore::LimitedRuns.
  std::span<const Document> others = {};
};

// A row as it is compared.
struct RankedRow {
  RowSummary summary;
  bool on_gpu = false;  // see RunsOnGpu
  std::string device;
  std::string versions;      // "keras 3.15.1, torch 2.13.0"
  bool interpreted = false;  // its worker ran in a Python, whose imports its peak holds
  std::string unranked_by;   // why it is in no ranking; empty: it is ranked
  std::string note;          // what stands beside its figures in a ranking; empty: nothing
  MeasuredNeed need;
  double weights_bytes = 0;  // of the model as it was given to the row
};

// Whether its runs were on a GPU: as its session recorded, or as the table of backends has the row,
// since older sessions did not.
bool RunsOnGpu(const RowSummary& row);

// The rows of a scenario that came to a result. `summaries` are SummarizeScenario's of it. A row
// that made fewer tokens than asked, or of which a run failed, is not ranked.
std::vector<RankedRow> RowsToRank(const Document& document, size_t scenario,
                                  std::span<const RowSummary> summaries,
                                  const RankingOptions& options = {});

// New tokens of the second generation over its whole time, prompt included, which every row can be
// asked.
const Spread& RankedSpeed(const RowSummary& row);

// Two medians are told apart where their 95 % intervals do not overlap; unknown intervals (too few
// runs) never are.
bool ToldApart(const Spread& a, const Spread& b);
// Both intervals are known and overlap.
bool WithinNoise(const Spread& a, const Spread& b);

// What a machine must have for the row: the smallest limit that was measured for it; where none
// was, its peak RSS and a tenth more, and always more than a limit that stopped it.
double NeededBytes(const RankedRow& row);

// By which memory rows are ranked: by peak RSS, unless a ranked row runs in an interpreter; then by
// what was added after start-up, which leaves out the interpreter and its imports.
struct MemoryMeasure {
  std::string_view name;             // "peak RSS", "memory added after start-up"
  Spread RowSummary::*figure;        // of a row
  std::vector<std::string> because;  // the ranked rows that run in an interpreter
};
MemoryMeasure RankedMemory(std::span<const RankedRow> rows);
// "A, B run in Python, …"; empty where peak RSS is ranked.
std::string WhyGrowth(const MemoryMeasure& measure);

// "native is the only ranked backend: there is nothing to compare it with"; empty where rows can be
// compared, or there are none.
std::string NothingToCompare(std::span<const RankedRow* const> ranked);

// Ranked rows, best first. Rows that are not ranked are left out.
std::vector<const RankedRow*> ByMemory(std::span<const RankedRow> rows);  // by RankedMemory
std::vector<const RankedRow*> ByPeak(std::span<const RankedRow> rows);
std::vector<const RankedRow*> ByNeed(std::span<const RankedRow> rows);  // by NeededBytes
std::vector<const RankedRow*> BySpeed(std::span<const RankedRow> rows);
// By decode_tokens_per_second; rows without one are left out too.
std::vector<const RankedRow*> ByDecodeSpeed(std::span<const RankedRow> rows);
// The smallest sum of (peak / smallest peak) and (highest speed / speed).
std::vector<const RankedRow*> ByBalance(std::span<const RankedRow> rows);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_RANKING_H_
