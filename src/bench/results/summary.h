#ifndef TARE_BENCH_RESULTS_SUMMARY_H_
#define TARE_BENCH_RESULTS_SUMMARY_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bench/results/document.h"
#include "bench/results/row_runs.h"
#include "bench/results/run_metrics.h"
#include "bench/stats/stats.h"

namespace tare {

// docs/measurement.md defines each figure. Bytes and seconds are doubles because they are medians.

// Medians over a row's runs at one stage edge.
struct StageSummary {
  double rss_bytes = 0;
  double anon_bytes = 0;
  double file_bytes = 0;
  double shmem_bytes = 0;
  double swap_bytes = 0;
  double high_water_bytes = 0;
  std::optional<double> device_bytes;  // of the runs in which it was read
};

// How a row's tokens compare with a reference's.
struct TokenAgreement {
  bool known = false;    // both rows have a result
  bool sampled = false;  // tokens were chosen by chance: not compared
  size_t compared = 0;   // tokens of both generations
  bool equal = false;
  size_t generation = 0;  // of the first difference: 0 or 1
  size_t position = 0;    // in that generation; where one side ended there, its length

  bool differ() const { return known && !sampled && !equal; }
};

// A generation that ended before it was to.
struct ShortGeneration {
  size_t generation = 0;  // 0 or 1
  size_t made = 0;
  size_t asked = 0;
};

// One row of one scenario, over its measured runs that came to a result.
struct RowSummary {
  std::string row;
  bool reference = false;  // Session::reference_row
  std::string device;      // RunRecord::device
  size_t good_runs = 0;
  std::optional<RunRecord> failed;  // the run that failed, if one did (without its samples)

  std::array<StageSummary, kStageCount> stages;  // when good_runs > 0, as is all that follows
  Spread peak_rss_bytes;                         // of a process tree: the lower bound
  double peak_rss_high_bytes = 0;                // median of the upper bound; equal for one process
  Spread growth_bytes;                           // added after start-up: peak minus stage 0
  // Peak over the first copy of the weights; nullopt where that is not known, as is the next: see
  // MappedWeightBytes.
  std::optional<Spread> tare_bytes;
  std::optional<double> weights_untouched_bytes;
  double peak_swap_bytes = 0;
  std::optional<Spread> device_peak_bytes;  // see DeviceMemory
  Spread load_seconds;
  Spread cold_start_seconds;  // exec to first token, without the waits for the watcher
  Spread first_seconds;       // first generation, whole
  Spread second_seconds;      // second generation, whole
  std::optional<Spread> first_ttft_seconds;
  std::optional<Spread> ttft_seconds;  // of the second generation, as are the next two
  std::optional<Spread> prefill_tokens_per_second;
  std::optional<Spread> decode_tokens_per_second;
  Spread first_tokens_per_second;  // new tokens of the first generation / its whole time
  Spread whole_tokens_per_second;  // the same of the second
  std::optional<Spread> study_words_per_second;  // in the study's workload; see StudyWords
  // 0.5: half of what memory bandwidth allows. Of each run by its own read bandwidth, where that
  // was measured before and after it; else by the session's.
  std::optional<Spread> share_of_limit;
  TokenAgreement tokens;  // of the first run that differs from the reference's first, if one does
  std::optional<ShortGeneration> cut_short;  // the first of them
};

// A figure of a summary: the spread of a metric over the row's runs. What fills summaries and what
// exports them goes over SummaryFigures().
struct SummaryFigure {
  std::string_view metric;  // its name, of AllMetrics()
  std::variant<Spread RowSummary::*, std::optional<Spread> RowSummary::*> member;

  MetricUnit unit() const;
  std::optional<Spread> Of(const RowSummary& row) const;
  void Set(const std::optional<Spread>& spread, RowSummary& row) const;
};
std::span<const SummaryFigure> SummaryFigures();
// Precondition: there is one of that metric.
const SummaryFigure& FindSummaryFigure(std::string_view metric);

// Of both generations. Precondition: both runs have a result.
TokenAgreement CompareTokens(const RunRecord& reference, const RunRecord& run);
// Of the first run that differs, or the last.
TokenAgreement CompareTokens(const RunRecord& reference, const Runs& runs);

// In the order of Session::rows; rows that never ran are left out.
std::vector<RowSummary> SummarizeScenario(const Document& document, size_t scenario);

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_SUMMARY_H_
