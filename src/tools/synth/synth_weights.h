#ifndef TARE_TOOLS_SYNTH_SYNTH_WEIGHTS_H_
#define TARE_TOOLS_SYNTH_SYNTH_WEIGHTS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "models/family.h"
#include "models/tensor_table.h"
#include "tensor/dtype.h"

namespace tare {

// The distribution of a tensor's values: roughly normal, within 3.5 standard deviations.
struct Spread {
  float mean = 0.0f;
  float deviation = 0.0f;
};

// Chosen so that logits have a standard deviation near 2 for any depth and size. Every projection
// keeps the variance of its input. The 2 L parts that add to the residual share their sum, which
// outweighs the embedding, so that the model does not repeat its input. Norms are around 1 and no
// bias is zero, so that a missing one is noticed. What a model multiplies by numbers of its own is
// divided by them here. A tied embedding is divided by the logits' number alone, and what the
// layers add grows with it.
Spread SpreadOf(const TensorSpec& tensor, const ModelShape& backbone);

// The values of a tensor, computed only from (seed, name, place): the same on every machine, in
// any order and with any number of threads. Uses only integer arithmetic, and f32 sums and
// products.
class RandomValues {
 public:
  // `dtype`: f32, f16 or bf16.
  RandomValues(uint64_t seed, std::string_view name, DType dtype, Spread spread);

  // Elements first, first + 1, …, little-endian and rounded to the type, as many as
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
