#include "cli/engine_flags.h"

#include <cstdint>

#include "cli/number_range.h"
#include "os/cpu_topology.h"

namespace tare {

void AddEngineFlags(CLI::App& command, EngineOptions& options) {
  command
      .add_option_function<int64_t>(
          "-t,--threads",
          [&options](int64_t threads) {
            options.threads = threads < 0 ? 0 : static_cast<size_t>(threads);
          },
          "Number of threads; default: one per physical core that this process may use,\n"
          "within its CPU quota")
      ->check(WholeNumber(1, kMaxThreads, "the default"));
  // The largest value depends on the model, so the engine checks it.
  command
      .add_option("-c,--context", options.max_context,
                  "Context length in tokens; default: 0, the model's own (the maximum)")
      ->check(WholeNumberWithin("from 0 to the model's context"));
}

}  // namespace tare
