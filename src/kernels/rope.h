#ifndef TARE_KERNELS_ROPE_H_
#define TARE_KERNELS_ROPE_H_

#include <cstddef>
#include <cstdint>

#include "tensor/layout.h"

namespace tare {

// Rotary position embedding: rotates pair i of token t by the angle (start + t) * inv_freq[i].
//   x, out    [T, H, D] f32, tokens x_stride and out_stride elements apart; out may equal x.
//   inv_freq  [rotated / 2] f32.   rotated is even, and start + T <= 2^24, where f32 holds every
//             integer.
//   rotated   elements of each head, from its first, that are rotated, <= D; the others are copied.
//   scale     multiplies what is rotated.
//   The angle is not rounded to f32 before its sine, so large positions keep their accuracy
//   (docs/numerics.md).
//   Source    Su et al. 2021.
struct RopeArgs {
  const float* x = nullptr;
  size_t x_stride = 0;
  float* out = nullptr;
  size_t out_stride = 0;
  const float* inv_freq = nullptr;
  size_t t = 0;
  size_t heads = 0;
  size_t head_size = 0;
  size_t start = 0;
  RopePairing pairing = RopePairing::kHalf;
  size_t rotated = 0;  // 0: all of D
  float scale = 1.0f;

  size_t pairs() const { return (rotated == 0 ? head_size : rotated) / 2; }
};

// The plain definition, in double.
void RopeReference(const RopeArgs& args) noexcept;

}  // namespace tare

#endif  // TARE_KERNELS_ROPE_H_
