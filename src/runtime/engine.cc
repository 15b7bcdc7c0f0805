#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/cpu_topology.h"
#include "models/load_tokenizer.h"
#include "models/load_tokenizer_hf.h"
#include "models/model.h"
#include "passes/pass_manager.h"
#include "runtime/evaluator.h"
#include "runtime/executor.h"
#include "runtime/sampler.h"
#include "runtime/stop_matcher.h"
#include "tare/generate.h"
#include "tare/tokenizer.h"

namespace tare {
namespace {

using Clock = std::chrono::steady_clock;

// Tokens a prompt is worked through at a time: enough to use each weight often while it is in the
// cache, few enough that activations stay small.
constexpr size_t kPrefillTokens = 128;

uint64_t NanosSince(Clock::time_point start) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count());
}

Result<size_t> NewTokenLimit(const GenerateOptions& options, size_t prompt_tokens) {
  if (options.new_tokens && options.max_length) {
    return InvalidInput("give either new tokens or a maximum length, not both");
  }
  if (options.new_tokens) return *options.new_tokens;
  if (!options.max_length) return SIZE_MAX;
  return *options.max_length > prompt_tokens ? *options.max_length - prompt_tokens : 0;
}

// Tokens after which chat and text models have nothing more to say, by the names families give
// them.
std::vector<int32_t> EndTokens(const Tokenizer& tokenizer) {
  std::vector<int32_t> ids(tokenizer.end_ids().begin(), tokenizer.end_ids().end());
  for (std::string_view name : {"<|endoftext|>", "<|im_end|>", "<|eot_id|>", "<|end_of_text|>"}) {
    const auto id = tokenizer.FindSpecial(name);
    if (id && tokenizer.IsControl(*id)) ids.push_back(*id);
  }
  return ids;
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
  Model model;
  Tokenizer tokenizer;
  std::vector<int32_t> end_tokens;
  std::unique_ptr<ThreadPool> pool;
  std::unique_ptr<Executor> executor;
  KvCache cache;

  // The logits after the whole prompt.
  Result<std::span<const float>> Prefill(std::span<const int32_t> ids) {
    cache.set_length(0);
    std::span<const float> logits;
    while (!ids.empty()) {
      const size_t n = std::min(ids.size(), kPrefillTokens);
      TARE_ASSIGN_OR_RETURN(logits, executor->Run(ids.first(n), cache));
      ids = ids.subspan(n);
    }
    return logits;
  }
};

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Result<Engine> Engine::Load(const std::string& path, const EngineOptions& options) {
  TARE_ASSIGN_OR_RETURN(const CpuIsa isa, ChooseCpuIsa());
  TARE_ASSIGN_OR_RETURN(const PassSelection passes, PassSelection::Parse(options.passes));
  const KernelTable& kernels = KernelsFor(isa);
  TARE_ASSIGN_OR_RETURN(Model model, Model::Open(path));
  TARE_ASSIGN_OR_RETURN(Tokenizer tokenizer, model.gguf() != nullptr ? LoadTokenizer(*model.gguf())
                                                                     : LoadTokenizer(path));
  const size_t context = options.max_context == 0
                             ? model.info().max_context
                             : std::min(options.max_context, model.info().max_context);

  Graph graph = model.BuildGraph(LogitsFor::kLastToken);
  KernelEvaluator evaluator(kernels);
  TARE_RETURN_IF_ERROR(RunPasses(passes, &evaluator, &graph));
  auto pool =
      std::make_unique<ThreadPool>(options.threads == 0 ? PhysicalCoreCount() : options.threads);
  TARE_ASSIGN_OR_RETURN(Executor executor, Executor::Create(std::move(graph), kernels, *pool,
                                                            passes.Enabled(kPlanMemory)));
  TARE_ASSIGN_OR_RETURN(KvCache cache, KvCache::Create(executor.CacheSlotElements(), context));

  std::vector<int32_t> end_tokens = EndTokens(tokenizer);
  // The tokenizer and the graph have what they need of it.
  if (model.gguf() != nullptr) model.gguf()->DropMetadata();
  return Engine(std::make_unique<Impl>(
      Impl{std::move(model), std::move(tokenizer), std::move(end_tokens), std::move(pool),
           std::make_unique<Executor>(std::move(executor)), std::move(cache)}));
}

