#ifndef TARE_OPENVINO_PASS_AXIS_SYMBOLS_H_
#define TARE_OPENVINO_PASS_AXIS_SYMBOLS_H_

#include <memory>
#include <openvino/core/dimension.hpp>
#include <openvino/core/model.hpp>

namespace tare {

// Gives every dynamic length an OpenVINO symbol, and lets shape inference carry the symbols through
// the graph. Two axes with the same symbol are equally long in every run. A body's inputs get
// symbols of their own, because their values change between iterations.
void NameLengths(const std::shared_ptr<ov::Model>& model);

// Whether two axes are equally long in every run; false if that is unknown.
bool SameLength(const ov::Dimension& a, const ov::Dimension& b);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_AXIS_SYMBOLS_H_
