#ifndef TARE_OPENVINO_PASS_WORTH_PREPARING_H_
#define TARE_OPENVINO_PASS_WORTH_PREPARING_H_

#include <openvino/core/model.hpp>

namespace tare {

// False if no pass applies and no constant is large enough to move to disk. Keras compiles such a
// model of a few nodes for each single operation, several times per generation, and copying it
// costs more than compiling it.
bool IsWorthPreparing(const ov::Model& model);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_WORTH_PREPARING_H_
