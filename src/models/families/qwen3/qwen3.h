#ifndef TARE_MODELS_FAMILIES_QWEN3_QWEN3_H_
#define TARE_MODELS_FAMILIES_QWEN3_QWEN3_H_

#include "models/family.h"

namespace tare {

// Qwen 3: Llama with a norm of each head's query and key.
extern const Family kQwen3Family;

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_QWEN3_QWEN3_H_
