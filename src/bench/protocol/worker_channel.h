#ifndef TARE_BENCH_PROTOCOL_WORKER_CHANNEL_H_
#define TARE_BENCH_PROTOCOL_WORKER_CHANNEL_H_

#include <string>
#include <string_view>

#include "base/error.h"
#include "bench/protocol/protocol.h"
#include "os/line_buffer.h"

namespace tare {

// A worker's end of the protocol, for one thread at a time. Every call may return Io (the watcher
// is gone) or InvalidInput/Unsupported (it sent an invalid message); the worker then exits.
//
// Order: Hello, ReceiveRun, Reach(kInitial), load, Reach(kModelLoaded), Reach(kBeforeInference),
// generate, Reach(kFirstInference), generate, Reach(kSecondInference), Reach(kFinal), SendResult.
// SendError may replace any of these and is the last call. Where ReceiveTask gives no run,
// SendTokens or SendScores is the next and last call. In describe mode: Hello with a model, and
// nothing else.
class WorkerChannel {
 public:
  // Borrows open descriptors; the caller keeps ownership.
  WorkerChannel(int fd_in, int fd_out) : fd_in_(fd_in), fd_out_(fd_out), reader_(kMaxLineBytes) {}

  Status Hello(const HelloMessage& hello);
  Result<WorkerTask> ReceiveTask();
  // Where a run is all that can be asked for.
  Result<RunMessage> ReceiveRun();
  // Returns once the watcher has read memory and reset the high-water mark.
  Status Reach(Stage stage);
  Status SendResult(const ResultMessage& result);
  Status SendTokens(const TokensMessage& tokens);
  Status SendScores(const ScoresMessage& scores);
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
