#ifndef TARE_MODELS_FAMILIES_QWEN3MOE_QWEN3MOE_H_
#define TARE_MODELS_FAMILIES_QWEN3MOE_QWEN3MOE_H_

#include "models/family.h"

namespace tare {

// Qwen 3 with experts: a mixture of them in place of the MLP, in all layers or some.
//   Source  Yang et al. 2025; same as transformers' Qwen3MoeForCausalLM.
extern const Family kQwen3MoeFamily;

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_QWEN3MOE_QWEN3MOE_H_
