// Prints the tokens that a sampler may choose from a row of logits, and its choices, for an oracle:
//   tare_draws --logits FILE --sampler NAME [--temperature T] [--top-k K] [--top-p P] [--seed N] -n
//   N
// FILE is f32 little-endian [V]. Prints one line per possible token: id, probability, times drawn.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <bit>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/sampler.h"

namespace tare {
namespace {

struct Flags {
  std::string logits;
  std::string sampler;
  std::optional<float> temperature;
  std::optional<int32_t> top_k;
  std::optional<float> top_p;
  uint64_t seed = 0;
  size_t draws = 0;
};

static_assert(std::endian::native == std::endian::little);

Result<std::vector<float>> ReadLogits(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), {});
  if (!file || bytes.empty() || bytes.size() % sizeof(float) != 0) {
    return IoError("{}: expected f32 values", path);
  }
  std::vector<float> logits(bytes.size() / sizeof(float));
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(logits.data()));
  return logits;
}

Status Run(const Flags& flags) {
  TARE_ASSIGN_OR_RETURN(const std::vector<float> logits, ReadLogits(flags.logits));
  TARE_ASSIGN_OR_RETURN(const SamplerKind kind, SamplerKindFromName(flags.sampler));
  SamplingOptions options = DefaultSampling(kind);
  options.temperature = flags.temperature.value_or(options.temperature);
  options.top_k = flags.top_k.value_or(options.top_k);
  options.top_p = flags.top_p.value_or(options.top_p);
  options.seed = flags.seed;
  TARE_ASSIGN_OR_RETURN(Sampler sampler, Sampler::Create(options));
  std::map<int32_t, size_t> counts;
  for (size_t i = 0; i < flags.draws; ++i) {
    TARE_ASSIGN_OR_RETURN(const int32_t id, sampler.Sample(logits));
    ++counts[id];
  }
  TARE_ASSIGN_OR_RETURN(const auto candidates, sampler.Candidates(logits));
  for (const Sampler::Candidate& candidate : candidates) {
    fmt::print("{} {:.17g} {}\n", candidate.id, candidate.probability, counts[candidate.id]);
  }
  return {};
}

}  // namespace
}  // namespace tare

int main(int argc, char** argv) {
  tare::Flags flags;
  CLI::App app("Draws of a sampler", "tare_draws");
  app.add_option("--logits", flags.logits)->required();
  app.add_option("--sampler", flags.sampler)->required();
  app.add_option("--temperature", flags.temperature);
  app.add_option("--top-k", flags.top_k);
  app.add_option("--top-p", flags.top_p);
  app.add_option("--seed", flags.seed);
  app.add_option("-n,--draws", flags.draws)->required();
  CLI11_PARSE(app, argc, argv);
  const tare::Status status = tare::Run(flags);
  if (status.ok()) return 0;
  fmt::print(stderr, "tare_draws: {}\n", status.error().message());
  return 1;
}
