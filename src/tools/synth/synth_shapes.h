#ifndef TARE_TOOLS_SYNTH_SYNTH_SHAPES_H_
#define TARE_TOOLS_SYNTH_SYNTH_SHAPES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "models/family.h"

namespace tare {

// What a preset is made of.
struct SynthShape {
  std::string name;
  std::string alias;  // another name it goes by; may be empty
  ModelShape backbone;

  // generate()'s max_length, where the backbone names no context.
  size_t context() const { return backbone.model->sizes().max_context; }
};

// Shapes of every family.
std::vector<SynthShape> NamedSynthShapes();

// A named shape, or one spelt out: a family as KerasHub calls its module, a colon, and settings
// such as "layers=3,heads=6,width=90". What is not said is as in the family's smallest shape; an
// inner width, four times the width.
//   Errors  InvalidInput, naming the shapes or keys there are; sizes that no graph has.
Result<SynthShape> ParseSynthShape(std::string_view text);

// Elements of all variables.
uint64_t CountParameters(const SynthShape& shape);

// A line for each named shape: name, alias, parameters, bytes in f32.
std::string ListSynthShapes();

// How shapes are spelt out, for help: what each may begin with, and the keys it may set.
std::string SynthSpellings();
std::string SynthShapeKeys();

}  // namespace tare

#endif  // TARE_TOOLS_SYNTH_SYNTH_SHAPES_H_
