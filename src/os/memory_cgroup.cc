#include "os/memory_cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <utility>

#include "os/proc_files.h"

namespace tare {
namespace {

constexpr char kNamePrefix[] = "tare-";
constexpr size_t kMaxFoldersLookedAt = 20'000;
constexpr int kMaxDepth = 12;

struct Owner {
  uint64_t pid_namespace = 0;
  pid_t pid = 0;
  uint64_t start_ticks = 0;  // since boot: tells processes of the same number apart
};

// Field 22 of /proc/PID/stat; the name in field 2 may hold anything, so counting starts after it.
std::optional<uint64_t> StartTicks(pid_t pid) {
  const Result<std::string> text = ReadSmallFile(fmt::format("/proc/{}/stat", pid));
  if (!text.ok()) return std::nullopt;
  size_t at = text->rfind(')');
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = text->find(' ', at + 1);
  if (at == std::string::npos) return std::nullopt;
  uint64_t ticks = 0;
  const char* const end = text->data() + text->size();
  if (std::from_chars(text->data() + at + 1, end, ticks).ec != std::errc()) return std::nullopt;
  return ticks;
}

uint64_t PidNamespace() {
  struct stat info = {};
  return stat("/proc/self/ns/pid", &info) == 0 ? static_cast<uint64_t>(info.st_ino) : 0;
}

// Makes a folder whose name tells who we are, and returns its path.
Result<std::string> MakeFolder(const std::string& parent) {
  const std::string base = fmt::format("{}/{}{}-{}-{}", parent, kNamePrefix, PidNamespace(),
                                       getpid(), StartTicks(getpid()).value_or(0));
  for (size_t number = 0;; ++number) {
    std::string folder = fmt::format("{}-{}", base, number);
    if (mkdir(folder.c_str(), 0755) == 0) return folder;
    if (errno != EEXIST || number == kMaxFoldersLookedAt) {
      return ErrnoError(errno, fmt::format("cannot create cgroup {}", folder));
    }
  }
}

std::optional<Owner> OwnerOf(std::string_view name) {
  if (!name.starts_with(kNamePrefix)) return std::nullopt;
  name.remove_prefix(sizeof(kNamePrefix) - 1);
  uint64_t numbers[4] = {};
  for (size_t i = 0; i < std::size(numbers); ++i) {
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), numbers[i]);
    if (error != std::errc()) return std::nullopt;
    name.remove_prefix(static_cast<size_t>(end - name.data()));
    const bool last = i + 1 == std::size(numbers);
    if (last != name.empty() || (!last && name[0] != '-')) return std::nullopt;
    if (!last) name.remove_prefix(1);
  }
  return Owner{numbers[0], static_cast<pid_t>(numbers[1]), numbers[2]};
}

std::vector<pid_t> ProcessesIn(const std::string& folder) {
  std::vector<pid_t> found;
  const Result<std::string> text = ReadSmallFile(folder + "/cgroup.procs");
  if (!text.ok()) return found;
  const char* at = text->data();
  const char* const end = at + text->size();
  while (at < end) {
    pid_t pid = 0;
    const auto [stop, error] = std::from_chars(at, end, pid);
    if (error != std::errc()) break;
    found.push_back(pid);
    at = stop + 1;
  }
  return found;
}

// Ends what is in the cgroup and removes it. The kernel refuses while a process is being ended.
void EndAndRemove(const std::string& folder) {
  for (int attempt = 0; attempt < 200; ++attempt) {
    if (rmdir(folder.c_str()) == 0 || errno != EBUSY) return;
    for (const pid_t pid : ProcessesIn(folder)) {
      if (pid != getpid()) kill(pid, SIGKILL);
    }
    const timespec pause = {0, 5'000'000};
    nanosleep(&pause, nullptr);
  }
}

uint64_t NumberAfter(const std::string& text, std::string_view word) {
  size_t at = text.find(word);
  if (at == std::string::npos) return 0;
  at += word.size();
  uint64_t value = 0;
  std::from_chars(text.data() + at, text.data() + text.size(), value);
  return value;
}

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

}  // namespace

bool SystemHasSwap() {
  struct sysinfo info = {};
  return sysinfo(&info) == 0 && info.totalswap > 0;
}

Status WriteCgroupFile(const std::string& path, std::string_view text) {
  const ScopedFd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError(errno, fmt::format("cannot open {}", path));
  if (write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return ErrnoError(errno, fmt::format("cannot write \"{}\" to {}", text, path));
  }
  return {};
}

