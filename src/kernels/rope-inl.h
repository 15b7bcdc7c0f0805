// Rotary position embedding. Included once by each kernels_<isa>.cc.

#include <algorithm>
#include <cstddef>

#include "base/thread_pool.h"
#include "kernels/rope.h"

namespace tare::TARE_SIMD_NAMESPACE {

inline size_t RopeVectors(const RopeArgs& args) {
  return (args.pairs() + kLanes - 1) / kLanes * kLanes;
}

// A cosine and a sine for each pair, shared by all heads of a token.
inline size_t RopeScratchBytes(const RopeArgs& args) noexcept {
  return 2 * RopeVectors(args) * sizeof(float);
}

inline void RotateHalves(const float* x, const float* cosines, const float* sines, size_t pairs,
                         float* out) {
  for (size_t i = 0; i < pairs; i += kLanes) {
    const F32 a = LoadOr(x, i, pairs, 0.0f);
    const F32 b = LoadOr(x + pairs, i, pairs, 0.0f);
    const F32 c = Load(cosines + i);
    const F32 s = Load(sines + i);
    StoreUpTo(a * c - b * s, out, i, pairs);
    StoreUpTo(b * c + a * s, out + pairs, i, pairs);
  }
}

// Plain loop: compilers vectorise it, and it is a hundredth of the projections beside it.
inline void RotateInterleaved(const float* x, const float* cosines, const float* sines,
                              size_t pairs, float* out) {
  for (size_t i = 0; i < pairs; ++i) {
    const float a = x[2 * i];
    const float b = x[2 * i + 1];
    out[2 * i] = a * cosines[i] - b * sines[i];
    out[2 * i + 1] = b * cosines[i] + a * sines[i];
  }
}

inline void RopeToken(const RopeArgs& args, size_t t, IndexRange heads, float* cosines,
                      float* sines) {
  const size_t pairs = args.pairs();
  const F32 scale = Set(args.scale);
  const F32 position = Set(static_cast<float>(args.start + t));
  for (size_t i = 0; i < pairs; i += kLanes) {
    F32 sine, cosine;
    SinCosOfProduct(position, LoadOr(args.inv_freq, i, pairs, 0.0f), sine, cosine);
    Store(cosine * scale, cosines + i);
    Store(sine * scale, sines + i);
  }
  for (size_t h = heads.begin; h < heads.end; ++h) {
    const float* x = args.x + t * args.x_stride + h * args.head_size;
    float* out = args.out + t * args.out_stride + h * args.head_size;
    if (args.pairing == RopePairing::kHalf) {
      RotateHalves(x, cosines, sines, pairs, out);
    } else {
      RotateInterleaved(x, cosines, sines, pairs, out);
    }
    if (out != x) std::copy(x + 2 * pairs, x + args.head_size, out + 2 * pairs);
  }
}

inline void Rope(const RopeArgs& args, ThreadSlice slice, std::byte* scratch) noexcept {
  float* cosines = reinterpret_cast<float*>(scratch);
  float* sines = cosines + RopeVectors(args);
  if (args.t == 1) {
    const IndexRange heads = SplitRange(args.heads, 1, slice);
    if (heads.begin < heads.end) RopeToken(args, 0, heads, cosines, sines);
    return;
  }
  const IndexRange tokens = SplitRange(args.t, 1, slice);
  for (size_t t = tokens.begin; t < tokens.end; ++t) {
    RopeToken(args, t, {0, args.heads}, cosines, sines);
  }
}

}  // namespace tare::TARE_SIMD_NAMESPACE
