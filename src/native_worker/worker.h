#ifndef TARE_NATIVE_WORKER_WORKER_H_
#define TARE_NATIVE_WORKER_WORKER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"
#include "os/child_process.h"

namespace tare {

// The engine that runs the model, for a backend whose worker is this program.
enum class WorkerEngine { kNative, kOpenVino, kLlamaCpp };

struct WorkerOptions {
  int fd_in = kWorkerFdIn;
  int fd_out = kWorkerFdOut;
  WorkerEngine engine = WorkerEngine::kNative;
  std::string tare_version;

  // Send the hello with the facts of `model`, then exit.
  bool describe = false;
  std::string model;
  std::vector<std::string> prompts;  // texts to report the token ids of
  size_t tokens = 0;                 // length of one more prompt, cut from a text; 0: none
};

// The worker of the backends `native`, `openvino` and `llama.cpp`. Speaks the worker protocol
// (docs/worker_protocol.md) from hello to result. Reports errors of the work to the watcher and
// returns them; only returns errors of the channel.
Status RunNativeWorker(const WorkerOptions& options);

}  // namespace tare

#endif  // TARE_NATIVE_WORKER_WORKER_H_
