#ifndef TARE_BASE_TEMPORARIES_H_
#define TARE_BASE_TEMPORARIES_H_

#include <signal.h>

#include <string>

namespace tare {

// The list of files and folders that must not outlive the process. The signal handler removes them;
// in every other case a destructor does.

// Hold this while you create, rename or remove a temporary and update the list: no signal ends the
// process between the two. If a signal is already ending it, the constructor never returns.
class TemporariesChange {
 public:
  TemporariesChange();
  ~TemporariesChange();
  TemporariesChange(const TemporariesChange&) = delete;
  TemporariesChange& operator=(const TemporariesChange&) = delete;

  void Add(const std::string& path);
  void Remove(const std::string& path);

 private:
  sigset_t old_mask_;
};

// Call once in main, before any thread starts. From then on
//   SIGINT, SIGTERM, SIGHUP  remove all temporaries, then end the process as by default; an ignored
//                            signal stays ignored.
//   SIGXFSZ, SIGPIPE         do not end the process: the write fails with EFBIG or EPIPE.
// Programs that this process starts have the default signal handling.
void HandleSignals();

// Removes all temporaries. For a process that is about to end without running destructors.
void RemoveTemporaries();

// Removes all temporaries, then ends the process as the signal does by default.
[[noreturn]] void EndBySignal(int number);

}  // namespace tare

#endif  // TARE_BASE_TEMPORARIES_H_
