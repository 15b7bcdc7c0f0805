#ifndef TARE_BASE_TEMPORARIES_H_
#define TARE_BASE_TEMPORARIES_H_

#include <signal.h>

#include <string>

namespace tare {

// The list of files and folders that must not outlive the process: what a signal's handler removes.
// A destructor removes them in every other case.

// Held while a temporary is made, renamed or removed, and its place on the list with it: no signal
// ends the process between the two. Where one already is ending it, the constructor never returns.
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

// For main, once, while there is one thread. From then on
//   SIGINT, SIGTERM, SIGHUP  remove all temporaries, then end the process as they do by default;
//                            one that is ignored stays ignored.
//   SIGXFSZ, SIGPIPE         end nothing: the write fails, with EFBIG or EPIPE.
// Programs that this one starts have their defaults.
void HandleSignals();

// For a process that is about to end without its destructors.
void RemoveTemporaries();

// Removes all temporaries and ends the process as the signal does by default.
[[noreturn]] void EndBySignal(int number);

}  // namespace tare

#endif  // TARE_BASE_TEMPORARIES_H_
