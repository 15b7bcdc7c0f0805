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

// Chooses the rows of a scenario to compare and orders them. All reports use these rules.

// How to compare rows.
struct RankingOptions {
  bool same_tokens = false;  // do not rank rows whose tokens differ from the reference's
  // Other sessions that may show what a row needs, oldest first; from ResultStore::LimitedRuns.
  std::span<const Document> others = {};
};

// A row with the facts that rankings use.
struct RankedRow {
  RowSummary summary;
  bool on_gpu = false;  // see RunsOnGpu
  std::string device;
  std::string versions;      // "keras 3.15.1, torch 2.13.0"
  bool interpreted = false;  // its worker runs in Python, whose imports count in its peak
  std::string unranked_by;   // why it is in no ranking; empty: it is ranked
  std::string note;          // shown beside its figures in rankings; may be empty
  MeasuredNeed need;
  double weights_bytes = 0;  // the weights of the model that the row got
};

// Whether the row's runs used a GPU. Older sessions did not record this; for those, the table of
// backends decides.
bool RunsOnGpu(const RowSummary& row);

// Returns the rows of a scenario that have a result. `summaries` come from SummarizeScenario. A row
// is not ranked if it made fewer tokens than requested or if one of its runs failed.
std::vector<RankedRow> RowsToRank(const Document& document, size_t scenario,
                                  std::span<const RowSummary> summaries,
                                  const RankingOptions& options = {});

// The second generation's new tokens ÷ its whole time, prompt included. Every row has this figure.
const Spread& RankedSpeed(const RowSummary& row);

// True if the 95 % intervals do not overlap. False if an interval is unknown (too few runs).
bool ToldApart(const Spread& a, const Spread& b);
// True if both intervals are known and overlap.
bool WithinNoise(const Spread& a, const Spread& b);

// The memory that a machine must have for the row, in bytes: the smallest measured limit, else 1.1
// × the peak RSS. Always more than a limit that stopped it.
double NeededBytes(const RankedRow& row);

// The memory figure that ranks rows. This is peak RSS, unless a ranked row runs in an interpreter.
// Then it is the memory added after start-up, which leaves out the interpreter and its imports.
struct MemoryMeasure {
  std::string_view name;             // "peak RSS", "memory added after start-up"
  Spread RowSummary::*figure;        // a figure of RowSummary
  std::vector<std::string> because;  // ranked rows that run in an interpreter
};
MemoryMeasure RankedMemory(std::span<const RankedRow> rows);
// "A, B run in Python, …"; empty if peak RSS ranks the rows.
std::string WhyGrowth(const MemoryMeasure& measure);

// "native is the only ranked backend: there is nothing to compare it with". Empty for any other
// number of rows.
std::string NothingToCompare(std::span<const RankedRow* const> ranked);

// The ranked rows, best first. Other rows are left out.
std::vector<const RankedRow*> ByMemory(std::span<const RankedRow> rows);  // by RankedMemory
std::vector<const RankedRow*> ByPeak(std::span<const RankedRow> rows);
std::vector<const RankedRow*> ByNeed(std::span<const RankedRow> rows);  // by NeededBytes
std::vector<const RankedRow*> BySpeed(std::span<const RankedRow> rows);
// By decode_tokens_per_second; also leaves out rows without one.
std::vector<const RankedRow*> ByDecodeSpeed(std::span<const RankedRow> rows);
// By the sum of (peak / smallest peak) and (highest speed / speed), smallest first.
std::vector<const RankedRow*> ByBalance(std::span<const RankedRow> rows);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_RANKING_H_
