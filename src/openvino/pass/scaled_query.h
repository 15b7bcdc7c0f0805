#ifndef TARE_OPENVINO_PASS_SCALED_QUERY_H_
#define TARE_OPENVINO_PASS_SCALED_QUERY_H_

#include <cstddef>
#include <memory>
#include <openvino/core/model.hpp>

namespace tare {

// Scales attention's scores where a model scales its queries, in bodies too:
//
//   MatMul(Transpose(Multiply(Add(MatMul(x, w), b), s)), k)
//     →  Multiply(MatMul(Transpose(Add(MatMul(x, w), b)), k), s)
//
// for a number s of f32. The CPU plugin computes a product with constant weights that is scaled
// afterwards by another kernel than one that is not. That kernel packs the weights once for many
// rows and once more for one row, so prompt and decoding would each have their copy of them.
// Returns how many were changed.
size_t ScaleScoresNotQueries(const std::shared_ptr<ov::Model>& model);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_SCALED_QUERY_H_
