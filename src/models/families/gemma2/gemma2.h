#ifndef TARE_MODELS_FAMILIES_GEMMA2_GEMMA2_H_
#define TARE_MODELS_FAMILIES_GEMMA2_GEMMA2_H_

#include "models/family.h"

namespace tare {

// Gemma 2: norms before and after attention and MLP, soft caps, and windows in every other layer.
extern const Family kGemma2Family;

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_GEMMA2_GEMMA2_H_
