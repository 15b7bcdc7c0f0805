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
  if (auto* stage = std::get_if<StageMessage>(&message)) return AcceptStage(stage->stage);
  return AcceptResult(std::move(std::get<ResultMessage>(message)));
}

Result<Conversation::Step> Conversation::AcceptHello(HelloMessage hello) {
  if (hello_) return InvalidInput("a second hello");
  if (!run_ && !hello.model) return InvalidInput("hello: field \"model\" is missing");
  hello_ = std::move(hello);
  if (run_) return Step::kSendRun;
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
  if (result.generations.size() != run_->generations.size()) {
    return InvalidInput("result: {}, expected {}",
                        CountText(result.generations.size(), "generation"),
                        run_->generations.size());
  }
  for (size_t i = 0; i < result.generations.size(); ++i) {
    TARE_RETURN_IF_ERROR(CheckGeneration(result.generations[i], run_->generations[i], i));
  }
  result_ = std::move(result);
  finished_ = true;
  return Step::kFinished;
}

}  // namespace tare
