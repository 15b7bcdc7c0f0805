#include "runtime/generator.h"

#include <algorithm>
#include <utility>

#include "base/checked_math.h"
#include "base/mapped_file.h"
#include "runtime/beam_search.h"
#include "runtime/branches.h"
#include "runtime/contrastive_search.h"
#include "runtime/evaluator.h"
#include "runtime/kv_cache.h"

namespace tare {
namespace {

// Logits of all tokens of a step may take this much: with a vocabulary of 50,000, 40 tokens at a
// time.
constexpr size_t kScoreLogits = size_t{1} << 21;

size_t RowsFor(const GenerateOptions& options, size_t prompt, size_t limit) {
  const auto branches =
      static_cast<size_t>(options.sampling.kind == SamplerKind::kBeam ? options.sampling.beams
                                                                      : options.sampling.top_k);
  if (options.sampling.kind == SamplerKind::kBeam) return prompt + branches * limit;
  return prompt + limit + branches;
}

// On Zen 5, 1.35 GiB of weights in the page cache, two threads: 55 ms, where faults while the first
// token is computed cost 110.
void PopulateWeights(const Model& model, ThreadPool& pool) {
  constexpr size_t kPageTableBytes = size_t{2} << 20;
  for (std::span<const std::byte> weights : model.StreamedWeights()) {
    pool.Run([weights](ThreadSlice slice) {
      const IndexRange part = SplitRange(weights.size(), kPageTableBytes, slice);
      PopulatePages(weights.subspan(part.begin, part.end - part.begin));
    });
  }
}

}  // namespace

// Keys and values of the tokens seen, one cache row a token; a search's hypotheses need more rows
// than the context has tokens.
class Generator::CachedSequence : public TokenSequence {
 public:
  explicit CachedSequence(KvCache cache) : cache_(std::move(cache)) {}

  void Clear() override { Keep(0); }
  std::span<const int32_t> ids() const override { return ids_; }
  uint64_t cache_bytes() const override { return cache_.used_bytes(); }

  KvCache& cache() { return cache_; }

  // Keeps only the common prefix with `prompt`, without the prompt's last token, whose logits are
  // needed. Returns how many tokens stay.
  size_t KeepBeginningOf(std::span<const int32_t> prompt) {
    const auto differs = std::ranges::mismatch(ids_, prompt.first(prompt.size() - 1));
    Keep(static_cast<size_t>(differs.in1 - ids_.begin()));
    return ids_.size();
  }

  // Its rows are those of hypotheses: they are counted until the next call, and not used again.
  void Forget() { ids_.clear(); }

  Status Reserve(const Executor& executor, size_t rows) {
    if (rows <= cache_.max_tokens()) return {};
    Clear();
    TARE_ASSIGN_OR_RETURN(cache_, KvCache::Create(executor.CacheSlotElements(), rows));
    return {};
  }

  Result<std::span<const float>> Run(Executor& executor, std::span<const int32_t> ids) {
    Result<std::span<const float>> logits = executor.Run(ids, cache_);
    if (logits.ok()) ids_.insert(ids_.end(), ids.begin(), ids.end());
    return logits;
  }

 private:
  void Keep(size_t tokens) {
    cache_.set_length(tokens);
    ids_.resize(tokens);
  }

