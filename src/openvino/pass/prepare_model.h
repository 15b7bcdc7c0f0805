#ifndef TARE_OPENVINO_PASS_PREPARE_MODEL_H_
#define TARE_OPENVINO_PASS_PREPARE_MODEL_H_

#include <memory>
#include <openvino/core/model.hpp>

#include "openvino/policy/choices.h"

namespace tare {

// A copy of the model for the plugin, changed by the chosen passes. It shares the constants' bytes.
// The program's own model does not change. Reports what was done. Null if OpenVINO refuses a change
// or there is nothing to change.
std::shared_ptr<ov::Model> PrepareModel(const std::shared_ptr<const ov::Model>& model,
                                        const TrimChoices& choices);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_PREPARE_MODEL_H_
