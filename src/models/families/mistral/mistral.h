#ifndef TARE_MODELS_FAMILIES_MISTRAL_MISTRAL_H_
#define TARE_MODELS_FAMILIES_MISTRAL_MISTRAL_H_

#include "models/family.h"

namespace tare {

// Mistral 7B to Nemo: Llama with a window of keys, which only some versions have. GGUF files call
// it llama, without the window.
extern const Family kMistralFamily;

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_MISTRAL_MISTRAL_H_
