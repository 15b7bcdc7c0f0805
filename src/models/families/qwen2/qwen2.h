#ifndef TARE_MODELS_FAMILIES_QWEN2_QWEN2_H_
#define TARE_MODELS_FAMILIES_QWEN2_QWEN2_H_

#include "models/family.h"

namespace tare {

// Qwen 2 and 2.5, and the distilled DeepSeek-R1 models made of them: Llama with biases at query,
// key and value.
extern const Family kQwen2Family;

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_QWEN2_QWEN2_H_
