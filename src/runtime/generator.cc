#include "runtime/generator.h"

#include <algorithm>
#include <utility>

#include "base/checked_math.h"
#include "base/mapped_file.h"
#include "runtime/beam_search.h"
#include "runtime/branches.h"
#include "runtime/contrastive_search.h"
#include "runtime/evaluator.h"
#include "runtime/log_probabilities.h"

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

Generator::Generator(const Model& model, const KernelTable& kernels, PassSelection passes,
                     size_t context, size_t threads, KvCache cache)
    : model_(&model),
      kernels_(&kernels),
      passes_(std::move(passes)),
      context_(context),
      pool_(std::make_unique<ThreadPool>(threads)),
      cache_(std::move(cache)) {}

Result<Generator> Generator::Create(const Model& model, const EngineOptions& options) {
  TARE_ASSIGN_OR_RETURN(const CpuIsa isa, ChooseCpuIsa());
  TARE_ASSIGN_OR_RETURN(PassSelection passes, PassSelection::Parse(options.passes));
  TARE_ASSIGN_OR_RETURN(const size_t threads, ThreadsOf(options));
  TARE_ASSIGN_OR_RETURN(const size_t context, ContextOf(options, model.info()));
  TARE_ASSIGN_OR_RETURN(KvCache none, KvCache::Create({}, 0));
  Generator generator(model, KernelsFor(isa), std::move(passes), context, threads, std::move(none));
  TARE_ASSIGN_OR_RETURN(generator.last_token_, generator.MakeExecutor(LogitsFor::kLastToken));
  TARE_RETURN_IF_ERROR(generator.ReserveRows(context));
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

Status Generator::ReserveRows(size_t rows) {
  if (rows <= cache_.max_tokens()) return {};
  TARE_ASSIGN_OR_RETURN(cache_, KvCache::Create(last_token_->CacheSlotElements(), rows));
  return {};
}

size_t Generator::RoomAfter(size_t prompt_tokens, SamplerKind kind) const {
  const size_t not_run = kind == SamplerKind::kContrastive ? 0 : 1;
  return context_ - prompt_tokens + not_run;
}

// The logits after the whole prompt, and what the output norm makes of each of its tokens.
Result<std::span<const float>> Generator::Prefill(std::span<const int32_t> prompt,
                                                  std::vector<float>* hidden) {
  cache_.set_length(0);
  return RunPrompt(prompt, [&](std::span<const int32_t> ids) {
    Result<std::span<const float>> logits = last_token_->Run(ids, cache_);
    if (hidden != nullptr && logits.ok()) {
      const std::span<const float> rows = last_token_->Hidden();
      hidden->insert(hidden->end(), rows.begin(), rows.end());
    }
    return logits;
  });
}

Status Generator::Generate(std::span<const int32_t> prompt, const GenerateOptions& options,
                           ResultWriter& writer) {
  const SamplerKind kind = options.sampling.kind;
  const bool searches = kind == SamplerKind::kBeam || kind == SamplerKind::kContrastive;
  if (!searches) {
    TARE_ASSIGN_OR_RETURN(const std::span<const float> logits, Prefill(prompt, nullptr));
    return SampleTokens(
        logits, options,
        [this](std::span<const int32_t> ids) { return last_token_->Run(ids, cache_); }, writer);
  }
  TARE_RETURN_IF_ERROR(ReserveRows(RowsFor(options, prompt.size(), writer.limit())));
  TARE_ASSIGN_OR_RETURN(Executor* const executor, AllTokensExecutor());
  std::vector<float> seen;
  const bool beam = kind == SamplerKind::kBeam;
  TARE_ASSIGN_OR_RETURN(const std::span<const float> logits,
                        Prefill(prompt, beam ? nullptr : &seen));
  Branches branches(*executor, cache_, beam ? static_cast<size_t>(options.sampling.beams) : 1);
  if (beam) return BeamSearch(logits, options, branches, writer);
  return ContrastiveSearch(logits, std::move(seen), options, branches, writer);
}

Result<std::vector<ChosenLogProbability>> Generator::Score(std::span<const int32_t> ids,
                                                           size_t likeliest) {
  TARE_ASSIGN_OR_RETURN(Executor* const executor, AllTokensExecutor());
  const size_t vocabulary = model_->info().vocabulary;
  const size_t at_once = std::clamp<size_t>(kScoreLogits / vocabulary, 1, kPrefillTokens);
  std::vector<ChosenLogProbability> scores;
  cache_.set_length(0);
  while (scores.size() + 1 < ids.size()) {
    const size_t begin = scores.size();
    const size_t n = std::min(at_once, ids.size() - 1 - begin);
    TARE_ASSIGN_OR_RETURN(const std::span<const float> logits,
                          executor->Run(ids.subspan(begin, n), cache_));
    for (size_t i = 0; i < n; ++i) {
      const int32_t next = ids[begin + i + 1];
      if (next < 0 || static_cast<size_t>(next) >= vocabulary) {
        return InvalidInput("token id {} is outside [0, {})", next, vocabulary);
      }
      TARE_ASSIGN_OR_RETURN(
          ChosenLogProbability score,
          LogProbabilityOf(logits.subspan(i * vocabulary, vocabulary), next, likeliest));
      scores.push_back(std::move(score));
    }
  }
  return scores;
}

}  // namespace tare