Result<std::vector<int32_t>> Engine::Encode(std::string_view text, bool parse_special) const {
  return impl_->tokenizer.Encode(text, {parse_special, impl_->tokenizer.adds_bos()});
}

Result<GenerateResult> Engine::Generate(std::span<const int32_t> prompt_ids,
                                        const GenerateOptions& options,
                                        const TextCallback& on_text) {
  const Clock::time_point start = Clock::now();
  TARE_ASSIGN_OR_RETURN(const size_t limit, NewTokenLimit(options, prompt_ids.size()));
  TARE_ASSIGN_OR_RETURN(Sampler sampler, Sampler::Create(options.sampling));
  if (prompt_ids.empty()) return InvalidInput("the prompt is empty: give at least one token");
  if (prompt_ids.size() > impl_->cache.max_tokens()) {
    return InvalidInput("the prompt has {} tokens, but the context holds {}; shorten it",
                        prompt_ids.size(), impl_->cache.max_tokens());
  }
  GenerateResult result;
  result.prompt_ids.assign(prompt_ids.begin(), prompt_ids.end());
  if (limit == 0) return result;

  StreamDecoder decoder(impl_->tokenizer);
  StopMatcher stops(options.stop);
  bool cancelled = false;
  const auto show = [&](const std::string& text) {
    result.text += text;
    if (!text.empty() && on_text && !on_text(text)) cancelled = true;
  };
  TARE_ASSIGN_OR_RETURN(std::span<const float> logits, impl_->Prefill(prompt_ids));
  while (true) {
    TARE_ASSIGN_OR_RETURN(const int32_t id, sampler.Sample(logits));
    result.token_ns.push_back(NanosSince(start));
    if (!options.ignore_eos && std::ranges::count(impl_->end_tokens, id) > 0) {
      result.stop_reason = StopReason::kEndOfText;
      break;
    }
    result.ids.push_back(id);
    TARE_ASSIGN_OR_RETURN(const std::string piece, decoder.Push(id));
    show(stops.Push(piece));
    if (stops.stopped() || cancelled) {
      result.stop_reason = cancelled ? StopReason::kCancelled : StopReason::kStopText;
      break;
    }
    if (result.ids.size() >= limit) break;
    if (impl_->cache.length() >= impl_->cache.max_tokens()) {
      result.stop_reason = StopReason::kContextFull;
      break;
    }
    TARE_ASSIGN_OR_RETURN(logits, impl_->executor->Run({&id, 1}, impl_->cache));
  }
  if (!stops.stopped()) show(stops.Push(decoder.Flush()) + stops.Flush());
  result.first_token_ns = result.token_ns.front();
  return result;
}

Result<std::vector<int32_t>> Engine::EncodeChat(std::string_view user_message) const {
  const Model& model = impl_->model;
  if (model.info().format == "keras") {
    return Unsupported("{}: a KerasHub preset holds no chat template", model.info().path);
  }
  TARE_ASSIGN_OR_RETURN(const ChatTemplate chat,
                        model.gguf() != nullptr ? LoadChatTemplate(*model.gguf())
                                                : LoadHuggingFaceChatTemplate(model.info().path));
  const ChatMessage message = {"user", std::string(user_message)};
  return chat.Encode(impl_->tokenizer, {&message, 1}, true);
}

uint64_t Engine::weights_bytes() const { return impl_->model.info().weights_bytes; }
std::vector<std::string> Engine::notes() const { return impl_->model.notes(); }
uint64_t Engine::cache_bytes() const { return impl_->cache.used_bytes(); }
size_t Engine::threads() const { return impl_->pool->thread_count(); }
size_t Engine::max_context() const { return impl_->cache.max_tokens(); }

}  // namespace tare
