#include "base/temporaries.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <utility>

namespace tare {
namespace {

constexpr int kEndingSignals[] = {SIGINT, SIGTERM, SIGHUP};
// A folder is one entry. If the list is full, only the destructor removes a temporary.
constexpr size_t kMaxTemporaries = 256;
constexpr int kMaxDepth = 8;  // of folders in a temporary one

// An entry owns its text. It changes only within a TemporariesChange, for whose end a signal's
// handler waits; the handler itself takes no lock.
struct List {
  std::mutex mutex;
  std::array<char*, kMaxTemporaries> paths = {};
  std::atomic<int> changes = 0;  // under way, in all threads
  std::atomic<bool> ending = false;
  std::atomic<pid_t> owner = 0;  // 0: none
};
List list;

sigset_t EndingSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : kEndingSignals) sigaddset(&set, number);
  return set;
}

// The signal handler calls the functions below, so they use only system calls.

void RemoveTree(int parent, const char* name, int depth);

// Returns whether anything was removed: entries may be passed over while others go.
bool RemoveEntries(int folder, int depth) {
  alignas(dirent64) char buffer[4096];
  bool any = false;
  lseek(folder, 0, SEEK_SET);
  while (true) {
    const long bytes = syscall(SYS_getdents64, folder, buffer, sizeof(buffer));
    if (bytes <= 0) return any;
    for (long at = 0; at < bytes;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer + at);
      at += entry->d_reclen;
      if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0) continue;
      RemoveTree(folder, entry->d_name, depth + 1);
      any = true;
    }
  }
}

void RemoveTree(int parent, const char* name, int depth) {
  if (unlinkat(parent, name, 0) == 0 || depth > kMaxDepth) return;
  const int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return;
  // Twice is enough unless another thread is still writing there.
  constexpr int kRounds = 8;
  for (int round = 0; round < kRounds && RemoveEntries(folder, depth); ++round) {
  }
  close(folder);
  unlinkat(parent, name, AT_REMOVEDIR);
}

extern "C" void EndHandler(int number) { EndBySignal(number); }
extern "C" void NothingHandler(int /*number*/) {}

void Handle(int number, void (*handler)(int), const sigset_t& held) {
  struct sigaction old = {};
  if (sigaction(number, nullptr, &old) != 0 || old.sa_handler == SIG_IGN) return;
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_mask = held;
  action.sa_flags = SA_RESTART;
  sigaction(number, &action, nullptr);
}

}  // namespace

TemporariesChange::TemporariesChange() {
  const sigset_t held = EndingSignals();
  pthread_sigmask(SIG_BLOCK, &held, &old_mask_);
  ++list.changes;
  if (list.ending) {
    --list.changes;
    while (true) pause();
  }
  list.mutex.lock();
}

TemporariesChange::~TemporariesChange() {
  list.mutex.unlock();
  --list.changes;
  pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
}

void TemporariesChange::Add(const std::string& path) {
  const auto place = std::ranges::find(list.paths, nullptr);
  if (place != list.paths.end()) *place = strdup(path.c_str());
}

void TemporariesChange::Remove(const std::string& path) {
  const auto place = std::ranges::find_if(
      list.paths, [&](const char* text) { return text != nullptr && path == text; });
  if (place != list.paths.end()) free(std::exchange(*place, nullptr));
}

void HandleSignals() {
  list.owner = getpid();
  const sigset_t held = EndingSignals();
  for (const int number : kEndingSignals) Handle(number, EndHandler, held);
  for (const int number : {SIGXFSZ, SIGPIPE}) Handle(number, NothingHandler, held);
}

void RemoveTemporaries() {
  // A copy of us that has not become its program yet owns nothing.
  if (list.owner != getpid()) return;
  list.ending = true;
  // Those of this thread hold the signal back, so that they are over; others end in a moment.
  while (list.changes > 0) sched_yield();
  for (const char* path : list.paths) {
    if (path != nullptr) RemoveTree(AT_FDCWD, path, 0);
  }
}

void EndBySignal(int number) {
  RemoveTemporaries();
  signal(number, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  raise(number);
  _exit(128 + number);
}

}  // namespace tare
