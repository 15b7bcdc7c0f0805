#ifndef TARE_MODELS_FAMILIES_PHI3_PHI3_H_
#define TARE_MODELS_FAMILIES_PHI3_PHI3_H_

#include "models/family.h"

namespace tare {

// Phi-3 to Phi-4-mini: Llama with joined projections, and rotation by the text's length.
extern const Family kPhi3Family;

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_PHI3_PHI3_H_
