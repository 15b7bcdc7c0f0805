#ifndef TARE_OPENVINO_PASS_WORTH_PREPARING_H_
#define TARE_OPENVINO_PASS_WORTH_PREPARING_H_

#include <openvino/core/model.hpp>

namespace tare {

// False where no pass has anything to look at and no constant is large enough to be parked: Keras
// compiles such a model of a few nodes for each operation that it runs by itself, several times in
// a generation, and a copy of it costs more than compiling it.
bool IsWorthPreparing(const ov::Model& model);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_WORTH_PREPARING_H_
