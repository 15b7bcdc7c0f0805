#include "tools/synth/synth_shapes.h"

#include <fmt/ranges.h>

#include <utility>
#include <vector>

#include "base/closest_name.h"
#include "base/wrap_text.h"
#include "format/quote.h"
#include "models/decoder/decoder_rules.h"
#include "models/families/families.h"

namespace tare {
namespace {

// A family whose models can be synthesised, and what its spelled-out shapes begin with.
struct SpelledFamily {
  std::string_view name;
  const Family* family;
};

std::vector<SpelledFamily> SpelledFamilies() {
  std::vector<SpelledFamily> spelled;
  for (const Family* family : Families()) {
    if (family->named_shapes(*family).empty()) continue;
    const bool is_decoder = family->decoder != nullptr;
    spelled.push_back({is_decoder ? family->decoder->shape_name : family->keras_module, family});
  }
  return spelled;
}

Result<SynthShape> SpellShape(std::string_view text, size_t colon) {
  const std::string_view name = text.substr(0, colon);
  TARE_ASSIGN_OR_RETURN(ShapeSettings settings, ShapeSettings::Parse(text.substr(colon + 1)));
  std::vector<std::string_view> names;
  for (const SpelledFamily& spelled : SpelledFamilies()) {
    names.push_back(spelled.name);
    if (spelled.name != name) continue;
    TARE_ASSIGN_OR_RETURN(ModelShape backbone,
                          spelled.family->spell_shape(*spelled.family, settings));
    return SynthShape{std::string(text), "", std::move(backbone)};
  }
  return InvalidInput("there is no family {}; {}", Quote(name), NameAdvice(name, names));
}

}  // namespace

std::vector<SynthShape> NamedSynthShapes() {
  std::vector<SynthShape> shapes;
  for (const Family* family : Families()) {
    for (NamedShape& named : family->named_shapes(*family)) {
      shapes.push_back({std::move(named.name), std::move(named.alias), std::move(named.shape)});
    }
  }
  return shapes;
}

Result<SynthShape> ParseSynthShape(std::string_view text) {
  std::vector<SynthShape> shapes = NamedSynthShapes();
  std::vector<std::string_view> names;
  for (SynthShape& shape : shapes) {
    if (text == shape.name || (!shape.alias.empty() && text == shape.alias)) {
      return std::move(shape);
    }
    names.push_back(shape.name);
  }
  const size_t colon = text.find(':');
  if (colon != std::string_view::npos) return SpellShape(text, colon);
  return InvalidInput(
      "there is no shape {}; {}; tare synth --list shows all, and shapes can be spelled out, "
      "such as {}:layers=3,heads=6,width=90",
      Quote(text), NameAdvice(text, names), SpelledFamilies().front().name);
}

std::vector<TensorSpec> SynthTensors(const SynthShape& shape) {
  const FamilyModel& model = *shape.backbone.model;
  return ListTensors(model.family().tensors, model.sizes(), shape.format(), shape.backbone.tied);
}

uint64_t CountParameters(const SynthShape& shape) {
  uint64_t parameters = 0;
  for (const TensorSpec& tensor : SynthTensors(shape)) parameters += tensor.shape.elements();
  return parameters;
}

std::string ListSynthShapes() {
  std::string text = fmt::format("{:<20} {:<12} {:>14} {:>12}  {}\n", "shape", "alias",
                                 "parameters", "MiB in f32", "format");
  for (const SynthShape& shape : NamedSynthShapes()) {
    const uint64_t parameters = CountParameters(shape);
    text += fmt::format("{:<20} {:<12} {:>14} {:>12.1f}  {}\n", shape.name, shape.alias, parameters,
                        static_cast<double>(parameters) * sizeof(float) / (1 << 20),
                        shape.format() == ModelFormat::kKeras ? "KerasHub" : "Hugging Face");
  }
  return text;
}

std::string SynthSpellings() {
  std::vector<std::string_view> names;
  for (const SpelledFamily& spelled : SpelledFamilies()) names.push_back(spelled.name);
  return fmt::format("FAMILY:KEY=VALUE,… (families: {})", fmt::join(names, ", "));
}

std::string SynthFormats() {
  std::vector<std::string_view> names;
  for (const SpelledFamily& spelled : SpelledFamilies()) {
    if (SynthesisFormat(*spelled.family) == ModelFormat::kHuggingFace)
      names.push_back(spelled.name);
  }
  return fmt::format("Writes a Hugging Face folder for {}; for all others a KerasHub preset.\n",
                     fmt::join(names, ", "));
}

std::string SynthShapeKeys() {
  std::string text = fmt::format("Keys: {}", ShapeSettings::kCommonKeys);
  for (const auto& [name, family] : SpelledFamilies()) {
    if (family->shape_keys.empty()) continue;
    const std::string more = fmt::format("for {} also {}", name, family->shape_keys);
    text += ";\n" + WrapText(more, kTextColumns - 1, 2);
  }
  return text + ".\n";
}

}  // namespace tare
