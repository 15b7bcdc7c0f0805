#ifndef TARE_BENCH_PROTOCOL_CONVERSATION_H_
#define TARE_BENCH_PROTOCOL_CONVERSATION_H_

#include <optional>
#include <variant>

#include "base/error.h"
#include "bench/protocol/protocol.h"

namespace tare {

// The watcher's side of the protocol as a state machine without pipes or clocks. Checks which
// message may come next and whether its claims match the request.
class Conversation {
 public:
  // What the watcher does after a message.
  enum class Step {
    kSendTask,   // after hello
    kReadStage,  // read memory, then acknowledge reached()
    kFinished,   // the result, the description or an error arrived; no message may follow
  };

  // What the worker will be asked; nullopt: it only describes its model.
  explicit Conversation(std::optional<WorkerTask> task) : task_(std::move(task)) {}

  // Errors: InvalidInput for a message out of order, too many messages, or an impossible claim.
  Result<Step> Accept(WorkerMessage message);

  bool finished() const { return finished_; }
  const std::optional<HelloMessage>& hello() const { return hello_; }
  const std::optional<Stage>& reached() const { return reached_; }
  const std::optional<ResultMessage>& result() const { return result_; }
  const std::optional<TokensMessage>& tokens() const { return tokens_; }
  const std::optional<ScoresMessage>& scores() const { return scores_; }
  const std::optional<ErrorMessage>& error() const { return error_; }

 private:
  Result<Step> AcceptHello(HelloMessage hello);
  Result<Step> AcceptStage(Stage stage);
  Result<Step> AcceptResult(ResultMessage result);
  Result<Step> AcceptTokens(TokensMessage tokens);
  Result<Step> AcceptScores(ScoresMessage scores);
  // nullptr: another task, or none.
  template <typename Task>
  const Task* TaskAs() const {
    return task_ ? std::get_if<Task>(&*task_) : nullptr;
  }

  const std::optional<WorkerTask> task_;
  size_t message_count_ = 0;
  bool finished_ = false;
  std::optional<HelloMessage> hello_;
  std::optional<Stage> reached_;
  std::optional<ResultMessage> result_;
  std::optional<TokensMessage> tokens_;
  std::optional<ScoresMessage> scores_;
  std::optional<ErrorMessage> error_;
};

}  // namespace tare

#endif  // TARE_BENCH_PROTOCOL_CONVERSATION_H_
