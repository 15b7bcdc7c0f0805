#ifndef TARE_CLI_ENGINE_FLAGS_H_
#define TARE_CLI_ENGINE_FLAGS_H_

#include <CLI/CLI.hpp>

#include "tare/generate.h"

namespace tare {

// Adds -t and -c, for every command that runs a model.
void AddEngineFlags(CLI::App& command, EngineOptions& options);

}  // namespace tare

#endif  // TARE_CLI_ENGINE_FLAGS_H_
