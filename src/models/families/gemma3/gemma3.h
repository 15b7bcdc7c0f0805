#ifndef TARE_MODELS_FAMILIES_GEMMA3_GEMMA3_H_
#define TARE_MODELS_FAMILIES_GEMMA3_GEMMA3_H_

#include "models/family.h"

namespace tare {

// Gemma 3, its text model: norms as in Gemma 2 and of each head's query and key; five layers with a
// window and rotation of their own before each that sees all.
extern const Family kGemma3Family;

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_GEMMA3_GEMMA3_H_
