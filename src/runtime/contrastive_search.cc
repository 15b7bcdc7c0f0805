#include "runtime/contrastive_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

#include "runtime/log_probabilities.h"

namespace tare {
namespace {

// Several sums side by side, so that compilers may use vectors.
double Dot(std::span<const float> a, const float* b) {
  constexpr size_t kSums = 16;
  std::array<float, kSums> sums = {};
  size_t i = 0;
  for (; i + kSums <= a.size(); i += kSums) {
    for (size_t j = 0; j < kSums; ++j) sums[j] += a[i + j] * b[i + j];
  }
  double total = 0.0;
  for (float sum : sums) total += static_cast<double>(sum);
  for (; i < a.size(); ++i) total += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return total;
}

struct Candidate {
  int32_t id = 0;
  double probability = 0.0;
};

// The likeliest tokens in order, ties by id.
Result<std::vector<Candidate>> Likeliest(std::span<const float> logits,
                                         const SamplingOptions& sampling) {
  const double temperature = static_cast<double>(sampling.temperature);
  TARE_ASSIGN_OR_RETURN(const double total, LogSumExp(logits, temperature));
  TARE_ASSIGN_OR_RETURN(const ChosenLogProbability top,
                        LogProbabilityOf(logits, 0, static_cast<size_t>(sampling.top_k)));
  std::vector<Candidate> candidates;
  for (const TokenLogProbability& token : top.likeliest) {
    const double logit = static_cast<double>(logits[static_cast<size_t>(token.id)]);
    candidates.push_back({token.id, std::exp(logit / temperature - total)});
  }
  return candidates;
}

size_t Best(const std::vector<Candidate>& candidates, std::span<const float> seen,
            std::span<const float> hidden, double alpha) {
  const size_t width = hidden.size() / candidates.size();
  size_t best = 0;
  double best_score = 0.0;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const double score = (1.0 - alpha) * candidates[i].probability -
                         alpha * MaxCosine(seen, hidden.subspan(i * width, width));
    if (i > 0 && !(score > best_score)) continue;
    best = i;
    best_score = score;
  }
  return best;
}

}  // namespace

double MaxCosine(std::span<const float> seen, std::span<const float> candidate) {
  const double norm = std::sqrt(Dot(candidate, candidate.data()));
  double largest = -1.0;
  for (size_t at = 0; at < seen.size(); at += candidate.size()) {
    const std::span<const float> row = seen.subspan(at, candidate.size());
    const double cosine = Dot(row, candidate.data()) / (std::sqrt(Dot(row, row.data())) * norm);
    largest = std::max(largest, cosine);
  }
  return largest;
}

Status ContrastiveSearch(std::span<const float> prompt_logits, std::vector<float> seen,
                         const GenerateOptions& options, Branches& branches, ResultWriter& writer) {
  std::vector<float> logits(prompt_logits.begin(), prompt_logits.end());
  while (!writer.done()) {
    TARE_ASSIGN_OR_RETURN(const std::vector<Candidate> candidates,
                          Likeliest(logits, options.sampling));
    std::vector<int32_t> ids;
    for (const Candidate& candidate : candidates) ids.push_back(candidate.id);
    const std::vector<size_t> parents(ids.size(), 0);
    TARE_ASSIGN_OR_RETURN(const std::span<const float> all, branches.Extend(parents, ids));
    const std::span<const float> hidden = branches.hidden();
    const size_t best = Best(candidates, seen, hidden, static_cast<double>(options.sampling.alpha));
    branches.KeepOnly(best);

    std::optional<ChosenLogProbability> log_probability;
    if (options.log_probabilities) {
      TARE_ASSIGN_OR_RETURN(log_probability,
                            LogProbabilityOf(logits, ids[best], *options.log_probabilities));
    }
    TARE_RETURN_IF_ERROR(writer.Push(ids[best], std::move(log_probability)));
    const size_t width = hidden.size() / ids.size();
    const std::span<const float> kept = hidden.subspan(best * width, width);
    seen.insert(seen.end(), kept.begin(), kept.end());
    const std::span<const float> next = all.subspan(best * logits.size(), logits.size());
    logits.assign(next.begin(), next.end());
  }
  return {};
}

}  // namespace tare
