#ifndef TARE_MODELS_FAMILIES_GPT2_GPT2_SHAPES_H_
#define TARE_MODELS_FAMILIES_GPT2_GPT2_SHAPES_H_

#include <vector>

#include "models/family.h"

namespace tare {

// See Family::named_shapes and Family::spell_shape.
std::vector<NamedShape> Gpt2Shapes(const Family& family);
Result<ModelShape> SpellGpt2(const Family& family, ShapeSettings& settings);

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_GPT2_GPT2_SHAPES_H_
