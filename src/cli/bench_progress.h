#ifndef TARE_CLI_BENCH_PROGRESS_H_
#define TARE_CLI_BENCH_PROGRESS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/results/document.h"

namespace tare {

// Estimates the time for the remaining runs from the durations of earlier ones.
class TimeLeft {
 public:
  // `rows` run in turn, for `rounds` rounds in each of `scenarios`.
  TimeLeft(std::vector<std::string> rows, size_t rounds, size_t scenarios)
      : rows_(std::move(rows)), rounds_(rounds), scenarios_(scenarios) {}

  void Finished(const RunRecord& run);
  // Seconds for all runs from `run` on; nullopt before a run has finished. Assumes that a row
  // without runs takes the average of the others.
  std::optional<double> From(const RunRecord& run) const;

 private:
  struct Total {
    double seconds = 0;
    double runs = 0;
  };

  const std::vector<std::string> rows_;
  const size_t rounds_;
  const size_t scenarios_;
  std::map<std::string, Total> spent_;  // by row
  std::map<std::string, size_t> failed_in_;
};

// One line on stderr, redrawn in place: the current run, its memory, and the remaining time. Draws
// nothing if stderr is not a terminal.
class BenchProgress {
 public:
  // The line fits a terminal of this many columns.
  static constexpr size_t kColumns = 79;

  explicit BenchProgress(bool terminal) : terminal_(terminal) {}

  bool terminal() const { return terminal_; }
  void Plan(const Document& document);
  void Say(const std::string& what);  // work other than a run
  void Start(const RunRecord& run, size_t done, size_t total);
  void Weigh(uint64_t rss_bytes);
  void Finish(const RunRecord& run);
  void Clear();

 private:
  void Draw(const std::string& line);

  const bool terminal_;
  std::optional<TimeLeft> left_;
  std::string head_;
  std::string tail_;
};

}  // namespace tare

#endif  // TARE_CLI_BENCH_PROGRESS_H_
