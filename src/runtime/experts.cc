#include "runtime/experts.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <span>

#include "base/aligned_buffer.h"
#include "base/check.h"

namespace tare {
namespace {

// Rows that an expert's weights are multiplied by at once: enough to decode them seldom, and few
// enough that the copies stay in a cache.
constexpr size_t kExpertRows = 64;

size_t RoundedUp(size_t bytes) {
  constexpr size_t kAlignment = AlignedBuffer::kAlignment;
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

size_t LastAxis(const ValueType& type) { return type.dims.back().value(); }

// y[pair] = the weights of pair's expert · x[row of pair]. A pair is a token and an expert that it
// uses; there are T * U.
class ExpertProduct {
 public:
  ExpertProduct(const StepContext& context, const Step& step)
      : kernels_(*context.kernels),
        step_(step),
        experts_(reinterpret_cast<const int32_t*>(step.inputs[1])),
        pairs_(ElementsOf(*step.input_types[1], context)),
        // One row of x serves all experts of its token, or each pair has its own.
        pairs_a_row_(step.input_types[0]->rank() == 3 ? LastAxis(*step.input_types[1]) : 1),
        n_(LastAxis(step.node->type)),
        k_(LastAxis(*step.input_types[0])),
        rows_at_once_(std::min(pairs_, kExpertRows)) {}

  size_t ScratchBytes() const {
    size_t product = 0;
    for (size_t i = 2; i < step_.input_types.size(); ++i) {
      MatMulArgs args = ArgsOf(step_.input_types[i]->dtype, rows_at_once_, n_);
      product = std::max(product, kernels_.matmul_scratch_bytes(args));
      args.t = 1;
      product = std::max(product, kernels_.matmul_scratch_bytes(args));
    }
    return OrderBytes() + RowBytes(k_) + RowBytes(n_) + product;
  }

  // All pairs, for some of the columns.
  void Run(IndexRange columns, std::byte* scratch) const {
    if (columns.begin == columns.end) return;
    const std::span<uint32_t> order(reinterpret_cast<uint32_t*>(scratch), pairs_);
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::sort(order, [this](uint32_t a, uint32_t b) {
      return experts_[a] != experts_[b] ? experts_[a] < experts_[b] : a < b;
    });
    scratch += OrderBytes();
    for (size_t i = 0; i < pairs_;) {
      size_t end = i + 1;
      while (end < pairs_ && end - i < rows_at_once_ &&
             experts_[order[end]] == experts_[order[i]]) {
        ++end;
      }
      Multiply(order.subspan(i, end - i), columns, scratch);
      i = end;
    }
  }

 private:
  size_t OrderBytes() const { return RoundedUp(pairs_ * sizeof(uint32_t)); }
  size_t RowBytes(size_t columns) const {
    return RoundedUp(rows_at_once_ * columns * sizeof(float));
  }

  MatMulArgs ArgsOf(DType type, size_t rows, size_t columns) const {
    MatMulArgs args;
    args.weight_type = type;
    args.t = rows;
    args.n = columns;
    args.k = args.x_stride = k_;
    args.y_stride = columns;
    return args;
  }

  const float* RowOf(uint32_t pair) const {
    return reinterpret_cast<const float*>(step_.inputs[0]) + pair / pairs_a_row_ * k_;
  }

  // Sets type and weights of an expert, from row `first` on.
  MatMulArgs ArgsFor(int32_t expert, size_t rows, IndexRange columns) const {
    const bool is_stacked = step_.input_types[2]->rank() == 3;
    const auto index = static_cast<size_t>(expert);
    const size_t input = is_stacked ? 2 : 2 + index;
    TARE_CHECK_LT(input, step_.inputs.size());
    const DType type = step_.input_types[input]->dtype;
    MatMulArgs args = ArgsOf(type, rows, columns.end - columns.begin);
    const size_t first = (is_stacked ? index * n_ : 0) + columns.begin;
    args.weight = step_.inputs[input] + StoredBytes(type, first * k_);
    return args;
  }

  // Pairs of one expert.
  void Multiply(std::span<const uint32_t> pairs, IndexRange columns, std::byte* scratch) const {
    MatMulArgs args = ArgsFor(experts_[pairs[0]], pairs.size(), columns);
    float* const y = reinterpret_cast<float*>(step_.output) + columns.begin;
    std::byte* const product = scratch + RowBytes(k_) + RowBytes(n_);
    if (pairs.size() == 1) {
      args.x = RowOf(pairs[0]);
      args.y = y + pairs[0] * n_;
      return kernels_.matmul(args, {0, 1}, product);
    }
    auto* const rows = reinterpret_cast<float*>(scratch);
    auto* const results = reinterpret_cast<float*>(scratch + RowBytes(k_));
    for (size_t i = 0; i < pairs.size(); ++i) {
      std::memcpy(rows + i * k_, RowOf(pairs[i]), k_ * sizeof(float));
    }
    args.x = rows;
    args.y = results;
    kernels_.matmul(args, {0, 1}, product);
    for (size_t i = 0; i < pairs.size(); ++i) {
      std::memcpy(y + pairs[i] * n_, results + i * args.n, args.n * sizeof(float));
    }
  }

  const KernelTable& kernels_;
  const Step& step_;
  const int32_t* const experts_;
  const size_t pairs_;
  const size_t pairs_a_row_;
  const size_t n_;
  const size_t k_;
  const size_t rows_at_once_;
};

}  // namespace

size_t TopExpertsScratchBytes(const Step& step) {
  return LastAxis(*step.input_types[0]) * sizeof(bool);
}

void RunTopExperts(const StepContext& context, const Step& step, ThreadSlice slice,
                   std::byte* scratch) {
  const size_t all = LastAxis(*step.input_types[0]);
  const size_t used = LastAxis(step.node->type);
  const std::span<bool> taken(reinterpret_cast<bool*>(scratch), all);
  const IndexRange tokens = SplitRange(ElementsOf(step.node->type, context) / used, 1, slice);
  for (size_t token = tokens.begin; token < tokens.end; ++token) {
    const float* const probabilities = reinterpret_cast<const float*>(step.inputs[0]) + token * all;
    auto* const experts = reinterpret_cast<int32_t*>(step.output) + token * used;
    std::ranges::fill(taken, false);
    for (size_t i = 0; i < used; ++i) {
      // Some expert is found also where all probabilities are NaN.
      size_t best = all;
      for (size_t e = 0; e < all; ++e) {
        if (!taken[e] && (best == all || probabilities[e] > probabilities[best])) best = e;
      }
      taken[best] = true;
      experts[i] = static_cast<int32_t>(best);
    }
  }
}

void RunExpertWeights(const StepContext& context, const Step& step, ThreadSlice slice) {
  const size_t all = LastAxis(*step.input_types[0]);
  const size_t used = LastAxis(step.node->type);
  const IndexRange tokens = SplitRange(ElementsOf(step.node->type, context) / used, 1, slice);
  for (size_t token = tokens.begin; token < tokens.end; ++token) {
    const float* const probabilities = reinterpret_cast<const float*>(step.inputs[0]) + token * all;
    const auto* const experts = reinterpret_cast<const int32_t*>(step.inputs[1]) + token * used;
    auto* const weights = reinterpret_cast<float*>(step.output) + token * used;
    float sum = 0.0f;
    for (size_t i = 0; i < used; ++i) {
      weights[i] = probabilities[experts[i]];
      sum += weights[i];
    }
    if (!step.node->attributes.normalise) continue;
    for (size_t i = 0; i < used; ++i) weights[i] /= sum;
  }
}

size_t ExpertMatMulScratchBytes(const StepContext& context, const Step& step) {
  return ExpertProduct(context, step).ScratchBytes();
}

// Threads split the columns, so that each writes whole rows of its own for every pair.
void RunExpertMatMul(const StepContext& context, const Step& step, ThreadSlice slice,
                     std::byte* scratch) {
  // As in the plain product: a cache line of y, and whole vectors on every instruction set.
  const IndexRange columns = SplitRange(LastAxis(step.node->type), 16, slice);
  ExpertProduct(context, step).Run(columns, scratch);
}

}  // namespace tare
