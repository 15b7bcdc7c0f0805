#include "bench/protocol/conversation.h"

#include "base/count_text.h"

namespace tare {
namespace {

Status CheckGeneration(const Generation& got, const GenerationRequest& asked, size_t index) {
  if (got.prompt_tokens != asked.prompt.ids.size()) {
    return InvalidInput("result: generation {} read {}, expected {}", index,
                        CountText(got.prompt_tokens, "prompt token"), asked.prompt.ids.size());
  }
  // An engine may make fewer tokens; the report says so and does not rank it.
  if (got.ids.size() > asked.new_tokens) {
    return InvalidInput("result: generation {} claims {}, expected at most {}", index,
                        CountText(got.ids.size(), "new token"), asked.new_tokens);
  }
  return {};
}

}  // namespace

Result<Conversation::Step> Conversation::Accept(WorkerMessage message) {
  if (++message_count_ > kMaxMessages) {
    return InvalidInput("more than {} messages", kMaxMessages);
  }
  if (finished_) return InvalidInput("a message after the last one");
  if (auto* hello = std::get_if<HelloMessage>(&message)) return AcceptHello(std::move(*hello));
  if (auto* error = std::get_if<ErrorMessage>(&message)) {
    error_ = std::move(*error);
    finished_ = true;
    return Step::kFinished;
  }
  if (!hello_) return InvalidInput("the first message must be hello");
  if (auto* tokens = std::get_if<TokensMessage>(&message)) return AcceptTokens(std::move(*tokens));
  if (auto* scores = std::get_if<ScoresMessage>(&message)) return AcceptScores(*scores);
  if (TaskAs<RunMessage>() == nullptr) {
    return InvalidInput("a message of a run, which was not asked for");
  }
  if (auto* stage = std::get_if<StageMessage>(&message)) return AcceptStage(stage->stage);
  return AcceptResult(std::move(std::get<ResultMessage>(message)));
}

Result<Conversation::Step> Conversation::AcceptHello(HelloMessage hello) {
  if (hello_) return InvalidInput("a second hello");
  if (!task_ && !hello.model) return InvalidInput("hello: field \"model\" is missing");
  hello_ = std::move(hello);
  if (task_) return Step::kSendTask;
  finished_ = true;
  return Step::kFinished;
}

Result<Conversation::Step> Conversation::AcceptStage(Stage stage) {
  const size_t expected = reached_ ? static_cast<size_t>(*reached_) + 1 : 0;
  if (static_cast<size_t>(stage) != expected) {
    return InvalidInput("stage {} is out of order, expected {}", StageName(stage),
                        expected < kStageCount ? StageName(static_cast<Stage>(expected)) : "none");
  }
  reached_ = stage;
  return Step::kReadStage;
}

Result<Conversation::Step> Conversation::AcceptResult(ResultMessage result) {
  if (reached_ != Stage::kFinal)
    return InvalidInput("a result before {}", StageName(Stage::kFinal));
  const RunMessage& run = *TaskAs<RunMessage>();
  if (result.generations.size() != run.generations.size()) {
    return InvalidInput("result: {}, expected {}",
                        CountText(result.generations.size(), "generation"), run.generations.size());
  }
  for (size_t i = 0; i < result.generations.size(); ++i) {
    TARE_RETURN_IF_ERROR(CheckGeneration(result.generations[i], run.generations[i], i));
  }
  result_ = std::move(result);
  finished_ = true;
  return Step::kFinished;
}

Result<Conversation::Step> Conversation::AcceptTokens(TokensMessage tokens) {
  const auto* const task = TaskAs<TokenizeMessage>();
  if (!hello_ || task == nullptr) return InvalidInput("tokens that were not asked for");
  if (tokens.ids.size() != task->texts.size()) {
    return InvalidInput("tokens: {}, expected {}", CountText(tokens.ids.size(), "list"),
                        task->texts.size());
  }
  tokens_ = std::move(tokens);
  finished_ = true;
  return Step::kFinished;
}

Result<Conversation::Step> Conversation::AcceptScores(ScoresMessage scores) {
  const auto* const task = TaskAs<ScoreMessage>();
  if (!hello_ || task == nullptr) return InvalidInput("scores that were not asked for");
  size_t positions = 0;
  for (const std::vector<uint32_t>& ids : task->sequences) positions += ids.size() - 1;
  if (scores.positions != positions || scores.vocabulary == 0) {
    return InvalidInput("scores: {} and {}, expected {} of at least 1 token",
                        CountText(scores.positions, "position"),
                        CountText(scores.vocabulary, "token"), positions);
  }
  scores_ = scores;
  finished_ = true;
  return Step::kFinished;
}

}  // namespace tare
