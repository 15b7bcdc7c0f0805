#include "bench/watch/proc_sampler.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "os/clock.h"
#include "os/proc_files.h"

namespace tare {
namespace {

// A search for new processes, or a read of status, costs ten times as much as a read of statm, so
// neither happens at every tick. A single process is sampled only at searches, because the kernel's
// high-water mark gives its peak in any case. Without swap, its status contains nothing that the
// next stage edge would miss.
constexpr uint64_t kTicksPerSearch = 4;
constexpr uint64_t kTicksPerStatusAlone = 20;

bool SameMemory(const MemorySample& a, const MemorySample& b) {
  return a.rss_bytes == b.rss_bytes && a.anon_bytes == b.anon_bytes && a.file_bytes == b.file_bytes;
}

ScopedFd OpenProcFile(pid_t pid, std::string_view name) {
  return ScopedFd(open(fmt::format("/proc/{}/{}", pid, name).c_str(), O_RDONLY | O_CLOEXEC));
}

// The file's current text; empty if the process is gone.
template <size_t kSize>
std::string_view Reread(const ScopedFd& fd, std::array<char, kSize>& text) {
  const ssize_t got = pread(fd.get(), text.data(), text.size(), 0);
  return {text.data(), static_cast<size_t>(std::max<ssize_t>(got, 0))};
}

std::optional<StatmMemory> ReadStatm(const ScopedFd& fd, uint64_t page_bytes) {
  std::array<char, 256> text;
  return ParseStatm(Reread(fd, text), page_bytes);
}

std::optional<StatusMemory> ReadStatus(const ScopedFd& fd) {
  std::array<char, 8192> text;
  return ParseStatus(Reread(fd, text));
}

}  // namespace

ProcSampler::ProcSampler(pid_t worker, std::set<pid_t> earlier_children, const MemoryCgroup* cgroup,
                         uint64_t interval_ns, uint64_t start_ns)
    : worker_(worker),
      earlier_children_(std::move(earlier_children)),
      cgroup_(cgroup),
      start_ns_(start_ns),
      page_bytes_(static_cast<uint64_t>(sysconf(_SC_PAGESIZE))),
      has_swap_(SystemHasSwap()),
      load_average_(open("/proc/loadavg", O_RDONLY | O_CLOEXEC)),
      next_due_ns_(start_ns),
      last_sample_ns_(start_ns) {
  record_.sample_interval_ns = interval_ns;
  Track(worker);
}

void ProcSampler::Track(pid_t pid) {
  const auto [entry, is_new] = processes_.try_emplace(pid);
  if (!is_new) return;
  // An open file stays bound to this process even if its PID is reused.
  entry->second.statm = OpenProcFile(pid, "statm");
  entry->second.status = OpenProcFile(pid, "status");
}

void ProcSampler::FindProcesses() {
  if (cgroup_ != nullptr) {
    for (const pid_t pid : cgroup_->Processes()) Track(pid);
    return;
  }
  for (const pid_t child : ChildrenOf(getpid())) {
    if (earlier_children_.contains(child)) continue;
    Track(child);
    for (const pid_t descendant : DescendantsOf(child)) Track(descendant);
  }
}

// Checks the PID given out last, here in "0.5 0.5 0.5 2/345 6789". This costs a tenth of a search
// and shows when there is nothing to find.
bool ProcSampler::AnythingStarted() {
  std::array<char, 128> text;
  const std::string_view now = Reread(load_average_, text);
  const std::string_view last_pid = now.substr(std::min(now.size(), now.rfind(' ') + 1));
  const bool started = last_pid.empty() || last_pid != last_pid_;
  last_pid_ = last_pid;
  return started;
}

void ProcSampler::Tick(uint64_t now_ns) {
  if (now_ns < next_due_ns_) return;
  Sample(now_ns);
  const uint64_t interval_ns =
      (processes_.size() == 1 ? kTicksPerSearch : 1) * record_.sample_interval_ns;
  // A late sample does not make the next one early.
  next_due_ns_ = std::max(next_due_ns_ + interval_ns, now_ns);
  if (next_due_ns_ == now_ns) next_due_ns_ += interval_ns;
}

void ProcSampler::Sample(uint64_t now_ns) {
  const bool alone = processes_.size() == 1;
  if (alone) tick_ = (tick_ + kTicksPerSearch - 1) / kTicksPerSearch * kTicksPerSearch;
  if (tick_ % kTicksPerSearch == 0 && AnythingStarted()) FindProcesses();
  if (tick_ % (alone && !has_swap_ ? kTicksPerStatusAlone : kTicksPerSearch) == 0) {
    SumStatus(now_ns);
  }
  tick_ += alone ? kTicksPerSearch : 1;
  MemorySample sum;
  sum.time_ns = now_ns - start_ns_;
  for (const auto& [pid, process] : processes_) {
    const std::optional<StatmMemory> memory = ReadStatm(process.statm, page_bytes_);
    if (!memory) continue;
    sum.rss_bytes += memory->rss_bytes;
    sum.file_bytes += memory->file_bytes;
  }
  sum.anon_bytes = sum.rss_bytes - std::min(sum.rss_bytes, sum.file_bytes);
  if (sum.rss_bytes == 0) return;  // it is gone; its last sample stays
  record_.longest_gap_ns = std::max(record_.longest_gap_ns, now_ns - last_sample_ns_);
  last_sample_ns_ = now_ns;
  ++record_.sample_count;
  KeepSample(sum);
  RaisePeak(sum.rss_bytes);
}

void ProcSampler::KeepSample(const MemorySample& sample) {
  std::vector<MemorySample>& kept = record_.samples;
  const size_t count = kept.size();
  if (count >= 2 && SameMemory(kept[count - 1], sample) && SameMemory(kept[count - 2], sample)) {
    kept.back().time_ns = sample.time_ns;
  } else {
    kept.push_back(sample);
  }
}

// Reads status for every process. Sums the parts and keeps the high-water marks.
StageReading ProcSampler::SumStatus(uint64_t now_ns) {
  StageReading sum;
  sum.time_ns = now_ns - start_ns_;
  for (auto& [pid, process] : processes_) {
    const std::optional<StatusMemory> memory = ReadStatus(process.status);
    if (!memory) continue;
    sum.rss_bytes += memory->rss_bytes;
    sum.anon_bytes += memory->anon_bytes;
    sum.file_bytes += memory->file_bytes;
    sum.shmem_bytes += memory->shmem_bytes;
    sum.swap_bytes += memory->swap_bytes;
    const uint64_t high = std::max(memory->high_water_bytes, memory->rss_bytes);
    process.stage_high_water_bytes = std::max(process.stage_high_water_bytes, high);
    process.high_water_bytes = std::max(process.high_water_bytes, high);
  }
  record_.peak_swap_bytes = std::max(record_.peak_swap_bytes, sum.swap_bytes);
  return sum;
}

// A parent's count includes the children it waited for, so the sum counts each process once.
void ProcSampler::ReadDisk() {
  uint64_t sum = 0;
  bool told = false;
  for (const auto& [pid, process] : processes_) {
    const std::optional<uint64_t> bytes = ReadDiskBytes(pid);
    told = told || bytes;
    sum += bytes.value_or(0);
  }
  if (told) record_.disk_read_bytes = std::max(record_.disk_read_bytes.value_or(0), sum);
}

std::set<pid_t> ProcSampler::processes() const {
  std::set<pid_t> pids;
  for (const auto& [pid, process] : processes_) pids.insert(pid);
  return pids;
}

void ProcSampler::RaisePeak(uint64_t tree_rss_bytes) {
  record_.peak_rss_low_bytes = std::max(record_.peak_rss_low_bytes, tree_rss_bytes);
}

void ProcSampler::ReadStage(Stage stage, uint64_t now_ns) {
  FindProcesses();
  StageReading reading = SumStatus(now_ns);
  reading.stage = stage;
  Process& worker = processes_.at(worker_);
  if (const std::optional<RollupMemory> rollup = ReadRollup(worker_)) {
    reading.pss_bytes = rollup->pss_bytes;
    reading.uss_bytes = rollup->uss_bytes;
  }
  reading.high_water_bytes = worker.stage_high_water_bytes;
  RaisePeak(reading.rss_bytes);
  ReadDisk();
  record_.stages.push_back(reading);
}

void ProcSampler::ResetHighWaterMarks() {
  for (auto& [pid, process] : processes_) {
    const bool reset = ResetHighWater(pid);
    if (pid != worker_) continue;
    record_.high_water_was_reset = record_.high_water_was_reset && reset;
    if (reset) process.stage_high_water_bytes = 0;
  }
}

void ProcSampler::ReadLast() {
  ReadDisk();
  if (cgroup_ != nullptr) record_.cgroup_peak_bytes = cgroup_->PeakBytes();
}

MemoryRecord ProcSampler::Finish() {
  uint64_t sum_of_marks = 0;
  for (const auto& [pid, process] : processes_) sum_of_marks += process.high_water_bytes;
  RaisePeak(processes_.at(worker_).high_water_bytes);
  record_.processes_seen = processes_.size();
  record_.peak_rss_high_bytes = std::max(sum_of_marks, record_.peak_rss_low_bytes);
  return std::move(record_);
}

}  // namespace tare
