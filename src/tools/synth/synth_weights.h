#ifndef TARE_TOOLS_SYNTH_SYNTH_WEIGHTS_H_
#define TARE_TOOLS_SYNTH_SYNTH_WEIGHTS_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "tools/convert/keras_preset_variables.h"

namespace tare {

// How a variable's values are spread: roughly normal, never beyond 3.5 standard deviations.
struct Spread {
  float mean = 0.0f;
  float deviation = 0.0f;
};

// Spreads by which logits have a standard deviation near 2 whatever the depth and sizes: every
// projection keeps the variance of what it reads; the 2 L parts that add to the residual share
// what they add, which outweighs the embedding, so that the model does not repeat its input; norms
// lie around 1 and no bias is zero, so that one that is left out shows.
Spread SpreadOf(const KerasVariableSpec& variable, const ModelShape& backbone);

// Values of a variable at any place, from (seed, name, place) alone: the same on every machine,
// whatever the order or the threads. Only integer arithmetic, and f32 sums and products.
class RandomValues {
 public:
  RandomValues(uint64_t seed, const KerasVariableSpec& variable, Spread spread);

  // Elements first, first + 1, …, little-endian and rounded to the variable's type, as many as
  // `bytes` holds.
  void Fill(uint64_t first, std::span<std::byte> bytes) const;

 private:
  float At(uint64_t place) const;

  uint64_t key_;
  float mean_;
  float step_;
  DType dtype_;
};

}  // namespace tare

#endif  // TARE_TOOLS_SYNTH_SYNTH_WEIGHTS_H_
