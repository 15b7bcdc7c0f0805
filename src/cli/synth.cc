#include "tools/synth/synth.h"

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/units.h"
#include "cli/commands.h"
#include "cli/number_range.h"
#include "cli/output.h"
#include "cli/usage.h"

namespace tare {
namespace {

struct SynthCommandOptions {
  std::string shape;
  std::string out;
  SynthOptions synth;
  std::string dtype = "f32";
  bool force = false;
  bool list = false;
};

Status RunSynth(SynthCommandOptions options) {
  if (options.list) return WriteStdout(ListSynthShapes());
  if (options.out.empty()) {
    return InvalidInput(
        "synth needs a shape and a folder: tare synth SHAPE OUT; --list shows the "
        "shapes");
  }
  TARE_ASSIGN_OR_RETURN(const SynthShape shape, ParseSynthShape(options.shape));
  if (options.force) options.synth.old = OldFolder::kReplace;
  for (const DTypeRow& row : kDTypeRows) {
    if (row.name == options.dtype) options.synth.dtype = row.type;
  }
  TARE_RETURN_IF_ERROR(SynthesizeModel(shape, options.out, options.synth));
  const uint64_t parameters = CountParameters(shape);
  const uint64_t bytes = parameters * BlockBytes(options.synth.dtype);
  return WriteStdout(fmt::format("{}: {}, {} parameters, {:.1f} MiB of {}, seed {}\n", options.out,
                                 shape.name, parameters, ToMib(bytes), options.dtype,
                                 options.synth.seed));
}

std::vector<std::string> FloatTypeNames() {
  std::vector<std::string> names;
  for (const DTypeRow& row : kDTypeRows) {
    if (row.kind == DTypeKind::kFloat) names.emplace_back(row.name);
  }
  return names;
}

}  // namespace

void AddSynthCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<SynthCommandOptions>();
  CLI::App* command = app.add_subcommand(
      "synth", "Make a model of any size, with random weights and a working tokenizer");
  command->add_option("shape", options->shape, "Shape: a name from --list, or " + SynthSpellings());
  command->add_option("out", options->out, "Folder to write the model to");
  command->add_flag("--list", options->list, "List the named shapes and their formats");
  command
      ->add_option_function<std::string>(
          "--seed", [options](const std::string& text) { options->synth.seed = SeedFrom(text); },
          "Random seed; the same seed gives the same bytes; -1 draws one;\n"
          "default: 0")
      ->type_name("UINT")
      ->check(SeedNumber());
  command->add_option("--dtype", options->dtype, "Type of the weights; default: f32")
      ->check(OneOf(FloatTypeNames()));
  command->add_option("--vocabulary", options->synth.vocabulary,
                      "Folder of a tokenizer to use: vocabulary.json and merges.txt, or\n"
                      "GPT-2's encoder.json and vocab.bpe; default: a tokenizer trained on a\n"
                      "built-in text");
  command->add_flag("--force", options->force, "Replace an existing model");
  command->footer(SynthFormats() + SynthShapeKeys() +
                  "Examples:\n"
                  "  tare synth gpt2_medium_en medium --vocabulary ~/.cache/tare/gpt2_vocabulary\n"
                  "  tare synth llama3-tiny tiny --dtype bf16 --seed 7\n"
                  "  tare synth gpt2:layers=3,heads=6,width=90,vocabulary=997,context=64 odd");
  command->callback([options, &context] {
    const Status status = RunSynth(*options);
    if (!status.ok()) context.Fail(status.error());
  });
}

}  // namespace tare
