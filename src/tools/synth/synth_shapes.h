#ifndef TARE_TOOLS_SYNTH_SYNTH_SHAPES_H_
#define TARE_TOOLS_SYNTH_SYNTH_SHAPES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "models/family.h"
#include "models/tensor_table.h"

namespace tare {

// The shape of a model to synthesise.
struct SynthShape {
  std::string name;
  std::string alias;  // another name; may be empty
  ModelShape backbone;

  // For a preset the default max_length of generate(), if the backbone has no context.
  size_t context() const { return backbone.model->sizes().max_context; }
  // KerasHub's or Hugging Face's.
  ModelFormat format() const { return SynthesisFormat(backbone.model->family()); }
};

// Shapes of every family.
std::vector<SynthShape> NamedSynthShapes();

// A named shape, or a spelled-out one: the name of the family's KerasHub module or, of the shared
// decoder, its shape_name, a colon, and settings such as "layers=3,heads=6,width=90". Missing
// settings are those of the family's smallest shape; the default inner width is four times the
// width.
//   Errors  InvalidInput for an unknown name or key, with the known ones, and for impossible sizes.
Result<SynthShape> ParseSynthShape(std::string_view text);

// Every tensor of the model in the shape's format, in the order in which Tare writes them.
std::vector<TensorSpec> SynthTensors(const SynthShape& shape);

// Elements of all tensors.
uint64_t CountParameters(const SynthShape& shape);

// One line per named shape: name, alias, parameters, bytes in f32, format.
std::string ListSynthShapes();

// How to spell out shapes, for the help: the possible beginnings, and the keys.
std::string SynthSpellings();
std::string SynthShapeKeys();
// Which families come in which format, for the help.
std::string SynthFormats();

}  // namespace tare

#endif  // TARE_TOOLS_SYNTH_SYNTH_SHAPES_H_
