#ifndef TARE_TOOLS_SYNTH_SYNTH_SHAPES_H_
#define TARE_TOOLS_SYNTH_SYNTH_SHAPES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "tools/convert/keras_preset_variables.h"

namespace tare {

// A model's sizes; of a Llama too, `context` is generate()'s max_length.
struct SynthShape {
  std::string name;
  std::string alias;  // another name it goes by; may be empty
  KerasBackbone backbone;
  size_t context = 0;
};

// The four sizes of GPT-2, and small shapes of both families.
std::vector<SynthShape> NamedSynthShapes();

// A named shape, or one spelt out: "gpt2:layers=3,heads=6,width=90", "llama3:kv_heads=2,tied=true".
// What is not said is as in gpt2_tiny or llama3_tiny; an inner width, four times the width.
//   Errors  InvalidInput, naming the shapes or keys there are; sizes that no graph has.
Result<SynthShape> ParseSynthShape(std::string_view text);

// Elements of all variables.
uint64_t CountParameters(const SynthShape& shape);

// A line for each named shape: name, alias, parameters, bytes in f32.
std::string ListSynthShapes();

}  // namespace tare

#endif  // TARE_TOOLS_SYNTH_SYNTH_SHAPES_H_
