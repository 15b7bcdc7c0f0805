#include "tare/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/count_text.h"
#include "base/exceptions.h"
#include "models/model.h"
#include "models/tokenizers/chat_templates.h"
#include "models/tokenizers/load_tokenizer.h"
#include "runtime/generator.h"
#include "runtime/log_probabilities.h"
#include "runtime/openvino_generator.h"
#include "runtime/result_writer.h"
#include "runtime/sampler.h"
#include "tare/tokenizer.h"
#include "tokenizer/chat_template.h"

namespace tare {
namespace {

Status CheckLengths(const GenerateOptions& options) {
  if (options.new_tokens && options.max_length) {
    return InvalidInput("give either new tokens or a maximum length, not both");
  }
  if (options.max_length && *options.max_length == 0) {
    return InvalidInput("maximum length: got 0, expected 1 or more");
  }
  return {};
}

size_t NewTokenLimit(const GenerateOptions& options, size_t prompt_tokens) {
  if (options.new_tokens) return *options.new_tokens;
  return options.max_length ? *options.max_length - prompt_tokens : SIZE_MAX;
}

Result<std::unique_ptr<TokenGenerator>> MakeGenerator(const Model& model,
                                                      const EngineOptions& options) {
  if (!options.openvino_library.empty()) {
    TARE_ASSIGN_OR_RETURN(OpenVinoGenerator made, OpenVinoGenerator::Create(model, options));
    return std::unique_ptr<TokenGenerator>(std::make_unique<OpenVinoGenerator>(std::move(made)));
  }
  TARE_ASSIGN_OR_RETURN(Generator made, Generator::Create(model, options));
  return std::unique_ptr<TokenGenerator>(std::make_unique<Generator>(std::move(made)));
}

}  // namespace

std::string_view StopReasonName(StopReason reason) {
  switch (reason) {
    case StopReason::kLength:
      return "length";
    case StopReason::kEndOfText:
      return "eos";
    case StopReason::kStopText:
      return "stop";
    case StopReason::kContextFull:
      return "context";
    case StopReason::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

double GenerateResult::decode_tokens_per_second() const {
  if (token_ns.size() < 2 || token_ns.back() == token_ns.front()) return 0.0;
  return static_cast<double>(token_ns.size() - 1) * 1e9 /
         static_cast<double>(token_ns.back() - token_ns.front());
}

struct Engine::Impl {
  static Result<std::unique_ptr<Impl>> Load(const std::string& path, const EngineOptions& options);
  Result<GenerateResult> Generate(TokenSequence& sequence, std::span<const int32_t> prompt_ids,
                                  const GenerateOptions& options, const TextCallback& on_text);
  Status Logits(std::span<const int32_t> ids, const LogitsCallback& on_logits);
  Result<std::vector<ChosenLogProbability>> Score(std::span<const int32_t> ids, size_t likeliest);
  Result<std::vector<int32_t>> EncodeChat(const ChatRequest& request) const;

  std::unique_ptr<Model> model;  // at an address that stays: what is being dropped lies in it
  Result<Tokenizer> tokenizer;   // or why there is none
  std::vector<int32_t> end_tokens;
  std::unique_ptr<TokenGenerator> generator;
  std::unique_ptr<TokenSequence> own_sequence;  // of calls that are no session's

  Result<std::vector<int32_t>> StopTokens(const GenerateOptions& options) const {
    if (!options.stop_token_ids) return options.ignore_eos ? std::vector<int32_t>() : end_tokens;
    if (options.ignore_eos && !options.stop_token_ids->empty()) {
      return InvalidInput("stop tokens contradict ignoring the end of text; choose one");
    }
    for (int32_t id : *options.stop_token_ids) {
      if (id >= 0 && static_cast<size_t>(id) < model->info().vocabulary) continue;
      return InvalidInput("stop token id {} is outside [0, {})", id, model->info().vocabulary);
    }
    return *options.stop_token_ids;
  }
};

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Result<std::unique_ptr<Engine::Impl>> Engine::Impl::Load(const std::string& path,
                                                         const EngineOptions& options) {
  TARE_ASSIGN_OR_RETURN(Model opened, Model::Open(path));
  auto owned = std::make_unique<Model>(std::move(opened));
  const Model& model = *owned;
  Result<Tokenizer> tokenizer =
      model.gguf() != nullptr ? LoadTokenizer(*model.gguf()) : LoadTokenizer(path);
  if (!tokenizer.ok() && options.needs_tokenizer) return tokenizer.error();
  TARE_ASSIGN_OR_RETURN(std::unique_ptr<TokenGenerator> generator, MakeGenerator(model, options));
  TARE_ASSIGN_OR_RETURN(std::unique_ptr<TokenSequence> sequence, generator->NewSequence());
  std::vector<int32_t> end_tokens;
  if (tokenizer.ok()) end_tokens.assign(tokenizer->stop_ids().begin(), tokenizer->stop_ids().end());
  // The tokenizer and the graph have what they need of it.
  if (model.gguf() != nullptr) model.gguf()->DropMetadata();
  return std::make_unique<Impl>(Impl{std::move(owned), std::move(tokenizer), std::move(end_tokens),
                                     std::move(generator), std::move(sequence)});
}

Result<GenerateResult> Engine::Impl::Generate(TokenSequence& sequence,
                                              std::span<const int32_t> prompt_ids,
                                              const GenerateOptions& options,
                                              const TextCallback& on_text) {
  TARE_RETURN_IF_ERROR(CheckLengths(options));
  TARE_RETURN_IF_ERROR(CheckSampling(options.sampling));
  TARE_ASSIGN_OR_RETURN(std::vector<int32_t> stop_tokens, StopTokens(options));
  if (prompt_ids.empty()) return InvalidInput("the prompt is empty; give at least one token");
  if (options.max_length && *options.max_length < prompt_ids.size()) {
    prompt_ids = prompt_ids.first(*options.max_length);
  }
  const size_t context = generator->context();
  if (prompt_ids.size() > context) {
    return InvalidInput("the prompt has {}, but the context holds {}; shorten it",
                        CountText(prompt_ids.size(), "token"), context);
  }
  const size_t wanted = NewTokenLimit(options, prompt_ids.size());
  const size_t room = generator->RoomAfter(prompt_ids.size(), options.sampling.kind);
  ResultWriter writer(tokenizer.ok() ? &*tokenizer : nullptr, options, std::move(stop_tokens),
                      std::min(wanted, room),
                      room < wanted ? StopReason::kContextFull : StopReason::kLength, on_text);
  if (!writer.done()) {
    TARE_RETURN_IF_ERROR(generator->Generate(sequence, prompt_ids, options, writer));
  }
  GenerateResult result = std::move(writer).Finish();
  result.prompt_ids.assign(prompt_ids.begin(), prompt_ids.end());
  return result;
}

Status Engine::Impl::Logits(std::span<const int32_t> ids, const LogitsCallback& on_logits) {
  if (ids.size() < 2) {
    return InvalidInput("got {}, expected two or more tokens; the first one gets no score",
                        CountText(ids.size(), "token"));
  }
  const size_t context = generator->context();
  if (ids.size() > context) {
    return InvalidInput("the text has {}, but the context holds {}; shorten it",
                        CountText(ids.size(), "token"), context);
  }
  return generator->RunAll(*own_sequence, ids, on_logits);
}

Result<std::vector<ChosenLogProbability>> Engine::Impl::Score(std::span<const int32_t> ids,
                                                              size_t likeliest) {
  std::vector<ChosenLogProbability> scores;
  const auto keep = [&](std::span<const float> logits) -> Status {
    const int32_t next = ids[scores.size() + 1];
    if (next < 0 || static_cast<size_t>(next) >= logits.size()) {
      return InvalidInput("token id {} is outside [0, {})", next, logits.size());
    }
    TARE_ASSIGN_OR_RETURN(ChosenLogProbability score, LogProbabilityOf(logits, next, likeliest));
    scores.push_back(std::move(score));
    return {};
  };
  TARE_RETURN_IF_ERROR(Logits(ids, keep));
  return scores;
}

Result<std::vector<int32_t>> Engine::Impl::EncodeChat(const ChatRequest& request) const {
  FoundTemplate found = {"", "the chat template that was given", request.chat_template};
  if (request.chat_template.empty()) {
    TARE_ASSIGN_OR_RETURN(const ChatTemplates templates,
                          model->gguf() != nullptr ? ReadChatTemplates(*model->gguf())
                                                   : ReadChatTemplates(model->info().path));
    TARE_ASSIGN_OR_RETURN(found, templates.Choose(HasTools(request), model->info().path));
  }
  const Result<ChatTemplate> chat = ChatTemplate::Parse(found.source);
  if (!chat.ok()) return chat.error().In(found.place);
  if (!tokenizer.ok()) return tokenizer.error();
  Result<std::vector<int32_t>> ids = chat->Encode(*tokenizer, request);
  if (!ids.ok()) return ids.error().In(found.place);
  return ids;
}

// The functions below call the same function of Impl and turn exceptions into errors.
Result<Engine> Engine::Load(const std::string& path, const EngineOptions& options) {
  return CatchExceptions("loading " + path, [&]() -> Result<Engine> {
    TARE_ASSIGN_OR_RETURN(std::unique_ptr<Impl> impl, Impl::Load(path, options));
    return Engine(std::move(impl));
  });
}

Result<std::vector<int32_t>> Engine::Encode(std::string_view text, bool parse_special) const {
  return CatchExceptions("encoding text", [&]() -> Result<std::vector<int32_t>> {
    const Result<Tokenizer>& tokenizer = impl_->tokenizer;
    if (!tokenizer.ok()) return tokenizer.error();
    return tokenizer->Encode(text, {parse_special, tokenizer->adds_bos()});
  });
}

Result<std::string> Engine::Decode(std::span<const int32_t> ids, bool skip_special) const {
  return CatchExceptions("decoding tokens", [&]() -> Result<std::string> {
    if (!impl_->tokenizer.ok()) return impl_->tokenizer.error();
    return impl_->tokenizer->Decode(ids, {skip_special});
  });
}

Result<GenerateResult> Engine::Generate(std::span<const int32_t> prompt_ids,
                                        const GenerateOptions& options,
                                        const TextCallback& on_text) {
  return CatchExceptions("generating text", [&] {
    impl_->own_sequence->Clear();
    return impl_->Generate(*impl_->own_sequence, prompt_ids, options, on_text);
  });
}

Result<std::vector<ChosenLogProbability>> Engine::Score(std::span<const int32_t> ids,
                                                        size_t likeliest) {
  return CatchExceptions("scoring text", [&] { return impl_->Score(ids, likeliest); });
}

Status Engine::Logits(std::span<const int32_t> ids, const LogitsCallback& on_logits) {
  return CatchExceptions("scoring text", [&] { return impl_->Logits(ids, on_logits); });
}

Result<std::vector<int32_t>> Engine::EncodeChat(std::span<const ChatMessage> messages) const {
  if (messages.empty()) return InvalidInput("the conversation is empty; give at least one message");
  return EncodeChat(MakeChatRequest(messages));
}

Result<std::vector<int32_t>> Engine::EncodeChat(const ChatRequest& request) const {
  return CatchExceptions("encoding a conversation", [&] { return impl_->EncodeChat(request); });
}

struct EngineSession::Impl {
  Engine::Impl* engine;
  std::unique_ptr<TokenSequence> sequence;
};

EngineSession::EngineSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EngineSession::EngineSession(EngineSession&&) noexcept = default;
EngineSession& EngineSession::operator=(EngineSession&&) noexcept = default;
EngineSession::~EngineSession() = default;

Result<EngineSession> Engine::NewSession() {
  return CatchExceptions("beginning a session", [&]() -> Result<EngineSession> {
    TARE_ASSIGN_OR_RETURN(std::unique_ptr<TokenSequence> sequence, impl_->generator->NewSequence());
    return EngineSession(std::make_unique<EngineSession::Impl>(
        EngineSession::Impl{impl_.get(), std::move(sequence)}));
  });
}

Result<GenerateResult> EngineSession::Generate(std::span<const int32_t> prompt_ids,
                                               const GenerateOptions& options,
                                               const TextCallback& on_text) {
  return CatchExceptions("generating text", [&] {
    return impl_->engine->Generate(*impl_->sequence, prompt_ids, options, on_text);
  });
}

std::span<const int32_t> EngineSession::ids() const { return impl_->sequence->ids(); }
uint64_t EngineSession::cache_bytes() const { return impl_->sequence->cache_bytes(); }

bool Engine::has_tokenizer() const { return impl_->tokenizer.ok(); }
uint64_t Engine::weights_bytes() const { return impl_->model->info().weights_bytes; }
std::vector<std::string> Engine::notes() const {
  std::vector<std::string> notes = impl_->model->notes();
  if (const Result<Tokenizer>& tokenizer = impl_->tokenizer; tokenizer.ok()) {
    notes.insert(notes.end(), tokenizer->notes().begin(), tokenizer->notes().end());
  }
  for (std::string& note : impl_->generator->notes()) notes.push_back(std::move(note));
  return notes;
}

std::string_view Engine::openvino_version() const { return impl_->generator->openvino_version(); }
uint64_t Engine::cache_bytes() const { return impl_->own_sequence->cache_bytes(); }
size_t Engine::threads() const { return impl_->generator->threads(); }
size_t Engine::max_context() const { return impl_->generator->context(); }

}  // namespace tare
