#include "runtime/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/closest_name.h"

namespace tare {
namespace {

struct NamedKind {
  std::string_view name;
  SamplerKind kind;
};

constexpr NamedKind kKinds[] = {
    {"greedy", SamplerKind::kGreedy}, {"random", SamplerKind::kRandom},
    {"top_k", SamplerKind::kTopK},    {"top_p", SamplerKind::kTopP},
    {"beam", SamplerKind::kBeam},     {"contrastive", SamplerKind::kContrastive}};

Status CheckSearch(const SamplingOptions& options) {
  if (options.kind == SamplerKind::kBeam && (options.beams < 1 || options.beams > kMaxHypotheses)) {
    return InvalidInput("beams: got {}, expected 1 to {}", options.beams, kMaxHypotheses);
  }
  if (options.kind != SamplerKind::kContrastive) return {};
  if (options.top_k < 1 || options.top_k > kMaxHypotheses) {
    return InvalidInput("top-k: got {}, expected 1 to {}", options.top_k, kMaxHypotheses);
  }
  if (!(options.alpha >= 0.0f) || options.alpha > 1.0f) {
    return InvalidInput("alpha: got {}, expected 0 to 1", options.alpha);
  }
  return {};
}

}  // namespace

int32_t ArgMax(std::span<const float> logits) {
  TARE_CHECK(!logits.empty());
  size_t best = 0;
  for (size_t i = 1; i < logits.size(); ++i) {
    if (logits[i] > logits[best] || (std::isnan(logits[best]) && !std::isnan(logits[i]))) best = i;
  }
  return static_cast<int32_t>(best);
}

Result<SamplerKind> SamplerKindFromName(std::string_view name) {
  for (const NamedKind& known : kKinds) {
    if (name == known.name) return known.kind;
  }
  std::vector<std::string_view> names;
  for (const NamedKind& known : kKinds) names.push_back(known.name);
  return InvalidInput("there is no sampler \"{}\"; {}", name, NameAdvice(name, names));
}

SamplingOptions DefaultSampling(SamplerKind kind) {
  SamplingOptions options;
  options.kind = kind;
  if (kind != SamplerKind::kFilters) options.temperature = 1.0f;
  const bool has_k = kind == SamplerKind::kTopK || kind == SamplerKind::kContrastive;
  if (has_k) options.top_k = 5;
  if (kind == SamplerKind::kTopP) options.top_p = 0.1f;
  return options;
}

Status CheckSampling(const SamplingOptions& options) {
  if (!(options.temperature >= 0.0f) || !std::isfinite(options.temperature)) {
    return InvalidInput("temperature: got {}, expected 0 (greedy) or more", options.temperature);
  }
  const bool may_be_greedy =
      options.kind == SamplerKind::kFilters || options.kind == SamplerKind::kGreedy;
  if (!may_be_greedy && options.temperature == 0.0f) {
    return InvalidInput(
        "temperature: got 0, expected more than 0; use the sampler greedy for the likeliest token");
  }
  if (!(options.top_p > 0.0f) || options.top_p > 1.0f) {
    return InvalidInput("top-p: got {}, expected more than 0 and at most 1", options.top_p);
  }
  if (options.top_k < 0) {
    return InvalidInput("top-k: got {}, expected 0 (all) or more", options.top_k);
  }
  if (options.kind == SamplerKind::kTopK && options.top_k == 0) {
    return InvalidInput("top-k: got 0, expected 1 or more");
  }
  return CheckSearch(options);
}

Result<Sampler> Sampler::Create(const SamplingOptions& options) {
  TARE_RETURN_IF_ERROR(CheckSampling(options));
  TARE_CHECK(options.kind != SamplerKind::kBeam && options.kind != SamplerKind::kContrastive);
  return Sampler(options);
}

Result<int32_t> Sampler::Greedy(std::span<const float> logits) const {
  const int32_t best = ArgMax(logits);
  if (std::isnan(logits[static_cast<size_t>(best)])) {
    return CorruptFile("every logit is NaN; are the weights damaged?");
  }
  return best;
}

Status Sampler::SortLogits(std::span<const float> logits) {
  logits_.clear();
  for (size_t i = 0; i < logits.size(); ++i) {
    if (std::isfinite(logits[i])) logits_.push_back({logits[i], static_cast<int32_t>(i)});
  }
  if (logits_.empty()) return CorruptFile("no logit is finite; are the weights damaged?");
  if (options_.kind == SamplerKind::kRandom) return {};
  // Ties are broken by id, so that a draw does not depend on the sort.
  const auto larger = [](const Logit& a, const Logit& b) {
    return a.value != b.value ? a.value > b.value : a.id < b.id;
  };
  const size_t sorted = options_.top_k == 0
                            ? logits_.size()
                            : std::min(logits_.size(), static_cast<size_t>(options_.top_k));
  std::partial_sort(logits_.begin(), logits_.begin() + static_cast<ptrdiff_t>(sorted),
                    logits_.end(), larger);
  return {};
}

// How many candidates, of which the weights of all add up to `all`, top_p keeps.
size_t Sampler::CountWithinTopP(double all) const {
  const double wanted = static_cast<double>(options_.top_p) * all;
  const bool keras = options_.kind == SamplerKind::kTopP;
  double before = 0.0;
  size_t n = 0;
  while (n < candidates_.size() && (keras ? before <= wanted : before < wanted)) {
    before += candidates_[n++].probability;
  }
  return std::max<size_t>(n, 1);
}

Result<std::span<const Sampler::Candidate>> Sampler::Candidates(std::span<const float> logits) {
  candidates_.clear();
  if (options_.kind == SamplerKind::kGreedy || options_.temperature == 0.0f) {
    TARE_ASSIGN_OR_RETURN(const int32_t best, Greedy(logits));
    candidates_.push_back({best, 1.0});
    return std::span<const Candidate>(candidates_);
  }
  TARE_RETURN_IF_ERROR(SortLogits(logits));
  const auto top = std::ranges::max_element(logits_, {}, &Logit::value);
  const double largest = static_cast<double>(top->value);
  double all = 0.0;
  double kept = 0.0;
  const size_t limit = options_.top_k == 0 ? logits_.size() : static_cast<size_t>(options_.top_k);
  for (const Logit& logit : logits_) {
    const double weight = std::exp((static_cast<double>(logit.value) - largest) /
                                   static_cast<double>(options_.temperature));
    all += weight;
    if (candidates_.size() == limit) continue;
    candidates_.push_back({logit.id, weight});
    kept += weight;
  }
  if (options_.top_p < 1.0f) {
    candidates_.resize(CountWithinTopP(options_.kind == SamplerKind::kTopP ? all : kept));
    kept = 0.0;
    for (const Candidate& candidate : candidates_) kept += candidate.probability;
  }
  for (Candidate& candidate : candidates_) candidate.probability /= kept;
  return std::span<const Candidate>(candidates_);
}

Result<int32_t> Sampler::Sample(std::span<const float> logits) {
  TARE_ASSIGN_OR_RETURN(const std::span<const Candidate> candidates, Candidates(logits));
  if (candidates.size() == 1) return candidates[0].id;
  // 53 random bits: a double in [0, 1), the same on every standard library.
  double left = static_cast<double>(random_() >> 11) * 0x1.0p-53;
  for (const Candidate& candidate : candidates) {
    left -= candidate.probability;
    if (left < 0.0) return candidate.id;
  }
  return candidates.back().id;
}

}  // namespace tare
