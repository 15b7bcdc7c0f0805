#include "cli/bench_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/say.h"
#include "base/units.h"

namespace tare {
namespace {

// "40 s", "3 min", "2 h 10 min".
std::string Roughly(double seconds) {
  if (seconds < 90) return fmt::format("{:.0f} s", seconds);
  const auto minutes = static_cast<uint64_t>(std::llround(seconds / 60));
  if (minutes < 90) return fmt::format("{} min", minutes);
  return fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

}  // namespace

void TimeLeft::Finished(const RunRecord& run) {
  Total& total = spent_[run.row];
  total.seconds += static_cast<double>(run.conditions.wall_ns) * 1e-9;
  total.runs += 1;
  if (run.outcome.failure) failed_in_[run.row] = run.scenario + 1;
}

std::optional<double> TimeLeft::From(const RunRecord& run) const {
  Total all;
  for (const auto& [row, total] : spent_) {
    all.seconds += total.seconds / total.runs;
    all.runs += 1;
  }
  if (all.runs == 0) return std::nullopt;
  const auto now = std::find(rows_.begin(), rows_.end(), run.row);
  double left = 0;
  for (auto row = rows_.begin(); row != rows_.end(); ++row) {
    const auto spent = spent_.find(*row);
    const double each =
        spent == spent_.end() ? all.seconds / all.runs : spent->second.seconds / spent->second.runs;
    const auto failed = failed_in_.find(*row);
    const bool gave_up = failed != failed_in_.end() && failed->second == run.scenario + 1;
    const size_t here = gave_up ? 0 : rounds_ - run.round - (row < now ? 1 : 0);
    left += each * static_cast<double>(here + rounds_ * (scenarios_ - run.scenario - 1));
  }
  return left;
}

void BenchProgress::Plan(const Document& document) {
  left_.emplace(document.session.rows, document.session.warmups + document.session.runs,
                document.scenarios.size());
}

void BenchProgress::Say(const std::string& what) { Draw(what); }

void BenchProgress::Start(const RunRecord& run, size_t done, size_t total) {
  head_ = fmt::format("[{}/{}] {}{}", done, total, run.row, run.warmup ? " (warm-up)" : "");
  const std::optional<double> seconds = left_ ? left_->From(run) : std::nullopt;
  tail_ = seconds ? fmt::format(", about {} left", Roughly(*seconds)) : "";
  Draw(head_ + tail_);
}

void BenchProgress::Weigh(uint64_t rss_bytes) {
  Draw(fmt::format("{}: {:.0f} MiB{}", head_, ToMib(rss_bytes), tail_));
}

void BenchProgress::Finish(const RunRecord& run) {
  if (left_) left_->Finished(run);
}

void BenchProgress::Clear() {
  if (!terminal_) return;
  tare::Say("\r\033[K");
  std::fflush(stderr);
}

void BenchProgress::Draw(const std::string& line) {
  if (!terminal_) return;
  tare::Say("\r\033[K{}", line.substr(0, kColumns));
  std::fflush(stderr);
}

}  // namespace tare
