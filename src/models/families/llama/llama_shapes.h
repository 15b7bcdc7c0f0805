#ifndef TARE_MODELS_FAMILIES_LLAMA_LLAMA_SHAPES_H_
#define TARE_MODELS_FAMILIES_LLAMA_LLAMA_SHAPES_H_

#include <vector>

#include "models/family.h"

namespace tare {

// See Family::named_shapes and Family::spell_shape.
std::vector<NamedShape> LlamaShapes();
Result<ModelShape> SpellLlama(ShapeSettings& settings);

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_LLAMA_LLAMA_SHAPES_H_
