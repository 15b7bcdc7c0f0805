// Writes the logits of every position, f32 little-endian [T, V], for an oracle to compare:
//   tare_logits -m MODEL --ids 1,2,3 --out FILE [--step] [--passes …] [-t THREADS]
//   tare_logits -m MODEL --ids 1,2,3 --greedy N
// Runs the tokens all at once, or with --step one by one through the cache. With --greedy it
// generates N more tokens, ignoring the end of the text, and prints them.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "models/model.h"
#include "os/cpu_topology.h"
#include "passes/pass_manager.h"
#include "runtime/evaluator.h"
#include "runtime/executor.h"
#include "tare/generate.h"

namespace tare {
namespace {

struct Flags {
  std::string model;
  std::vector<int32_t> ids;
  std::string out;
  std::optional<size_t> greedy;
  std::string passes;
  size_t threads = PhysicalCoreCount();
  bool step = false;
};

Status PrintGreedy(const Flags& flags) {
  TARE_ASSIGN_OR_RETURN(Engine engine, Engine::Load(flags.model, {flags.threads, 0, flags.passes}));
  GenerateOptions options;
  options.new_tokens = flags.greedy;
  options.ignore_eos = true;
  TARE_ASSIGN_OR_RETURN(const GenerateResult result, engine.Generate(flags.ids, options));
  fmt::print("{}\n", fmt::join(result.ids, " "));
  return {};
}

Status WriteLogits(const Flags& flags) {
  TARE_ASSIGN_OR_RETURN(const CpuIsa isa, ChooseCpuIsa());
  TARE_ASSIGN_OR_RETURN(const Model model, Model::Open(flags.model));
  TARE_ASSIGN_OR_RETURN(const PassSelection passes, PassSelection::Parse(flags.passes));
  TARE_ASSIGN_OR_RETURN(Graph graph, model.BuildGraph(LogitsFor::kAllTokens));
  KernelEvaluator evaluator(KernelsFor(isa));
  TARE_RETURN_IF_ERROR(RunPasses(passes, &evaluator, &graph));
  ThreadPool pool(flags.threads);
  TARE_ASSIGN_OR_RETURN(Executor executor, Executor::Create(std::move(graph), KernelsFor(isa), pool,
                                                            passes.Enabled(kReuseMemory)));
  TARE_ASSIGN_OR_RETURN(KvCache cache,
                        KvCache::Create(executor.CacheSlotElements(), flags.ids.size()));
  std::ofstream out(flags.out, std::ios::binary);
  const size_t at_once = flags.step ? 1 : flags.ids.size();
  for (size_t i = 0; i < flags.ids.size(); i += at_once) {
    TARE_ASSIGN_OR_RETURN(const std::span<const float> logits,
                          executor.Run(std::span(flags.ids).subspan(i, at_once), cache));
    out.write(reinterpret_cast<const char*>(logits.data()),
              static_cast<std::streamsize>(logits.size_bytes()));
  }
  out.close();
  if (!out) return IoError("{}: cannot be written", flags.out);
  return {};
}

}  // namespace
}  // namespace tare

int main(int argc, char** argv) {
  tare::Flags flags;
  CLI::App app("Logits of every position", "tare_logits");
  app.add_option("-m,--model", flags.model)->required();
  app.add_option("--ids", flags.ids)->required()->delimiter(',');
  CLI::Option* const out = app.add_option("--out", flags.out);
  app.add_option("--greedy", flags.greedy)->excludes(out);
  app.add_option("--passes", flags.passes);
  app.add_option("-t,--threads", flags.threads);
  app.add_flag("--step", flags.step);
  CLI11_PARSE(app, argc, argv);
  const tare::Status status = flags.greedy ? tare::PrintGreedy(flags) : tare::WriteLogits(flags);
  if (status.ok()) return 0;
  fmt::print(stderr, "tare_logits: {}\n", status.error().message());
  return 1;
}
