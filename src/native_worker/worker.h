#ifndef TARE_NATIVE_WORKER_WORKER_H_
#define TARE_NATIVE_WORKER_WORKER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"
#include "os/child_process.h"

namespace tare {

// What runs the model of a row whose worker is this program.
enum class WorkerEngine { kNative, kOpenVino, kLlamaCpp };

struct WorkerOptions {
  int fd_in = kWorkerFdIn;
  int fd_out = kWorkerFdOut;
  WorkerEngine engine = WorkerEngine::kNative;
  std::string tare_version;

  // Says hello with the facts of `model`, then ends.
  bool describe = false;
  std::string model;
  std::vector<std::string> prompts;  // whose ids to tell
  size_t tokens = 0;                 // of one more prompt, cut from a text; 0: none
};

// The worker of the rows `native`, `openvino` and `llama.cpp`: speaks the worker protocol
// (docs/worker_protocol.md) from hello to result. Errors of the work itself are told to the watcher
// and returned; those of the channel are returned.
Status RunNativeWorker(const WorkerOptions& options);

}  // namespace tare

#endif  // TARE_NATIVE_WORKER_WORKER_H_
