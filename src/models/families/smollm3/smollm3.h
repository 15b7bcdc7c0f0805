#ifndef TARE_MODELS_FAMILIES_SMOLLM3_SMOLLM3_H_
#define TARE_MODELS_FAMILIES_SMOLLM3_SMOLLM3_H_

#include "models/family.h"

namespace tare {

// SmolLM3: Llama without rotation in every fourth layer.
extern const Family kSmollm3Family;

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_SMOLLM3_SMOLLM3_H_
