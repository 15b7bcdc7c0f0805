#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/gather.h"
#include "kernels/norm.h"
#include "kernels/rope.h"
#include "kernels/softmax.h"
#include "tensor/dequantize.h"

namespace tare {

void RmsNormReference(const RmsNormArgs& args) noexcept {
  for (size_t r = 0; r < args.rows; ++r) {
    const float* x = args.x + r * args.cols;
    double squares = 0;
    for (size_t c = 0; c < args.cols; ++c) squares += static_cast<double>(x[c]) * x[c];
    const double inverse =
        1 / std::sqrt(squares / static_cast<double>(args.cols) + static_cast<double>(args.epsilon));
    for (size_t c = 0; c < args.cols; ++c) {
      args.out[r * args.cols + c] = static_cast<float>(
          x[c] * inverse * (static_cast<double>(args.gamma_offset) + args.gamma[c]));
    }
  }
}

void LayerNormReference(const LayerNormArgs& args) noexcept {
  const double count = static_cast<double>(args.cols);
  for (size_t r = 0; r < args.rows; ++r) {
    const float* x = args.x + r * args.cols;
    double mean = 0;
    for (size_t c = 0; c < args.cols; ++c) mean += x[c];
    mean /= count;
    double variance = 0;
    for (size_t c = 0; c < args.cols; ++c) variance += (x[c] - mean) * (x[c] - mean);
    const double inverse = 1 / std::sqrt(variance / count + static_cast<double>(args.epsilon));
    for (size_t c = 0; c < args.cols; ++c) {
      args.out[r * args.cols + c] =
          static_cast<float>((x[c] - mean) * inverse * args.gamma[c] + args.beta[c]);
    }
  }
}

void SoftmaxReference(const SoftmaxArgs& args) noexcept {
  std::vector<double> e(args.cols);
  for (size_t r = 0; r < args.rows; ++r) {
    const float* x = args.x + r * args.cols;
    const size_t first = SoftmaxFirstColumn(args, r);
    const size_t used = SoftmaxColumns(args, r);
    const double max = *std::max_element(x + first, x + used);
    double sum = 0;
    for (size_t c = first; c < used; ++c) sum += e[c] = std::exp(x[c] - max);
    for (size_t c = 0; c < args.cols; ++c) {
      const bool counts = c >= first && c < used;
      args.out[r * args.cols + c] = counts ? static_cast<float>(e[c] / sum) : 0.0f;
    }
  }
}

void RopeReference(const RopeArgs& args) noexcept {
  const size_t pairs = args.pairs();
  const bool half = args.pairing == RopePairing::kHalf;
  for (size_t t = 0; t < args.t; ++t) {
    for (size_t h = 0; h < args.heads; ++h) {
      const float* x = args.x + t * args.x_stride + h * args.head_size;
      float* out = args.out + t * args.out_stride + h * args.head_size;
      for (size_t i = 0; i < pairs; ++i) {
        const size_t first = half ? i : 2 * i;
        const size_t second = half ? i + pairs : 2 * i + 1;
        const double angle = static_cast<double>(args.start + t) * args.inv_freq[i];
        const double a = x[first];
        const double b = x[second];
        out[first] = static_cast<float>(args.scale * (a * std::cos(angle) - b * std::sin(angle)));
        out[second] = static_cast<float>(args.scale * (b * std::cos(angle) + a * std::sin(angle)));
      }
      for (size_t i = 2 * pairs; i < args.head_size; ++i) out[i] = x[i];
    }
  }
}

void GatherReference(const GatherArgs& args) noexcept {
  const size_t row_bytes = StoredBytes(args.type, args.cols);
  for (size_t t = 0; t < args.t; ++t) {
    float* out = args.out + t * args.out_stride;
    DequantizeRow(args.type, args.table + static_cast<size_t>(args.ids[t]) * row_bytes, args.cols,
                  out);
    for (size_t c = 0; c < args.cols; ++c) out[c] *= args.scale;
  }
}

}  // namespace tare
