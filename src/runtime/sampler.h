#ifndef TARE_RUNTIME_SAMPLER_H_
#define TARE_RUNTIME_SAMPLER_H_

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "base/error.h"
#include "tare/generate.h"

namespace tare {

// Index of the largest value; the lowest such index on a tie. NaN never wins over a number.
// Precondition: logits is not empty.
int32_t ArgMax(std::span<const float> logits);

// Chooses the next token. temperature 0 is greedy. Otherwise, in this order: divide by temperature,
// keep the top_k largest (0: all), keep the smallest set whose probability reaches top_p (1: all),
// draw. The same seed and logits give the same tokens.
class Sampler {
 public:
  // Errors: InvalidInput for a negative or non-finite temperature, top_p outside (0, 1], a negative
  // top_k.
  static Result<Sampler> Create(const SamplingOptions& options);

  // logits [V]. Errors: InvalidInput where no logit is a finite number.
  Result<int32_t> Sample(std::span<const float> logits);

 private:
  explicit Sampler(const SamplingOptions& options) : options_(options), random_(options.seed) {}

  struct Candidate {
    float logit;
    int32_t id;
  };
  Result<int32_t> Draw(std::span<const float> logits);

  SamplingOptions options_;
  std::mt19937_64 random_;
  std::vector<Candidate> candidates_;
};

}  // namespace tare

#endif  // TARE_RUNTIME_SAMPLER_H_
