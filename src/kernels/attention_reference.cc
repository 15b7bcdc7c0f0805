#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/attention.h"

namespace tare {
namespace {

void AttendOne(const AttentionArgs& args, size_t t, size_t head) {
  const size_t d = args.head_size;
  const size_t kv_offset = head / (args.heads / args.kv_heads) * d;
  const float* q = args.q + t * args.q_stride + head * d;
  const size_t first = FirstKey(args, t);
  const size_t keys = args.past + t + 1;
  std::vector<double> scores(keys);
  double max = -std::numeric_limits<double>::infinity();
  for (size_t s = first; s < keys; ++s) {
    const float* k = args.k + s * args.kv_stride + kv_offset;
    for (size_t i = 0; i < d; ++i) scores[s] += static_cast<double>(q[i]) * k[i];
    scores[s] *= args.scale;
    if (args.soft_cap > 0.0f) scores[s] = args.soft_cap * std::tanh(scores[s] / args.soft_cap);
    max = std::max(max, scores[s]);
  }
  double sum = 0;
  for (size_t s = first; s < keys; ++s) sum += scores[s] = std::exp(scores[s] - max);
  for (size_t i = 0; i < d; ++i) {
    double mix = 0;
    for (size_t s = first; s < keys; ++s) {
      mix += scores[s] * args.v[s * args.kv_stride + kv_offset + i];
    }
    args.out[t * args.out_stride + head * d + i] = static_cast<float>(mix / sum);
  }
}

}  // namespace

void AttentionReference(const AttentionArgs& args) noexcept {
  for (size_t t = 0; t < args.t; ++t) {
    for (size_t head = 0; head < args.heads; ++head) AttendOne(args, t, head);
  }
}

}  // namespace tare
