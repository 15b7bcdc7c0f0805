#ifndef TARE_OPENVINO_PASS_AXIS_SYMBOLS_H_
#define TARE_OPENVINO_PASS_AXIS_SYMBOLS_H_

#include <memory>
#include <openvino/core/dimension.hpp>
#include <openvino/core/model.hpp>

namespace tare {

// Gives every length that is known only at run time a symbol of OpenVINO's, and lets its shape
// inference carry them through the graph: two axes of one symbol are equally long in every run.
// A body's inputs begin with symbols of their own, since what they hold changes from turn to turn.
void NameLengths(const std::shared_ptr<ov::Model>& model);

// Whether two axes are equally long in every run. False where it cannot be told.
bool SameLength(const ov::Dimension& a, const ov::Dimension& b);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_AXIS_SYMBOLS_H_
