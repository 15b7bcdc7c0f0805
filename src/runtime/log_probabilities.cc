#include "runtime/log_probabilities.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "base/check.h"

namespace tare {

Result<double> LogSumExp(std::span<const float> logits, double temperature) {
  float largest = -std::numeric_limits<float>::infinity();
  for (float logit : logits) largest = logit > largest ? logit : largest;
  if (!std::isfinite(largest)) {
    return CorruptFile(
        "the largest logit is {}, expected a finite number; are the weights damaged?", largest);
  }
  const double peak = static_cast<double>(largest);
  double sum = 0.0;
  for (float logit : logits) {
    if (!std::isnan(logit)) sum += std::exp((static_cast<double>(logit) - peak) / temperature);
  }
  return peak / temperature + std::log(sum);
}

Result<ChosenLogProbability> LogProbabilityOf(std::span<const float> logits, int32_t id,
                                              size_t likeliest) {
  TARE_CHECK_LT(static_cast<size_t>(id), logits.size());
  TARE_ASSIGN_OR_RETURN(const double total, LogSumExp(logits));
  const auto of = [&](int32_t token) {
    return TokenLogProbability{token,
                               static_cast<double>(logits[static_cast<size_t>(token)]) - total};
  };
  ChosenLogProbability chosen;
  chosen.token = of(id);
  if (likeliest == 0) return chosen;
  std::vector<int32_t> ids;
  for (size_t i = 0; i < logits.size(); ++i) {
    if (!std::isnan(logits[i])) ids.push_back(static_cast<int32_t>(i));
  }
  const auto end = ids.begin() + static_cast<ptrdiff_t>(std::min(likeliest, ids.size()));
  std::partial_sort(ids.begin(), end, ids.end(), [&](int32_t a, int32_t b) {
    const float x = logits[static_cast<size_t>(a)];
    const float y = logits[static_cast<size_t>(b)];
    return x != y ? x > y : a < b;
  });
  for (auto token = ids.begin(); token != end; ++token) chosen.likeliest.push_back(of(*token));
  return chosen;
}

}  // namespace tare
