#include "bench/watch/worker_files.h"

#include <fcntl.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <string_view>

#include "os/proc_files.h"

namespace tare {
namespace {

constexpr std::string_view kDeleted = " (deleted)";

// The target of a link in /proc/…/fd, if it is a regular file that still has a name.
std::optional<std::string> RegularTarget(const std::string& link) {
  std::error_code error;
  std::string target = std::filesystem::read_symlink(link, error).string();
  struct stat info = {};
  if (error || !target.starts_with('/') || target.ends_with(kDeleted)) return std::nullopt;
  if (stat(link.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  return target;
}

void AddMapped(pid_t pid, std::set<std::string>& files) {
  const Result<std::string> text = ReadSmallFile(fmt::format("/proc/{}/maps", pid));
  if (!text.ok()) return;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const size_t path = line.find('/');
    if (path == std::string_view::npos || line.ends_with(kDeleted)) continue;
    struct stat info = {};
    std::string name(line.substr(path));
    if (stat(name.c_str(), &info) == 0 && S_ISREG(info.st_mode)) files.insert(std::move(name));
  }
}

}  // namespace

std::set<std::string> FilesInUse(pid_t pid) {
  std::set<std::string> files;
  AddMapped(pid, files);
  std::error_code error;
  std::filesystem::directory_iterator fd(fmt::format("/proc/{}/fd", pid), error);
  for (; !error && fd != std::filesystem::directory_iterator(); fd.increment(error)) {
    if (auto target = RegularTarget(fd->path().string())) files.insert(*std::move(target));
  }
  return files;
}

Result<OpenWatch> OpenWatch::Start(std::string cgroup_folder) {
  ScopedFd fd(fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE,
                            O_RDONLY | O_CLOEXEC | O_NOATIME));
  if (!fd.valid()) return ErrnoError(errno, "cannot watch files being opened (fanotify_init)");
  TARE_ASSIGN_OR_RETURN(const std::string mounts, ReadSmallFile("/proc/self/mounts"));
  bool any = false;
  std::string_view rest = mounts;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const size_t first = line.find(' ');
    const size_t second = line.find(' ', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    const std::string point(line.substr(first + 1, second - first - 1));
    // File systems without files of their own refuse, which is harmless.
    any |= fanotify_mark(fd.get(), FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN, AT_FDCWD,
                         point.c_str()) == 0;
  }
  if (!any) return ErrnoError(errno, "cannot watch files being opened (fanotify_mark)");
  return OpenWatch(std::move(fd), cgroup_folder.substr(cgroup_folder.rfind('/') + 1));
}

bool OpenWatch::IsWanted(pid_t pid) {
  const auto [entry, is_new] = wanted_.try_emplace(pid, true);
  if (is_new && pid != getpid()) {
    const Result<std::string> cgroups = ReadSmallFile(fmt::format("/proc/{}/cgroup", pid));
    // A process that is already gone may have been ours.
    entry->second = !cgroups.ok() || cgroups->find(cgroup_name_) != std::string::npos;
  } else if (is_new) {
    entry->second = false;
  }
  return entry->second;
}

void OpenWatch::Collect(std::set<std::string>& files) {
  alignas(fanotify_event_metadata) std::array<char, 65536> buffer;
  while (true) {
    ssize_t left = read(fd_.get(), buffer.data(), buffer.size());
    if (left <= 0) return;
    const auto* event = reinterpret_cast<const fanotify_event_metadata*>(buffer.data());
    for (; FAN_EVENT_OK(event, left); event = FAN_EVENT_NEXT(event, left)) {
      const ScopedFd opened(event->fd);
      if (!opened.valid() || !IsWanted(event->pid)) continue;
      if (auto path = RegularTarget(fmt::format("/proc/self/fd/{}", opened.get()))) {
        files.insert(*std::move(path));
      }
    }
  }
}

}  // namespace tare
