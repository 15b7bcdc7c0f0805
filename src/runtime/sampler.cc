#include "runtime/sampler.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace tare {

int32_t ArgMax(std::span<const float> logits) {
  TARE_CHECK(!logits.empty());
  size_t best = 0;
  for (size_t i = 1; i < logits.size(); ++i) {
    if (logits[i] > logits[best] || (std::isnan(logits[best]) && !std::isnan(logits[i]))) best = i;
  }
  return static_cast<int32_t>(best);
}

Result<Sampler> Sampler::Create(const SamplingOptions& options) {
  if (!(options.temperature >= 0.0f) || !std::isfinite(options.temperature)) {
    return InvalidInput("temperature: got {}, expected 0 (greedy) or more", options.temperature);
  }
  if (!(options.top_p > 0.0f) || options.top_p > 1.0f) {
    return InvalidInput("top-p: got {}, expected more than 0 and at most 1", options.top_p);
  }
  if (options.top_k < 0) {
    return InvalidInput("top-k: got {}, expected 0 (all) or more", options.top_k);
  }
  return Sampler(options);
}

Result<int32_t> Sampler::Sample(std::span<const float> logits) {
  if (options_.temperature > 0.0f) return Draw(logits);
  const int32_t best = ArgMax(logits);
  if (std::isnan(logits[static_cast<size_t>(best)])) {
    return InvalidInput("every logit is NaN; are the weights damaged?");
  }
  return best;
}

Result<int32_t> Sampler::Draw(std::span<const float> logits) {
  candidates_.clear();
  for (size_t i = 0; i < logits.size(); ++i) {
    if (std::isfinite(logits[i])) candidates_.push_back({logits[i], static_cast<int32_t>(i)});
  }
  if (candidates_.empty()) return InvalidInput("no logit is finite; are the weights damaged?");
  // Ties are broken by id, so that a draw does not depend on the sort.
  const auto larger = [](const Candidate& a, const Candidate& b) {
    return a.logit != b.logit ? a.logit > b.logit : a.id < b.id;
  };
  size_t kept = candidates_.size();
  if (options_.top_k > 0) kept = std::min(kept, static_cast<size_t>(options_.top_k));
  std::partial_sort(candidates_.begin(), candidates_.begin() + static_cast<ptrdiff_t>(kept),
                    candidates_.end(), larger);
  candidates_.resize(kept);

  const double largest = static_cast<double>(candidates_[0].logit);
  std::vector<double> weights(kept);
  double total = 0.0;
  for (size_t i = 0; i < kept; ++i) {
    weights[i] = std::exp((static_cast<double>(candidates_[i].logit) - largest) /
                          static_cast<double>(options_.temperature));
    total += weights[i];
  }
  if (options_.top_p < 1.0f) {
    const double wanted = static_cast<double>(options_.top_p) * total;
    double sum = 0.0;
    size_t n = 0;
    while (n < kept && sum < wanted) sum += weights[n++];
    kept = std::max<size_t>(n, 1);
    total = sum;
  }
  // 53 random bits: a double in [0, 1), the same on every standard library.
  const double unit = static_cast<double>(random_() >> 11) * 0x1.0p-53;
  double left = unit * total;
  for (size_t i = 0; i < kept; ++i) {
    left -= weights[i];
    if (left < 0.0) return candidates_[i].id;
  }
  return candidates_[kept - 1].id;
}

}  // namespace tare
