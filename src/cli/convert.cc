#include "tools/convert/convert.h"

#include <fmt/ranges.h>

#include <chrono>
#include <cmath>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/count_text.h"
#include "base/error.h"
#include "base/say.h"
#include "base/units.h"
#include "base/wrap_text.h"
#include "bench/rows/model_cache.h"
#include "cli/commands.h"
#include "cli/model_argument.h"

namespace tare {
namespace {

static_assert(kExitUnsupported == kRefusedStatus, "`tare bench` knows refusals by their status");

struct ConvertFlags {
  ModelArgument source;  // and where to write
  std::string out;
  std::string to;
  std::string type;
  bool force = false;
};

Result<ConvertOptions> OptionsFrom(const ConvertFlags& flags) {
  ConvertOptions options;
  options.replace = flags.force;
  const bool is_gguf = std::string_view(flags.out).ends_with(".gguf");
  if (flags.to.empty() && !is_gguf) {
    return InvalidInput(
        "{}: no format given; add --to keras or --to hf, or choose a name that ends in .gguf",
        flags.out);
  }
  if (!flags.to.empty()) {
    TARE_ASSIGN_OR_RETURN(options.to, ModelFormatFromName(flags.to));
  }
  if (!flags.type.empty()) {
    TARE_ASSIGN_OR_RETURN(options.type, TypeMixFromName(flags.type));
  }
  return options;
}

std::string RoundingText(const Rounding& rounding) {
  if (rounding.changed == 0) return "exact: no number has changed";
  const double relative =
      rounding.squared > 0.0 ? std::sqrt(rounding.squared_error / rounding.squared) : 0.0;
  return fmt::format("lossy: {} of {} converted numbers were rounded, relative error {:.2g} (RMS)",
                     rounding.changed, rounding.values, relative);
}

void PrintSummary(const ConvertFlags& flags, const ConvertSummary& summary, double seconds) {
  for (const std::string& note : summary.notes) Say("tare: note: {}\n", note);
  std::string types;
  for (size_t i = 0; i < std::size(kAllDTypes); ++i) {
    if (summary.tensors_by_type[i] == 0) continue;
    types += fmt::format("{}{} {}", types.empty() ? "" : ", ", summary.tensors_by_type[i],
                         DTypeName(kAllDTypes[i]));
  }
  Say("{}: {}, {} ({}), {:.1f} MiB from {:.1f} MiB, {:.1f} s\n{}: {}\n", flags.out, summary.family,
      CountText(summary.tensors, "tensor"), types, ToMib(summary.target_bytes),
      ToMib(summary.source_bytes), seconds, flags.out, RoundingText(summary.rounding));
}

// "f32, f16, bf16", or the mixes of block types.
std::string WritableNames(bool of_blocks) {
  constexpr size_t kColumns = 62;  // beside the names of flags
  std::vector<std::string_view> names;
  for (const TypeMix& mix : TypeMixes()) {
    if (IsBlockQuantized(mix.base) == of_blocks) names.push_back(mix.name);
  }
  return WrapText(fmt::format("{}", fmt::join(names, ", ")), kColumns, 0);
}

Status RunConvert(ConvertFlags& flags) {
  TARE_RETURN_IF_ERROR(flags.source.Settle());
  if (!flags.source.other()) {
    return InvalidInput("convert: no file or folder to write; try: tare convert MODEL OUT");
  }
  flags.out = *flags.source.other();
  const auto start = std::chrono::steady_clock::now();
  TARE_ASSIGN_OR_RETURN(const ConvertOptions options, OptionsFrom(flags));
  TARE_ASSIGN_OR_RETURN(const ConvertSummary summary,
                        ConvertModel(flags.source.model(), flags.out, options));
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
  PrintSummary(flags, summary, passed.count());
  return {};
}

}  // namespace

void AddConvertCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<ConvertFlags>();
  CLI::App* command =
      app.add_subcommand("convert", "Convert a model between KerasHub, Hugging Face and GGUF");
  flags->source.AddTo(*command, "out", "Output: a .gguf file or a folder",
                      ModelArgument::Other::kFile);
  command->add_option("--to", flags->to,
                      "Output format: keras, hf or gguf; not needed if OUT ends in .gguf");
  command->add_option("--type", flags->type,
                      fmt::format("Type of the weights: {}; in GGUF also\n"
                                  "{};\ndefault: the source's types, or f32 for block types that "
                                  "the\noutput format lacks",
                                  WritableNames(false), WritableNames(true)));
  command->add_flag("--force", flags->force, "Replace existing output");
  command->footer(
      "Converts the weights, the configuration and the tokenizer. Prints whether any number was\n"
      "rounded, and what the output format cannot express.\n"
      "Examples:\n"
      "  tare convert preset model.gguf --type q8_0\n"
      "  tare convert model.gguf preset --to keras\n"
      "  tare convert preset folder --to hf --type bf16\n"
      "Exit status: 0 fine, 1 failed, 2 usage, 4 Tare or the output format does not support the "
      "model.");
  command->callback([flags, &context] {
    const Status status = RunConvert(*flags);
    if (status.ok()) return;
    context.Fail(status.error());
    if (status.error().code() == ErrorCode::kUnsupported) context.exit_code = kExitUnsupported;
  });
}

}  // namespace tare
