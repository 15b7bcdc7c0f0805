#ifndef TARE_OPENVINO_PASS_PREPARE_MODEL_H_
#define TARE_OPENVINO_PASS_PREPARE_MODEL_H_

#include <memory>
#include <openvino/core/model.hpp>

#include "openvino/policy/choices.h"

namespace tare {

// A copy of the model as the plugin is to have it: changed by the passes, as far as they are
// chosen; it shares the constants' bytes. The model itself is the program's, and stays as it is.
// Reports what was done. Null where OpenVINO refuses, or nothing would be changed.
std::shared_ptr<ov::Model> PrepareModel(const std::shared_ptr<const ov::Model>& model,
                                        const TrimChoices& choices);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_PREPARE_MODEL_H_
