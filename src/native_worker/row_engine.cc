#include "native_worker/row_engine.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/error.h"
#include "tare/generate.h"

namespace tare {
namespace {

// KerasHub's top-k sampler: one of the five likeliest.
constexpr SamplingOptions kTopK = {.temperature = 1.0f, .top_k = 5, .top_p = 1.0f, .seed = 0};

// Logits that a step of scoring may hold: 8 MiB.
constexpr size_t kScoreLogits = size_t{1} << 21;

class Stopwatch {
 public:
  uint64_t ns() const {
    return static_cast<uint64_t>(
        std::chrono::nanoseconds(std::chrono::steady_clock::now() - start_).count());
  }

 private:
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

class TareRow : public RowEngine {
 public:
  explicit TareRow(Engine engine) : engine_(std::move(engine)) {}

  Result<Generation> Generate(const GenerationRequest& request,
                              const std::string& sampler) override {
    const std::vector<int32_t> ids(request.prompt.ids.begin(), request.prompt.ids.end());
    GenerateOptions options;
    options.new_tokens = request.new_tokens;
    options.ignore_eos = true;
    if (sampler == "top_k") options.sampling = kTopK;
    const Stopwatch watch;
    TARE_ASSIGN_OR_RETURN(const GenerateResult result, engine_.Generate(ids, options));
    Generation generation;
    generation.total_ns = watch.ns();
    generation.prompt_tokens = ids.size();
    generation.ids = {result.ids.begin(), result.ids.end()};
    generation.token_ns = result.token_ns;
    generation.text = result.text;
    return generation;
  }

  Status Score(const std::vector<int32_t>& ids, const LogitsCallback& on_logits) override {
    return engine_.Logits(ids, on_logits);
  }

 private:
  Engine engine_;
};

class LlamaCppRow : public RowEngine {
 public:
  LlamaCppRow(const LlamaCppLibrary& library, LlamaCppModel model)
      : library_(library), model_(std::move(model)) {}

  Result<Generation> Generate(const GenerationRequest& request,
                              const std::string& sampler) override {
    if (sampler != kSamplers[0]) {
      return Unsupported("this backend has only the sampler {}, not {}", kSamplers[0], sampler);
    }
    const std::vector<int32_t> prompt(request.prompt.ids.begin(), request.prompt.ids.end());
    std::vector<int32_t> chosen;
    Generation generation;
    const Stopwatch watch;
    library_.Clear(model_.get());
    std::span<const int32_t> next = prompt;
    while (chosen.size() < request.new_tokens) {
      TARE_ASSIGN_OR_RETURN(const std::span<const float> logits, library_.Eval(model_.get(), next));
      chosen.push_back(static_cast<int32_t>(std::ranges::max_element(logits) - logits.begin()));
      generation.token_ns.push_back(watch.ns());
      next = std::span(chosen).last(1);
    }
    generation.total_ns = watch.ns();
    generation.prompt_tokens = prompt.size();
    generation.ids = {chosen.begin(), chosen.end()};
    generation.text = library_.TextOf(model_.get(), chosen);
    return generation;
  }

  Status Score(const std::vector<int32_t>& ids, const LogitsCallback& on_logits) override {
    library_.Clear(model_.get());
    const size_t at_once = std::max<size_t>(1, kScoreLogits / library_.Vocabulary(model_.get()));
    const std::span<const int32_t> scored = std::span(ids).first(ids.size() - 1);
    for (size_t begin = 0; begin < scored.size(); begin += at_once) {
      const size_t count = std::min(at_once, scored.size() - begin);
      TARE_ASSIGN_OR_RETURN(const std::span<const float> logits,
                            library_.EvalAll(model_.get(), scored.subspan(begin, count)));
      const size_t vocabulary = logits.size() / count;
      for (size_t i = 0; i < count; ++i) {
        TARE_RETURN_IF_ERROR(on_logits(logits.subspan(i * vocabulary, vocabulary)));
      }
    }
    return {};
  }

 private:
  const LlamaCppLibrary& library_;
  const LlamaCppModel model_;
};

}  // namespace

Result<std::unique_ptr<RowEngine>> LoadTareRow(const RunMessage& run,
                                               const std::string& openvino_library) {
  EngineOptions options;
  options.threads = run.threads;
  options.openvino_library = openvino_library;
  options.needs_tokenizer = false;  // ids are all that is asked for
  TARE_ASSIGN_OR_RETURN(Engine engine, Engine::Load(run.model, options));
  if (engine.threads() < run.threads) {  // its figures would not be those of the scenario
    return IoError("started {} of {} threads; is the number of processes limited?",
                   engine.threads(), run.threads);
  }
  return std::unique_ptr<RowEngine>(std::make_unique<TareRow>(std::move(engine)));
}

Result<std::unique_ptr<RowEngine>> LoadLlamaCppRow(const RunMessage& run,
                                                   const LlamaCppLibrary& library) {
  size_t context = 0;
  for (const GenerationRequest& request : run.generations) {
    context = std::max<size_t>(context, request.prompt.ids.size() + request.new_tokens);
  }
  TARE_ASSIGN_OR_RETURN(LlamaCppModel model, library.Load(run.model, run.threads, context));
  return std::unique_ptr<RowEngine>(std::make_unique<LlamaCppRow>(library, std::move(model)));
}

Result<TokensMessage> TokenizeWithLlamaCpp(const TokenizeMessage& texts,
                                           const LlamaCppLibrary& library) {
  TARE_ASSIGN_OR_RETURN(const LlamaCppModel vocabulary, library.LoadVocabulary(texts.model));
  TokensMessage tokens;
  for (const std::string& text : texts.texts) {
    TARE_ASSIGN_OR_RETURN(const std::vector<int32_t> ids, library.Tokenize(vocabulary.get(), text));
    tokens.ids.emplace_back(ids.begin(), ids.end());
  }
  return tokens;
}

}  // namespace tare
