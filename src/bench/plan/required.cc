#include "bench/plan/required.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <utility>

#include "base/check.h"
#include "bench/plan/smallest_limit.h"
#include "bench/stats/stats.h"
#include "os/page_cache.h"

namespace tare {
namespace {

constexpr char kDone[] = "done";
constexpr char kTooSlow[] = "too-slow";
constexpr int kMajority = 2;  // out of 3 runs
constexpr std::chrono::milliseconds kReadsUnderWay{200};

class Search {
 public:
  Search(const RequiredOptions& options, InterruptWatch& interrupt)
      : options_(options), interrupt_(interrupt) {
    record_.time_factor = options.time_factor;
  }

  RequiredRecord Go() {
    const Result<uint64_t> found = Find();
    if (found.ok()) {
      record_.required_bytes = *found;
    } else {
      record_.error = found.error().message();
    }
    return std::move(record_);
  }

 private:
  Result<uint64_t> Find() {
    TARE_RETURN_IF_ERROR(LearnFiles());
    TARE_RETURN_IF_ERROR(RunWithoutLimit());
    return SmallestLimit(unlimited_peak_bytes_, options_.resolution,
                         [this](uint64_t limit) { return Fits(limit); });
  }

  // The first run may also fill the row's own caches on disk.
  Status LearnFiles() {
    WorkerRunOptions run = options_.run;
    run.files = &files_;
    const WorkerOutcome outcome = RunWorker(run, interrupt_);
    if (outcome.failure) return Failed(*outcome.failure);
    record_.saw_all_files = outcome.saw_all_files;
    files_.insert(options_.model_files.begin(), options_.model_files.end());
    record_.files = files_.size();
    for (const std::string& file : files_) record_.file_bytes += ReadCachedFile(file).bytes;
    return {};
  }

  Status RunWithoutLimit() {
    std::vector<double> times;
    for (size_t i = 0; i < options_.unlimited_runs; ++i) {
      const WorkerOutcome outcome = Probe(std::nullopt);
      if (outcome.failure) return Failed(*outcome.failure);
      times.push_back(static_cast<double>(outcome.run_ns));
      const MemoryRecord& memory = outcome.memory;
      unlimited_peak_bytes_ = std::max(
          unlimited_peak_bytes_, memory.cgroup_peak_bytes.value_or(memory.peak_rss_high_bytes));
    }
    std::sort(times.begin(), times.end());
    record_.unlimited_ns = static_cast<uint64_t>(Quantile(times, 0.5));
    return {};
  }

  Result<bool> Fits(uint64_t limit_bytes) {
    int in_time = 0;
    int too_slow = 0;
    // If the first run is in time, one is enough: noise makes runs slower, never faster.
    while (true) {
      const WorkerOutcome outcome = Probe(limit_bytes);
      if (interrupt_.requested()) return IoError("interrupted");
      if (outcome.failure && outcome.failure->reason == "no-limit") {
        return Unsupported("{}", outcome.failure->message);
      }
      if (!outcome.failure && too_slow == 0) return true;
      if (outcome.failure && outcome.failure->reason != kTooSlow) return false;
      (outcome.failure ? too_slow : in_time) += 1;
      if (in_time == kMajority) return true;
      if (too_slow == kMajority) return false;
    }
  }

  // Returns how many bytes stay in the page cache.
  uint64_t EvictFiles() const {
    uint64_t cached_bytes = 0;
    for (const std::string& file : files_) {
      cached_bytes += EvictFile(file).cached_bytes.value_or(0);
    }
    return cached_bytes;
  }

  WorkerOutcome Probe(std::optional<uint64_t> limit_bytes) {
    RequiredProbe probe;
    probe.limit_bytes = limit_bytes;
    EvictFiles();
    // Disk reads of a stopped run may still be in progress; their pages stay until the reads
    // finish.
    std::this_thread::sleep_for(kReadsUnderWay);
    probe.still_cached_bytes = EvictFiles();
    WorkerRunOptions run = options_.run;
    run.limit_bytes = limit_bytes;
    if (limit_bytes) {
      run.run_timeout_ns =
          static_cast<uint64_t>(options_.time_factor * static_cast<double>(record_.unlimited_ns));
    }
    WorkerOutcome outcome = RunWorker(run, interrupt_);
    probe.outcome = outcome.failure ? outcome.failure->reason : kDone;
    probe.run_ns = outcome.run_ns != 0 ? outcome.run_ns : outcome.memory.watched_ns;
    probe.disk_read_bytes = outcome.memory.disk_read_bytes;
    record_.probes.push_back(probe);
    if (options_.probed) options_.probed(probe);
    return outcome;
  }

  static Error Failed(const Failure& failure) {
    return IoError("without a limit it fails: {}: {}", failure.reason, failure.message);
  }

  const RequiredOptions& options_;
  InterruptWatch& interrupt_;
  std::set<std::string> files_;
  uint64_t unlimited_peak_bytes_ = 0;
  RequiredRecord record_;
};

}  // namespace

RequiredRecord FindRequired(const RequiredOptions& options, InterruptWatch& interrupt) {
  TARE_CHECK(options.run.cgroups != nullptr && !options.run.limit_bytes);
  return Search(options, interrupt).Go();
}

}  // namespace tare
