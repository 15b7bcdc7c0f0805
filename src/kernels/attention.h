#ifndef TARE_KERNELS_ATTENTION_H_
#define TARE_KERNELS_ATTENTION_H_

#include <cstddef>
#include <cstdint>

namespace tare {

// Causal grouped-query attention: out[t, h] = softmax(cap(scale * q[t, h] · keys)) · values over
// the keys that token t sees, where head h reads key/value head h / (H / KV).
//   q, out  [T, H, D] f32; out must not overlap the others.
//   k, v    [S, KV, D] f32 with S = past + T; token s begins kv_stride elements after token s - 1.
//   rows    [past + 1], only for T = 1: key and value s are at k and v + rows[s] * kv_stride. Null
//   if
//           they are in order. Sequences with a common beginning share its rows.
//   H is a multiple of KV.
//   scale     above 0.
//   soft_cap  above 0: cap(x) = soft_cap * tanh(x / soft_cap); 0: cap(x) = x.
//   window    above 0: token t sees the last `window` of the keys 0 .. past + t, its own included;
//             0: all of them.
//   Source  Dao et al. 2022 for the online softmax over blocks of keys; Gemma Team 2024 for the
//   cap.
struct AttentionArgs {
  const float* q = nullptr;
  size_t q_stride = 0;  // from token to token, in elements; >= H * D
  const float* k = nullptr;
  const float* v = nullptr;
  size_t kv_stride = 0;  // >= KV * D
  const uint32_t* rows = nullptr;
  float* out = nullptr;
  size_t out_stride = 0;
  size_t t = 0;
  size_t past = 0;
  size_t heads = 0;
  size_t kv_heads = 0;
  size_t head_size = 0;
  float scale = 1.0f;
  float soft_cap = 0.0f;
  size_t window = 0;
};

// The first key that token t sees.
inline size_t FirstKey(const AttentionArgs& args, size_t t) {
  const size_t keys = args.past + t + 1;
  return args.window == 0 || keys <= args.window ? 0 : keys - args.window;
}

// The plain definition, in double.
void AttentionReference(const AttentionArgs& args) noexcept;

}  // namespace tare

#endif  // TARE_KERNELS_ATTENTION_H_
