#ifndef TARE_MODELS_FAMILIES_LLAMA_LLAMA_H_
#define TARE_MODELS_FAMILIES_LLAMA_LLAMA_H_

#include "models/family.h"

namespace tare {

// Llama 1 to 3 and other models with the same graph, which is that of models/decoder. In KerasHub,
// only Llama 3.
extern const Family kLlamaFamily;

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_LLAMA_LLAMA_H_