Result<MemoryCgroup> MemoryCgroup::Create(const CgroupParent& parent,
                                          std::optional<uint64_t> limit_bytes) {
  TARE_ASSIGN_OR_RETURN(std::string folder, MakeFolder(parent.folder));
  MemoryCgroup cgroup(parent.version, std::move(folder));
  if (limit_bytes) TARE_RETURN_IF_ERROR(cgroup.Limit(*limit_bytes));
  const std::string procs = cgroup.folder_ + "/cgroup.procs";
  cgroup.procs_ = ScopedFd(open(procs.c_str(), O_WRONLY | O_CLOEXEC));
  if (!cgroup.procs_.valid()) return ErrnoError(errno, fmt::format("cannot open {}", procs));
  return cgroup;
}

Status MemoryCgroup::Limit(uint64_t bytes) {
  const bool v1 = version_ == 1;
  const std::string limit = std::to_string(bytes);
  TARE_RETURN_IF_ERROR(
      WriteCgroupFile(folder_ + (v1 ? "/memory.limit_in_bytes" : "/memory.max"), limit));
  // Version 1 limits memory and swap together; version 2 swap alone. A page more than for memory,
  // so that it is the latter's limit that is met, and counted, first.
  const std::string swap = folder_ + (v1 ? "/memory.memsw.limit_in_bytes" : "/memory.swap.max");
  const uint64_t page_bytes = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  if (Exists(swap)) return WriteCgroupFile(swap, v1 ? std::to_string(bytes + page_bytes) : "0");
  if (SystemHasSwap()) {
    return Unsupported(
        "the kernel does not account swap to cgroups ({} is missing) and there is swap; try "
        "swapoff, or the kernel option swapaccount=1",
        swap);
  }
  return {};
}

MemoryCgroup::MemoryCgroup(MemoryCgroup&& other) noexcept
    : version_(other.version_),
      folder_(std::exchange(other.folder_, {})),
      procs_(std::move(other.procs_)) {}

MemoryCgroup::~MemoryCgroup() {
  if (folder_.empty()) return;
  procs_.Close();
  EndAndRemove(folder_);
}

uint64_t MemoryCgroup::OomKills() const {
  const Result<std::string> text =
      ReadSmallFile(folder_ + (version_ == 1 ? "/memory.oom_control" : "/memory.events"));
  return text.ok() ? NumberAfter(*text, "oom_kill ") : 0;
}

bool MemoryCgroup::ReachedLimit() const {
  const bool v1 = version_ == 1;
  const Result<std::string> text =
      ReadSmallFile(folder_ + (v1 ? "/memory.failcnt" : "/memory.events"));
  return text.ok() && NumberAfter(*text, v1 ? "" : "\nmax ") > 0;
}

std::optional<uint64_t> MemoryCgroup::PeakBytes() const {
  const Result<std::string> text =
      ReadSmallFile(folder_ + (version_ == 1 ? "/memory.max_usage_in_bytes" : "/memory.peak"));
  if (!text.ok()) return std::nullopt;
  return NumberAfter(*text, "");
}

std::vector<pid_t> MemoryCgroup::Processes() const { return ProcessesIn(folder_); }

void MemoryCgroup::DropPageCache() const {
  // Pages that cannot be dropped stay; that is not an error here.
  if (version_ == 1) {
    (void)WriteCgroupFile(folder_ + "/memory.force_empty", "0");
  } else {
    const Result<std::string> held = ReadSmallFile(folder_ + "/memory.current");
    if (held.ok()) (void)WriteCgroupFile(folder_ + "/memory.reclaim", *held);
  }
}

void RemoveStaleCgroups(const std::string& mount_point) {
  namespace fs = std::filesystem;
  const uint64_t our_namespace = PidNamespace();
  std::vector<std::string> stale;
  // Each folder is opened on its own: one that goes away meanwhile hides itself alone, where a
  // recursive iterator would end.
  std::vector<std::pair<fs::path, int>> to_open = {{mount_point, 0}};
  for (size_t at = 0; at < to_open.size() && at < kMaxFoldersLookedAt; ++at) {
    const auto [parent, depth] = to_open[at];
    std::error_code error;
    fs::directory_iterator entry(parent, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      std::error_code unreadable;
      if (entry->is_symlink(unreadable) || !entry->is_directory(unreadable)) continue;
      const fs::path& folder = entry->path();
      if (depth < kMaxDepth) to_open.emplace_back(folder, depth + 1);
      const std::optional<Owner> owner = OwnerOf(folder.filename().string());
      if (!owner || owner->pid_namespace != our_namespace) continue;
      if (StartTicks(owner->pid) != owner->start_ticks) stale.push_back(folder.string());
    }
  }
  // The deepest first: a cgroup that holds another cannot be removed.
  for (auto folder = stale.rbegin(); folder != stale.rend(); ++folder) EndAndRemove(*folder);
}

}  // namespace tare
