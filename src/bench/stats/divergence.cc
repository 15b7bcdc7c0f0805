#include "bench/stats/divergence.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace tare {
namespace {

// log of the sum of exp over all values; NaN or infinite where they are no distribution.
double LogSumExp(std::span<const float> values) {
  const double most = *std::ranges::max_element(values);
  double sum = 0;
  for (const float value : values) sum += std::exp(value - most);
  return most + std::log(sum);
}

}  // namespace

Status Divergence::Add(std::span<const float> reference, std::span<const float> other,
                       uint32_t next) {
  if (reference.size() != other.size() || next >= reference.size()) {
    return InvalidInput("{} and {} logits with token {} next, expected as many of both, and more",
                        reference.size(), other.size(), next);
  }
  const double p_total = LogSumExp(reference);
  const double q_total = LogSumExp(other);
  double kl = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    const double log_p = reference[i] - p_total;
    const double p = std::exp(log_p);
    if (p > 0) kl += p * (log_p - (other[i] - q_total));
  }
  const double log_p_next = reference[next] - p_total;
  const double log_q_next = other[next] - q_total;
  if (!std::isfinite(kl) || !std::isfinite(log_p_next) || !std::isfinite(log_q_next)) {
    return InvalidInput("position {}: the logits give no distribution that can be compared",
                        positions_);
  }
  ++positions_;
  sum_kl_ += kl;
  max_kl_ = std::max(max_kl_, kl);
  sum_log_p_ += log_p_next;
  sum_log_q_ += log_q_next;
  const auto top = [](std::span<const float> values) {
    return std::ranges::max_element(values) - values.begin();
  };
  if (top(reference) == top(other)) ++same_top1_;
  return {};
}

DivergenceSummary Divergence::Summary() const {
  TARE_CHECK(positions_ > 0);
  const auto count = static_cast<double>(positions_);
  return {.positions = positions_,
          .mean_kl = sum_kl_ / count,
          .max_kl = max_kl_,
          .top1_agreement = static_cast<double>(same_top1_) / count,
          .perplexity = std::exp(-sum_log_q_ / count),
          .reference_perplexity = std::exp(-sum_log_p_ / count)};
}

}  // namespace tare
