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

// docs/measurement.md defines each figure. A median may be a fraction, so bytes are doubles.

// A row's medians at one stage, over its runs.
struct StageSummary {
  double rss_bytes = 0;
  double anon_bytes = 0;
  double file_bytes = 0;
  double shmem_bytes = 0;
  double swap_bytes = 0;
  double high_water_bytes = 0;
  std::optional<double> device_bytes;  // over the runs that read it
};

// Compares a row's tokens with a reference's.
struct TokenAgreement {
  bool known = false;    // both rows have a result
  bool sampled = false;  // tokens were chosen at random, so not compared
  size_t compared = 0;   // tokens in both generations
  bool equal = false;
  size_t generation = 0;  // first difference: generation 0 or 1
  size_t position = 0;    // position in it, or the shorter side's length

  bool differ() const { return known && !sampled && !equal; }
};

// A generation that ended too early.
struct ShortGeneration {
  size_t generation = 0;  // 0 or 1
  size_t made = 0;
  size_t asked = 0;
};

// One row of one scenario, over its measured runs with a result.
struct RowSummary {
  std::string row;
  bool reference = false;  // Session::reference_row
  std::string device;      // RunRecord::device
  size_t good_runs = 0;
  std::optional<RunRecord> failed;  // a failed run, if any, without its samples

  std::array<StageSummary, kStageCount> stages;  // set if good_runs > 0, like all fields below
  Spread peak_rss_bytes;                         // for a process tree: the lower bound
  double peak_rss_high_bytes = 0;                // median of the upper bound; equal for one process
  Spread growth_bytes;                           // added after start-up: peak − stage 0
  // Peak minus the first copy of the weights. This field and the next are nullopt if that copy
  // cannot be located, see MappedWeightBytes.
  std::optional<Spread> tare_bytes;
  std::optional<double> weights_untouched_bytes;
  double peak_swap_bytes = 0;
  std::optional<Spread> device_peak_bytes;  // see DeviceMemory
  Spread load_seconds;
  Spread cold_start_seconds;  // exec to first token, without waits for the watcher
  Spread first_seconds;       // the whole first generation
  Spread second_seconds;      // the whole second generation
  std::optional<Spread> first_ttft_seconds;
  std::optional<Spread> ttft_seconds;  // this and the next two: second generation
  std::optional<Spread> prefill_tokens_per_second;
  std::optional<Spread> decode_tokens_per_second;
  Spread first_tokens_per_second;  // new tokens of the first generation ÷ its whole time
  Spread whole_tokens_per_second;  // the same for the second generation
  std::optional<Spread> study_words_per_second;  // study workload only; see StudyWords
  // Share of the decode speed that memory bandwidth allows: 0.5 is half. Each run uses the read
  // bandwidth measured before and after it, or the session's if there is none.
  std::optional<Spread> share_of_limit;
  TokenAgreement tokens;  // of the first run that differs from the reference's first, if one does
  std::optional<ShortGeneration> cut_short;  // the first of them
  std::optional<QualityRecord> quality;      // where it was compared, whatever good_runs is
};

// A figure in a summary: a metric's spread over the row's runs. Summaries and exports both use
// SummaryFigures().
struct SummaryFigure {
  std::string_view metric;  // a name from AllMetrics()
  std::variant<Spread RowSummary::*, std::optional<Spread> RowSummary::*> member;

  MetricUnit unit() const;
  std::optional<Spread> Of(const RowSummary& row) const;
  void Set(const std::optional<Spread>& spread, RowSummary& row) const;
};
std::span<const SummaryFigure> SummaryFigures();
// Precondition: a figure has this metric.
const SummaryFigure& FindSummaryFigure(std::string_view metric);

// Compares both generations. Precondition: both runs have a result.
TokenAgreement CompareTokens(const RunRecord& reference, const RunRecord& run);
// Compares the first run that differs, or the last run.
TokenAgreement CompareTokens(const RunRecord& reference, const Runs& runs);

// Returns rows in the order of Session::rows. Leaves out rows that never ran.
std::vector<RowSummary> SummarizeScenario(const Document& document, size_t scenario);

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_SUMMARY_H_
