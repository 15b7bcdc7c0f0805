#ifndef TARE_MODELS_FAMILIES_GRANITE_GRANITE_H_
#define TARE_MODELS_FAMILIES_GRANITE_GRANITE_H_

#include "models/family.h"

namespace tare {

// Granite 3, without experts: Llama with scales of its own. KerasHub has no class for it.
extern const Family kGraniteFamily;

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_GRANITE_GRANITE_H_