  KvCache cache_;
  std::vector<int32_t> ids_;
};

Generator::Generator(const Model& model, const KernelTable& kernels, PassSelection passes,
                     size_t context, size_t threads)
    : model_(&model),
      kernels_(&kernels),
      passes_(std::move(passes)),
      context_(context),
      pool_(std::make_unique<ThreadPool>(threads)) {}

Result<Generator> Generator::Create(const Model& model, const EngineOptions& options) {
  TARE_ASSIGN_OR_RETURN(const CpuIsa isa, ChooseCpuIsa());
  TARE_ASSIGN_OR_RETURN(PassSelection passes, PassSelection::Parse(options.passes));
  TARE_ASSIGN_OR_RETURN(const size_t threads, ThreadsOf(options));
  TARE_ASSIGN_OR_RETURN(const size_t context, ContextOf(options, model.info()));
  Generator generator(model, KernelsFor(isa), std::move(passes), context, threads);
  TARE_ASSIGN_OR_RETURN(generator.last_token_, generator.MakeExecutor(LogitsFor::kLastToken));
  PopulateWeights(model, *generator.pool_);
  return generator;
}

Result<Executor> Generator::MakeExecutor(LogitsFor logits) const {
  TARE_ASSIGN_OR_RETURN(Graph graph, model_->BuildGraph(logits));
  KernelEvaluator evaluator(*kernels_);
  TARE_RETURN_IF_ERROR(RunPasses(passes_, &evaluator, &graph));
  return Executor::Create(std::move(graph), *kernels_, *pool_, passes_.Enabled(kReuseMemory));
}

Result<Executor*> Generator::AllTokensExecutor() {
  if (!all_tokens_) {
    TARE_ASSIGN_OR_RETURN(all_tokens_, MakeExecutor(LogitsFor::kAllTokens));
  }
  return &*all_tokens_;
}

Result<std::unique_ptr<TokenSequence>> Generator::NewSequence() {
  TARE_ASSIGN_OR_RETURN(KvCache cache, KvCache::Create(last_token_->CacheSlotElements(), context_));
  return std::unique_ptr<TokenSequence>(std::make_unique<CachedSequence>(std::move(cache)));
}

size_t Generator::RoomAfter(size_t prompt_tokens, SamplerKind kind) const {
  const size_t not_run = kind == SamplerKind::kContrastive ? 0 : 1;
  return context_ - prompt_tokens + not_run;
}

Status Generator::Generate(TokenSequence& sequence, std::span<const int32_t> prompt,
                           const GenerateOptions& options, ResultWriter& writer) {
  auto& cached = static_cast<CachedSequence&>(sequence);
  const SamplerKind kind = options.sampling.kind;
  if (kind == SamplerKind::kBeam || kind == SamplerKind::kContrastive) {
    Status searched = Search(cached, prompt, options, writer);
    cached.Forget();
    return searched;
  }
  const size_t kept = cached.KeepBeginningOf(prompt);
  writer.set_cached_tokens(kept);
  const RunTokens run = [&](std::span<const int32_t> ids) { return cached.Run(*last_token_, ids); };
  TARE_ASSIGN_OR_RETURN(const std::span<const float> logits, RunPrompt(prompt.subspan(kept), run));
  return SampleTokens(logits, options, run, writer);
}

Status Generator::Search(CachedSequence& sequence, std::span<const int32_t> prompt,
                         const GenerateOptions& options, ResultWriter& writer) {
  const bool beam = options.sampling.kind == SamplerKind::kBeam;
  sequence.Clear();
  TARE_RETURN_IF_ERROR(
      sequence.Reserve(*last_token_, RowsFor(options, prompt.size(), writer.limit())));
  TARE_ASSIGN_OR_RETURN(Executor* const executor, AllTokensExecutor());
  std::vector<float> seen;  // what the output norm makes of each of the prompt's tokens
  const RunTokens run = [&](std::span<const int32_t> ids) {
    Result<std::span<const float>> logits = sequence.Run(*last_token_, ids);
    if (!beam && logits.ok()) {
      const std::span<const float> rows = last_token_->Hidden();
      seen.insert(seen.end(), rows.begin(), rows.end());
    }
    return logits;
  };
  TARE_ASSIGN_OR_RETURN(const std::span<const float> logits, RunPrompt(prompt, run));
  Branches branches(*executor, sequence.cache(),
                    beam ? static_cast<size_t>(options.sampling.beams) : 1);
  if (beam) return BeamSearch(logits, options, branches, writer);
  return ContrastiveSearch(logits, std::move(seen), options, branches, writer);
}

Status Generator::RunAll(TokenSequence& sequence, std::span<const int32_t> ids,
                         const LogitsCallback& on_logits) {
  TARE_ASSIGN_OR_RETURN(Executor* const executor, AllTokensExecutor());
  KvCache& cache = static_cast<CachedSequence&>(sequence).cache();
  const size_t vocabulary = model_->info().vocabulary;
  const size_t at_once = std::clamp<size_t>(kScoreLogits / vocabulary, 1, kPrefillTokens);
  sequence.Clear();
  for (size_t begin = 0; begin + 1 < ids.size(); begin += at_once) {
    const size_t n = std::min(at_once, ids.size() - 1 - begin);
    TARE_ASSIGN_OR_RETURN(const std::span<const float> logits,
                          executor->Run(ids.subspan(begin, n), cache));
    for (size_t i = 0; i < n; ++i) {
      TARE_RETURN_IF_ERROR(on_logits(logits.subspan(i * vocabulary, vocabulary)));
    }
  }
  return {};
}

}  // namespace tare
