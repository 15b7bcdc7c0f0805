#ifndef TARE_MODELS_LINEAR_WEIGHT_H_
#define TARE_MODELS_LINEAR_WEIGHT_H_

#include <optional>
#include <string>
#include <string_view>

#include "graph/builder.h"
#include "tensor/layout.h"
#include "tensor/tensor_view.h"

namespace tare {

// A projection's weight as the file stores it: a matrix [N, K] for kOutIn, [K, N] for kInOut; or a
// matrix [K, D] of each head after another.
struct LinearWeight {
  TensorView tensor;
  WeightLayout layout = WeightLayout::kOutIn;
  std::optional<TensorView> bias;  // f32 [N]
  bool heads_first = false;        // [H, K, D]; layout is then kInOut
};

// An einsum equation for either layout of its constant operand.
struct LayoutEquation {
  std::string_view in_out;            // as Keras writes it
  std::string_view out_in;            // with the kernel's labels in [out, in] order
  std::string_view heads_first = {};  // in [heads, in, head size] order, of query, key and value
  std::string_view For(WeightLayout layout) const {
    return layout == WeightLayout::kInOut ? in_out : out_in;
  }
};

// x [1, T, C] -> [1, T, heads, head_size], by `equation` over the kernel as a tensor of three axes.
NodeId ProjectToHeads(GraphBuilder& graph, NodeId x, const LinearWeight& weight, size_t heads,
                      size_t head_size, const LayoutEquation& equation, const std::string& name);

// x [1, T, H, D] -> [1, T, C]. Joins heads first if the head size is not a multiple of the weight's
// block size.
NodeId ProjectFromHeads(GraphBuilder& graph, NodeId x, const LinearWeight& weight,
                        const LayoutEquation& equation, const std::string& name);

// x [1, T, K] -> [1, T, N].
NodeId Dense(GraphBuilder& graph, NodeId x, const LinearWeight& weight, const std::string& name);

}  // namespace tare

#endif  // TARE_MODELS_LINEAR_WEIGHT_H_
