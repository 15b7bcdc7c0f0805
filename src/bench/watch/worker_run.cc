#include "bench/watch/worker_run.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "base/poll_descriptors.h"
#include "base/units.h"
#include "bench/protocol/conversation.h"
#include "bench/watch/gpu_sampler.h"
#include "bench/watch/proc_sampler.h"
#include "bench/watch/weight_residency.h"
#include "bench/watch/worker_files.h"
#include "os/clock.h"
#include "os/line_buffer.h"
#include "os/output_tail.h"
#include "os/proc_files.h"
#include "trim/contract.h"

namespace tare {
namespace {

constexpr size_t kOutputTailBytes = size_t{8} << 10;
constexpr uint64_t kExitGraceNs = 10'000'000'000;       // after the result
constexpr uint64_t kClosedPipeGraceNs = 1'000'000'000;  // time to learn how it ended
constexpr size_t kLastReads = 256;                      // reads of a dead worker's remaining output
constexpr uint64_t kClockSlackNs = 10'000'000;
constexpr uint64_t kShowEveryNs = 200'000'000;
constexpr uint64_t kOomCheckEveryNs = 100'000'000;
constexpr uint64_t kIdleWaitNs = 20'000'000;  // while nothing is sampled

// How often the kernel has killed a process for lack of memory.
uint64_t OomKills() {
  const Result<std::string> text = ReadSmallFile("/proc/vmstat");
  if (!text.ok()) return 0;
  const size_t at = text->find("oom_kill ");
  return at == std::string::npos ? 0 : std::strtoull(text->c_str() + at + 9, nullptr, 10);
}

uint64_t OwnCpuNs() {
  timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<uint64_t>(used.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(used.tv_nsec);
}

// Raises this process's priority while it samples, if permitted: otherwise a worker that spins on
// every core delays the sampler. The worker keeps its initial priority.
class ScopedPriority {
 public:
  ScopedPriority() { setpriority(PRIO_PROCESS, 0, kSamplerNice); }
  ~ScopedPriority() { setpriority(PRIO_PROCESS, 0, before_); }
  ScopedPriority(const ScopedPriority&) = delete;
  ScopedPriority& operator=(const ScopedPriority&) = delete;

 private:
  static constexpr int kSamplerNice = -10;
  const int before_ = getpriority(PRIO_PROCESS, 0);
};

std::optional<WorkerTask> TaskOf(const WorkerRunOptions& options) {
  return options.run ? std::optional<WorkerTask>(*options.run) : options.other_task;
}

// What is made before the worker and outlives it.
struct WorkerPlace {
  std::optional<MemoryCgroup> cgroup;
  std::optional<OpenWatch> opened;
  std::optional<GpuSampler> gpu;
};

class WorkerRun {
 public:
  WorkerRun(const WorkerRunOptions& options, InterruptWatch& interrupt, WorkerPlace place,
            ChildProcess child)
      : options_(options),
        interrupt_(interrupt),
        place_(std::move(place)),
        child_(std::move(child)),
        start_ns_(MonotonicNs()),
        start_cpu_ns_(OwnCpuNs()),
        sampler_(child_.pid(), child_.earlier_children(), Cgroup(), options.sample_interval_ns,
                 start_ns_),
        conversation_(TaskOf(options)),
        reader_(kMaxLineBytes),
        tail_(kOutputTailBytes),
        oom_kills_before_(OomKills()),
        deadline_ns_(start_ns_ + options.stage_timeout_ns) {}

  WorkerOutcome Go() {
    while (!done_) {
      const uint64_t now_ns = MonotonicNs();
      if (Sampling(now_ns)) Sample(now_ns);
      ShowMemory(now_ns);
      if (place_.opened) place_.opened->Collect(*options_.files);
      CheckOom(now_ns);
      CheckClock(now_ns);
      if (done_) break;
      const std::optional<ExitStatus> exit = child_.Poll();
      if (exit) {
        ReadLastWords();
        if (!done_) ConcludeExit(*exit);
      } else {
        WaitAndServe(now_ns);
      }
    }
    return Finish();
  }

 private:
  void Sample(uint64_t now_ns) {
    sampler_.Tick(now_ns);
    if (place_.gpu && now_ns >= place_.gpu->next_due_ns()) {
      place_.gpu->Sample(sampler_.processes());
    }
  }

  void Fail(std::string reason, std::string message) {
    if (outcome_.failure) return;
    outcome_.failure = Failure{std::move(reason), std::move(message)};
    done_ = true;
  }

  void CheckClock(uint64_t now_ns) {
    if (interrupt_.requested()) return Fail("interrupted", "interrupted by a signal");
    if (Weighing() && options_.run_timeout_ns != 0 &&
        now_ns - start_ns_ > options_.run_timeout_ns + waits_ns_) {
      return Fail("too-slow", fmt::format("not done after {:.2f} s",
                                          static_cast<double>(options_.run_timeout_ns) * 1e-9));
    }
    if (now_ns < deadline_ns_) return;
    if (conversation_.finished()) {
      outcome_.exit_note = "did not exit after its last message and was killed";
      done_ = true;
    } else if (reader_.at_end()) {
      Fail("protocol-error", "closed its protocol pipe before its result");
    } else {
      Fail("timeout", fmt::format("no message for {:.0f} s",
                                  static_cast<double>(options_.stage_timeout_ns) * 1e-9));
    }
  }

  const MemoryCgroup* Cgroup() const { return place_.cgroup ? &*place_.cgroup : nullptr; }

  // The killed process may be one that the worker waits for, so nothing else would report the kill.
  void CheckOom(uint64_t now_ns) {
    if (!options_.limit_bytes || now_ns < next_oom_check_ns_ || conversation_.finished()) return;
    next_oom_check_ns_ = now_ns + kOomCheckEveryNs;
    if (Cgroup()->OomKills() > 0) FailForWantOfMemory();
  }

  void FailForWantOfMemory() {
    if (options_.limit_bytes && Cgroup()->ReachedLimit()) {
      return Fail("oom-limit", fmt::format("killed at the limit of {:.1f} MiB{}",
                                           ToMib(*options_.limit_bytes), Where()));
    }
    Fail("oom-system", "killed by the kernel, which ran out of memory" + Where());
  }

  // Describes how far the worker came.
  std::string Where() const {
    const std::optional<Stage> reached = conversation_.reached();
    if (!reached) return fmt::format(", before stage \"{}\"", StageTitle(Stage::kInitial));
    if (*reached == Stage::kFinal) return fmt::format(", after stage \"{}\"", StageTitle(*reached));
    return fmt::format(", between stages \"{}\" and \"{}\"", StageTitle(*reached),
                       StageTitle(static_cast<Stage>(static_cast<int>(*reached) + 1)));
  }

  // A worker may continue after its last stage, to time what it could not observe before. Memory
  // that it holds then does not count for the row.
  bool Weighing() const {
    return !conversation_.finished() && conversation_.reached() != Stage::kFinal;
  }

  // Time since the windows began; nullopt outside the windows.
  std::optional<uint64_t> SinceWindowsBegan(uint64_t now_ns) const {
    if (!options_.watch_windows || conversation_.reached() != Stage::kFirstInference) {
      return std::nullopt;
    }
    return now_ns - std::min(now_ns, last_ack_ns_);
  }

  bool Sampling(uint64_t now_ns) const {
    if (!Weighing() || options_.sample_interval_ns == 0) return false;
    const std::optional<uint64_t> since_ns = SinceWindowsBegan(now_ns);
    if (!since_ns) return true;
    return options_.watch_windows->IsSampled(options_.watch_windows->IndexAt(*since_ns));
  }

  // How long to wait if the worker sends nothing.
  uint64_t WaitNs(uint64_t now_ns) const {
    if (Sampling(now_ns)) {
      uint64_t due_ns = sampler_.next_due_ns();
      if (place_.gpu) due_ns = std::min(due_ns, place_.gpu->next_due_ns());
      return std::max(due_ns, now_ns) - now_ns;
    }
    const std::optional<uint64_t> since_ns = SinceWindowsBegan(now_ns);
    if (!since_ns || options_.sample_interval_ns == 0) return kIdleWaitNs;
    return options_.watch_windows->length_ns - *since_ns % options_.watch_windows->length_ns;
  }

  void ShowMemory(uint64_t now_ns) {
    if (!options_.weighing || now_ns < next_show_ns_ || !Weighing()) return;
    options_.weighing(sampler_.latest_rss_bytes());
    next_show_ns_ = now_ns + kShowEveryNs;
  }

  // Waits until a descriptor is ready or the next sample is due, and serves the ready descriptors.
  void WaitAndServe(uint64_t now_ns) {
    std::array<pollfd, 5> fds = {Readable(reader_.at_end() ? -1 : child_.from_worker.get()),
                                 Readable(child_.out.get()), Readable(child_.err.get()),
                                 Writable(writer_.empty() ? -1 : child_.to_worker.get()),
                                 Readable(interrupt_.fd())};
    if (PollDescriptors(fds, WaitNs(now_ns)) <= 0) return;
    if (fds[1].revents != 0) DrainOutput(child_.out);
    if (fds[2].revents != 0) DrainOutput(child_.err);
    if (fds[3].revents != 0 && !writer_.WriteOnce(child_.to_worker.get()).ok()) {
      writer_ = LineWriter();  // it closed its end; its exit tells how it ended
    }
    if (fds[0].revents != 0) ReadProtocol();
  }

  // Reads once per turn, so that a flood of output cannot delay the sampler. Returns false at the
  // end.
  bool DrainOutput(ScopedFd& fd) {
    std::array<char, 65536> chunk;
    const ssize_t got = fd.valid() ? read(fd.get(), chunk.data(), chunk.size()) : 0;
    if (got > 0) tail_.Append({chunk.data(), static_cast<size_t>(got)});
    if (got == 0) fd.Close();
    return got > 0;
  }

  void ReadProtocol() {
    if (const Status read = reader_.ReadOnce(child_.from_worker.get()); !read.ok()) {
      return Fail("protocol-error", read.error().message());
    }
    while (!done_) {
      Result<std::optional<std::string>> line = reader_.NextLine();
      if (!line.ok()) return Fail("protocol-error", line.error().message());
      if (!line->has_value()) break;
      Handle(**line);
    }
    if (reader_.at_end() && !conversation_.finished()) {
      deadline_ns_ = std::min(deadline_ns_, MonotonicNs() + kClosedPipeGraceNs);
    }
  }

  void Handle(const std::string& line) {
    Result<WorkerMessage> message = DecodeWorkerMessage(line);
    if (!message.ok()) return Fail("protocol-error", message.error().message());
    const Result<Conversation::Step> step = conversation_.Accept(std::move(message).value());
    if (!step.ok()) return Fail("protocol-error", step.error().message());
    const uint64_t now_ns = MonotonicNs();
    deadline_ns_ = now_ns + options_.stage_timeout_ns;
    switch (*step) {
      case Conversation::Step::kSendTask:
        writer_.Push(EncodeTask(*TaskOf(options_)));
        break;
      case Conversation::Step::kReadStage:
        ReadStage(now_ns);
        break;
      case Conversation::Step::kFinished:
        deadline_ns_ = now_ns + std::min(kExitGraceNs, options_.stage_timeout_ns);
        CheckTimes();
        child_.to_worker.Close();
        break;
    }
  }

  void ReadStage(uint64_t now_ns) {
    const Stage stage = *conversation_.reached();
    if (stage == Stage::kInitial) outcome_.startup_ns = now_ns - start_ns_;
    stage_took_ns_[static_cast<size_t>(stage)] = now_ns - last_ack_ns_;
    sampler_.ReadStage(stage, now_ns);
    if (place_.gpu) place_.gpu->ReadStage(sampler_.processes());
    if (options_.files != nullptr) options_.files->merge(FilesInUse(child_.pid()));
    if (stage == Stage::kFinal) {
      outcome_.run_ns = now_ns - start_ns_ - waits_ns_;
      NoteCosts(now_ns);
      outcome_.weights_untouched_bytes =
          UntouchedWeightBytes(child_.pid(), options_.weight_file, options_.weight_ranges);
    }
    sampler_.ResetHighWaterMarks();
    writer_.Push(EncodeWatcherMessage(AckMessage{stage}));
    last_ack_ns_ = MonotonicNs();
    waits_ns_ += last_ack_ns_ - now_ns;
    deadline_ns_ = last_ack_ns_ + options_.stage_timeout_ns;
  }

  void NoteCosts(uint64_t now_ns) {
    watched_ns_ = now_ns - start_ns_;
    watcher_cpu_ns_ = OwnCpuNs() - start_cpu_ns_;
  }

  // Durations that a worker claims must fit into the time we waited for it.
  void CheckTimes() {
    if (!conversation_.result()) return;
    const ResultMessage& result = *conversation_.result();
    CheckDuration("load_ns", result.load_ns, Stage::kModelLoaded);
    constexpr Stage kStages[] = {Stage::kFirstInference, Stage::kSecondInference};
    for (size_t i = 0; i < result.generations.size(); ++i) {
      CheckDuration("total_ns", result.generations[i].total_ns, kStages[i]);
    }
  }

  void CheckDuration(std::string_view name, uint64_t claimed_ns, Stage stage) {
    const uint64_t watched_ns = stage_took_ns_[static_cast<size_t>(stage)];
    if (claimed_ns <= watched_ns + kClockSlackNs) return;
    Fail("protocol-error", fmt::format("result: {} = {}, but {} was reached after {} ns", name,
                                       claimed_ns, StageName(stage), watched_ns));
  }

  void ReadLastWords() {
    for (ScopedFd* fd : {&child_.out, &child_.err}) {
      for (size_t i = 0; i < kLastReads && DrainOutput(*fd); ++i) {
      }
    }
    for (size_t i = 0; i < kLastReads && !done_ && !conversation_.finished(); ++i) {
      pollfd ready = Readable(child_.from_worker.get());
      if (reader_.at_end() || PollDescriptors({&ready, 1}, 0) <= 0) break;
      ReadProtocol();
    }
  }

  void ConcludeExit(ExitStatus exit) {
    done_ = true;
    const std::string how =
        exit.signaled ? fmt::format("signal {}", exit.code) : fmt::format("exit {}", exit.code);
    if (conversation_.finished()) {
      if (exit.signaled || exit.code != 0) outcome_.exit_note = how + " after its last message";
    } else if (WasOutOfMemory(exit)) {
      FailForWantOfMemory();
    } else if (exit.signaled) {
      Fail(how, fmt::format("the worker was ended by {}", strsignal(exit.code)));
    } else {
      Fail(how, "the worker ended before its result");
    }
  }

  // The worker's cgroup counts its own kills. Without one, any kill on the system counts.
  bool WasOutOfMemory(ExitStatus exit) const {
    if (Cgroup() != nullptr) return Cgroup()->OomKills() > 0;
    return exit.signaled && exit.code == SIGKILL && OomKills() > oom_kills_before_;
  }

  WorkerOutcome Finish() {
    if (watched_ns_ == 0) NoteCosts(MonotonicNs());
    sampler_.ReadLast();
    child_.KillAndReap();
    if (!outcome_.failure && conversation_.error()) {
      outcome_.failure = Failure{conversation_.error()->code, conversation_.error()->message};
    }
    outcome_.hello = conversation_.hello();
    outcome_.result = outcome_.failure ? std::nullopt : conversation_.result();
    if (!outcome_.failure) outcome_.tokens = conversation_.tokens();
    if (!outcome_.failure) outcome_.scores = conversation_.scores();
    outcome_.stage_reached = conversation_.reached();
    outcome_.memory = sampler_.Finish();
    if (place_.gpu) place_.gpu->Finish(outcome_.memory);
    outcome_.saw_all_files = options_.files == nullptr || place_.opened.has_value();
    outcome_.memory.limit_bytes = options_.limit_bytes;
    outcome_.memory.watched_ns = watched_ns_;
    outcome_.memory.watcher_cpu_ns = watcher_cpu_ns_;
    outcome_.output_tail = tail_.Text();
    return std::move(outcome_);
  }

  const WorkerRunOptions& options_;
  InterruptWatch& interrupt_;
  WorkerPlace place_;  // before child_: removed after the processes
  ChildProcess child_;
  ScopedPriority priority_;  // after child_: the worker starts first
  const uint64_t start_ns_;
  const uint64_t start_cpu_ns_;
  ProcSampler sampler_;
  Conversation conversation_;
  LineReader reader_;
  LineWriter writer_;
  OutputTail tail_;
  const uint64_t oom_kills_before_;
  uint64_t deadline_ns_;
  uint64_t last_ack_ns_ = 0;
  uint64_t next_show_ns_ = 0;
  uint64_t next_oom_check_ns_ = 0;
  uint64_t waits_ns_ = 0;  // time the worker waited for us
  uint64_t watched_ns_ = 0;
  uint64_t watcher_cpu_ns_ = 0;
  std::array<uint64_t, kStageCount> stage_took_ns_ = {};
  bool done_ = false;
  WorkerOutcome outcome_;
};

}  // namespace

namespace {

Result<WorkerPlace> MakePlace(const WorkerRunOptions& options) {
  WorkerPlace place;
  if (options.nvml != nullptr) place.gpu.emplace(*options.nvml, options.sample_interval_ns);
  if (options.cgroups == nullptr) return place;
  Result<MemoryCgroup> cgroup = MemoryCgroup::Create(*options.cgroups, options.limit_bytes);
  if (!cgroup.ok() && options.limit_bytes) return cgroup.error();
  if (!cgroup.ok()) return place;
  place.cgroup.emplace(std::move(cgroup).value());
  if (options.files == nullptr) return place;
  Result<OpenWatch> opened = OpenWatch::Start(place.cgroup->folder());
  if (opened.ok()) place.opened.emplace(std::move(opened).value());
  return place;
}

WorkerOutcome NotStarted(std::string reason, const Error& error) {
  WorkerOutcome outcome;
  outcome.failure = Failure{std::move(reason), error.message()};
  return outcome;
}

// Notes unreadable parts of the report. They fail the run only if a test asks for that.
void KeepReport(TrimReport report, WorkerOutcome& outcome) {
  if (const Status whole = CheckTrimReport(report); !whole.ok() && !outcome.failure) {
    outcome.failure = Failure{"protocol-error", whole.error().message()};
    outcome.result.reset();
  }
  for (const std::string& unread : report.unread) {
    if (!outcome.exit_note.empty()) outcome.exit_note += "; ";
    outcome.exit_note += "report of tare run: " + unread;
  }
  outcome.trim = std::move(report);
}

}  // namespace

WorkerOutcome RunWorker(const WorkerRunOptions& options, InterruptWatch& interrupt) {
  Result<WorkerPlace> place = MakePlace(options);
  if (!place.ok()) return NotStarted("no-limit", place.error());
  const int procs_fd = place->cgroup ? place->cgroup->procs_fd() : -1;
  Command command = options.command;
  std::optional<TrimReportFile> report;
  if (options.trimmed) {
    Result<TrimReportFile> created = TrimReportFile::Create();
    if (!created.ok()) return NotStarted("not-installed", created.error());
    report.emplace(std::move(created).value());
    command.environment[kRunReportVariable] = report->path();
  }
  Result<ChildProcess> child = ChildProcess::Spawn(command, procs_fd);
  if (!child.ok()) {
    const bool outside = child.error().code() == ErrorCode::kUnsupported;
    return NotStarted(outside ? "no-limit" : "not-installed", child.error());
  }
  WorkerOutcome outcome =
      WorkerRun(options, interrupt, std::move(place).value(), std::move(child).value()).Go();
  if (report) KeepReport(report->Read(), outcome);
  return outcome;
}

}  // namespace tare
