#ifndef TARE_KERNELS_ATTENTION_H_
#define TARE_KERNELS_ATTENTION_H_

#include <cstddef>
#include <cstdint>

namespace tare {

// Causal grouped-query attention: out[t, h] = softmax(scale * q[t, h] · keys) · values over the
// keys 0 .. past + t, where head h reads key/value head h / (H / KV).
//   q, out  [T, H, D] f32; out must not overlap the others.
//   k, v    [S, KV, D] f32 with S = past + T; token s begins kv_stride elements after token s - 1.
//   rows    [past + 1], only for T = 1: key and value s are at k and v + rows[s] * kv_stride. Null
//   if
//           they are in order. Sequences with a common beginning share its rows.
//   H is a multiple of KV.
//   Source  Dao et al. 2022 for the online softmax over blocks of keys.
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
};

// The plain definition, in double.
void AttentionReference(const AttentionArgs& args) noexcept;

}  // namespace tare

#endif  // TARE_KERNELS_ATTENTION_H_
