#ifndef TARE_RUNTIME_LOG_PROBABILITIES_H_
#define TARE_RUNTIME_LOG_PROBABILITIES_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/error.h"
#include "tare/generate.h"

namespace tare {

// log Σ exp(logits / temperature) in double, without overflow. Ignores NaN logits.
//   temperature  > 0.
//   Errors       CorruptFile if no logit is finite.
Result<double> LogSumExp(std::span<const float> logits, double temperature = 1.0);

// The log-probabilities of token `id` and of the `likeliest` most probable tokens.
//   Preconditions  id indexes logits.
//   Errors         those of LogSumExp.
Result<ChosenLogProbability> LogProbabilityOf(std::span<const float> logits, int32_t id,
                                              size_t likeliest);

}  // namespace tare

#endif  // TARE_RUNTIME_LOG_PROBABILITIES_H_
