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
          "Threads; default: one per physical core that this process may use, but no\n"
          "more than its CPU quota allows")
      ->check(WholeNumber(1, kMaxThreads, "the default"));
  // How large it may be is known only once the model is: the engine checks it.
  command
      .add_option("-c,--context", options.max_context,
                  "Context in tokens, at most the model's own; default: 0, the model's own")
      ->check(WholeNumberWithin("from 0 to the model's context"));
}

}  // namespace tare
