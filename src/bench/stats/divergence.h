#ifndef TARE_BENCH_STATS_DIVERGENCE_H_
#define TARE_BENCH_STATS_DIVERGENCE_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/error.h"

namespace tare {

// How one model's predictions differ from a reference's, over the positions of a text. P is the
// reference's distribution of the next token, Q the other's; logarithms are natural.
struct DivergenceSummary {
  size_t positions = 0;
  double mean_kl = 0;               // of KL(P || Q) = sum over tokens of P (log P - log Q); nats
  double max_kl = 0;                // at the worst position
  double top1_agreement = 0;        // share of positions where both have the same likeliest token
  double perplexity = 0;            // of Q: exp of the mean of -log Q(token that follows)
  double reference_perplexity = 0;  // of P
};

// Takes one position after another, so that no two distributions have to be held but these.
class Divergence {
 public:
  // The logits, or log-probabilities, of both at one position: they are normalised here, in double.
  //   next   the token that follows in the text.
  //   Errors InvalidInput for lists of different lengths, a `next` outside them, values that are no
  //          distribution (NaN, infinity), or a token that Q rules out and P does not.
  Status Add(std::span<const float> reference, std::span<const float> other, uint32_t next);

  // Precondition: at least one position was added.
  DivergenceSummary Summary() const;

 private:
  size_t positions_ = 0;
  size_t same_top1_ = 0;
  double sum_kl_ = 0;
  double max_kl_ = 0;
  double sum_log_q_ = 0;
  double sum_log_p_ = 0;
};

}  // namespace tare

#endif  // TARE_BENCH_STATS_DIVERGENCE_H_
