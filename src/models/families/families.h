#ifndef TARE_MODELS_FAMILIES_FAMILIES_H_
#define TARE_MODELS_FAMILIES_FAMILIES_H_

#include <span>

#include "models/family.h"

namespace tare {

// All families, in the order in which messages name them.
std::span<const Family* const> Families();

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_FAMILIES_H_
