#ifndef TARE_BENCH_PROTOCOL_WORKER_CHANNEL_H_
#define TARE_BENCH_PROTOCOL_WORKER_CHANNEL_H_

#include <string>
#include <string_view>

#include "base/error.h"
#include "bench/protocol/protocol.h"
#include "os/line_buffer.h"

namespace tare {

// A worker's end of the protocol. One thread at a time. Every call's error is Io (the watcher is
// gone) or InvalidInput/Unsupported (it said what it should not); the worker then ends.
//
// Order: Hello, ReceiveRun, Reach(kInitial), load, Reach(kModelLoaded), Reach(kBeforeInference),
// generate, Reach(kFirstInference), generate, Reach(kSecondInference), Reach(kFinal), SendResult.
// SendError may replace any of these and is the last call. In describe mode: Hello with a model,
// and nothing else.
class WorkerChannel {
 public:
  // Takes open descriptors, which stay the caller's.
  WorkerChannel(int fd_in, int fd_out) : fd_in_(fd_in), fd_out_(fd_out), reader_(kMaxLineBytes) {}

  Status Hello(const HelloMessage& hello);
  Result<RunMessage> ReceiveRun();
  // Returns when the watcher has read memory and reset the high-water mark.
  Status Reach(Stage stage);
  Status SendResult(const ResultMessage& result);
  // `code`: one of kWorkerErrorCodes.
  Status SendError(std::string_view code, std::string_view message);

 private:
  Status Send(const WorkerMessage& message);
  Result<WatcherMessage> Receive();

  const int fd_in_;
  const int fd_out_;
  LineReader reader_;
};

}  // namespace tare

#endif  // TARE_BENCH_PROTOCOL_WORKER_CHANNEL_H_
