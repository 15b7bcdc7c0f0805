#include "cli/sampling_flags.h"

#include <charconv>
#include <string_view>

#include "cli/number_range.h"
#include "runtime/sampler.h"

namespace tare {
namespace {

// Far above any temperature that makes a difference, and exact in f32.
constexpr double kMaxTemperature = 1e6;

Status RefuseUnless(bool has_it, bool given, std::string_view flag, const std::string& sampler) {
  if (has_it || !given) return {};
  return InvalidInput("{}: the sampler {} has no such option; leave it out", flag, sampler);
}

Result<int32_t> ParseId(std::string_view text) {
  int32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return InvalidInput(
        "--stop-token-ids: got \"{}\", expected \"auto\", \"none\" or ids separated by commas",
        text);
  }
  return id;
}

}  // namespace

void SamplingFlags::AddTo(CLI::App& command) {
  command.add_option("--sampler", sampler,
                     "KerasHub's sampler of this name: greedy, random, top_k, top_p, beam or\n"
                     "contrastive; default: temperature, top-k and top-p together");
  command
      .add_option("--temperature", temperature,
                  "Randomness of the choice; 0 always takes the likeliest token;\n"
                  "default: 0, or 1 with --sampler")
      ->check(RealNumber(0, kMaxTemperature));
  command
      .add_option("--top-k", top_k,
                  "Choose among the K likeliest tokens; 0 means all; default: 0, or 5 with\n"
                  "--sampler top_k or contrastive")
      ->check(WholeNumber(0, kMaxTokenCount));
  command
      .add_option("--top-p", top_p,
                  "Choose among the likeliest tokens whose probabilities add up to P;\n"
                  "default: 1, or 0.1 with --sampler top_p")
      ->check(RealNumber(0, 1));
  command.add_option("--beams", beams, "With --sampler beam: number of beams; default: 5")
      ->check(WholeNumber(1, kMaxHypotheses));
  command
      .add_option("--alpha", alpha,
                  "With --sampler contrastive: weight of the penalty for similarity to\n"
                  "earlier tokens; default: 0.6")
      ->check(RealNumber(0, 1));
  command
      .add_option_function<std::string>(
          "--seed",
          [this](const std::string& text) {
            seed = SeedFrom(text);
            drew_seed = text == "-1";
          },
          "Random seed; -1 draws one and prints it on stderr")
      ->type_name("UINT")
      ->check(SeedNumber())
      ->default_str("0");
  command
      .add_option("--stop-token-ids", stop_token_ids,
                  "Tokens that end the generation: \"auto\" (the model's own), \"none\" or\n"
                  "ID,ID,…")
      ->capture_default_str();
}

Result<SamplingOptions> SamplingFlags::Sampling() const {
  SamplingOptions options;
  const std::string name = sampler.value_or("(none given)");
  if (sampler) {
    TARE_ASSIGN_OR_RETURN(const SamplerKind kind, SamplerKindFromName(*sampler));
    options = DefaultSampling(kind);
    const bool has_top_k = kind == SamplerKind::kTopK || kind == SamplerKind::kTopP ||
                           kind == SamplerKind::kContrastive;
    TARE_RETURN_IF_ERROR(RefuseUnless(has_top_k, top_k.has_value(), "--top-k", name));
    TARE_RETURN_IF_ERROR(
        RefuseUnless(kind == SamplerKind::kTopP, top_p.has_value(), "--top-p", name));
  }
  const bool beam = options.kind == SamplerKind::kBeam;
  const bool contrastive = options.kind == SamplerKind::kContrastive;
  TARE_RETURN_IF_ERROR(RefuseUnless(beam, beams.has_value(), "--beams", name));
  TARE_RETURN_IF_ERROR(RefuseUnless(contrastive, alpha.has_value(), "--alpha", name));
  options.temperature = temperature.value_or(options.temperature);
  options.top_k = top_k.value_or(options.top_k);
  options.top_p = top_p.value_or(options.top_p);
  options.beams = beams.value_or(options.beams);
  options.alpha = alpha.value_or(options.alpha);
  options.seed = seed;
  TARE_RETURN_IF_ERROR(CheckSampling(options));
  return options;
}

Result<std::optional<std::vector<int32_t>>> SamplingFlags::StopTokenIds() const {
  std::optional<std::vector<int32_t>> ids;
  if (stop_token_ids == "auto") return ids;
  ids.emplace();
  if (stop_token_ids == "none") return ids;
  std::string_view rest = stop_token_ids;
  while (true) {
    const size_t comma = rest.find(',');
    TARE_ASSIGN_OR_RETURN(const int32_t id, ParseId(rest.substr(0, comma)));
    ids->push_back(id);
    if (comma == std::string_view::npos) return ids;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace tare
