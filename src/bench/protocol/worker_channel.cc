#include "bench/protocol/worker_channel.h"

#include "base/descriptor_io.h"

namespace tare {

Status WorkerChannel::Send(const WorkerMessage& message) {
  const std::string line = EncodeWorkerMessage(message) + "\n";
  return WriteAll(fd_out_, std::as_bytes(std::span(line)), "the protocol pipe");
}

Result<WatcherMessage> WorkerChannel::Receive() {
  while (true) {
    TARE_ASSIGN_OR_RETURN(const std::optional<std::string> line, reader_.NextLine());
    if (line) return DecodeWatcherMessage(*line);
    if (reader_.at_end()) return IoError("the watcher closed the protocol pipe");
    TARE_RETURN_IF_ERROR(reader_.ReadWaiting(fd_in_));
  }
}

Status WorkerChannel::Hello(const HelloMessage& hello) { return Send(hello); }

Result<WorkerTask> WorkerChannel::ReceiveTask() {
  TARE_ASSIGN_OR_RETURN(WatcherMessage message, Receive());
  if (auto* run = std::get_if<RunMessage>(&message)) return WorkerTask(std::move(*run));
  if (auto* texts = std::get_if<TokenizeMessage>(&message)) return WorkerTask(std::move(*texts));
  if (auto* score = std::get_if<ScoreMessage>(&message)) return WorkerTask(std::move(*score));
  return InvalidInput("expected a run message, got an acknowledgement");
}

Result<RunMessage> WorkerChannel::ReceiveRun() {
  TARE_ASSIGN_OR_RETURN(WorkerTask task, ReceiveTask());
  if (auto* run = std::get_if<RunMessage>(&task)) return std::move(*run);
  return Unsupported("expected a run message, got another task");
}

Status WorkerChannel::Reach(Stage stage) {
  TARE_RETURN_IF_ERROR(Send(StageMessage{stage}));
  TARE_ASSIGN_OR_RETURN(const WatcherMessage message, Receive());
  const auto* ack = std::get_if<AckMessage>(&message);
  if (ack == nullptr || ack->stage != stage) {
    return InvalidInput("expected the acknowledgement of {}", StageName(stage));
  }
  return {};
}

Status WorkerChannel::SendResult(const ResultMessage& result) { return Send(result); }

Status WorkerChannel::SendTokens(const TokensMessage& tokens) { return Send(tokens); }

Status WorkerChannel::SendScores(const ScoresMessage& scores) { return Send(scores); }

Status WorkerChannel::SendError(std::string_view code, std::string_view message) {
  return Send(ErrorMessage{std::string(code), std::string(message)});
}

}  // namespace tare
