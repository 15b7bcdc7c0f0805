#ifndef TARE_OPENVINO_PASS_SCALED_QUERY_H_
#define TARE_OPENVINO_PASS_SCALED_QUERY_H_

#include <cstddef>
#include <memory>
#include <openvino/core/model.hpp>

namespace tare {

// Scales attention's scores instead of its queries, in bodies too:
//
//   MatMul(Transpose(Multiply(Add(MatMul(x, w), b), s)), k)
//     →  Multiply(MatMul(Transpose(Add(MatMul(x, w), b)), k), s)
//
// for an f32 number s. If a product with constant weights is scaled afterwards, the CPU plugin uses
// another kernel for it, which packs the weights once for many rows and once more for one row.
// Prompt and decoding would then each have their own copy of the weights. Returns the number of
// changes.
size_t ScaleScoresNotQueries(const std::shared_ptr<ov::Model>& model);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_SCALED_QUERY_H_
