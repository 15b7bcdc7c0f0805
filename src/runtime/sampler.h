#ifndef TARE_RUNTIME_SAMPLER_H_
#define TARE_RUNTIME_SAMPLER_H_

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "base/error.h"
#include "tare/generate.h"

namespace tare {

// The maximum number of hypotheses at once; each has its own activations.
inline constexpr int32_t kMaxHypotheses = 256;

// Index of the largest value; on a tie the lowest index. NaN never beats a number.
// Precondition: logits is not empty.
int32_t ArgMax(std::span<const float> logits);

// Errors: InvalidInput for options out of range: a temperature that is not finite, is negative, or
// is 0 with a kind other than kFilters and kGreedy; top_p outside (0, 1]; top_k that is negative, 0
// with kTopK, or outside [1, 256] with kContrastive; beams or alpha out of range.
Status CheckSampling(const SamplingOptions& options);

// Chooses the next token, for all kinds except the searches kBeam and kContrastive.
//   kFilters  temperature 0 is greedy. Otherwise, in this order: divide by temperature; keep the
//   top_k
//             largest (0: all); keep the smallest set that reaches top_p (1: all) of the remaining
//             probability; draw.
//   kTopP     as kFilters, but keeps each token before which at most top_p of the model's whole
//             probability lies, regardless of top_k: KerasHub's rule.
// The same seed and logits give the same tokens.
class Sampler {
 public:
  struct Candidate {
    int32_t id = 0;
    double probability = 0.0;
  };

  // Errors: those of CheckSampling. Precondition: a kind that does not search.
  static Result<Sampler> Create(const SamplingOptions& options);

  // logits [V]. Errors: CorruptFile if no logit is finite.
  Result<int32_t> Sample(std::span<const float> logits);

  // The tokens that Sample may choose, and how likely each is; valid until the next call.
  //   Errors  those of Sample.
  Result<std::span<const Candidate>> Candidates(std::span<const float> logits);

 private:
  explicit Sampler(const SamplingOptions& options) : options_(options), random_(options.seed) {}

  struct Logit {
    float value;
    int32_t id;
  };

  Result<int32_t> Greedy(std::span<const float> logits) const;
  // Fills logits_ with the logits that are numbers; the likeliest top_k come first if order
  // matters.
  Status SortLogits(std::span<const float> logits);
  size_t CountWithinTopP(double all) const;

  SamplingOptions options_;
  std::mt19937_64 random_;
  std::vector<Logit> logits_;
  std::vector<Candidate> candidates_;
};

}  // namespace tare

#endif  // TARE_RUNTIME_SAMPLER_H_
