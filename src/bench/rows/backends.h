#ifndef TARE_BENCH_ROWS_BACKENDS_H_
#define TARE_BENCH_ROWS_BACKENDS_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "os/child_process.h"

namespace tare {

// The make of a row's GPU; kNone: the row runs on the CPU.
enum class GpuKind { kNone, kNvidia, kIntel };

// The parts of `tare run` that a row's worker runs under.
enum class TrimKind {
  kNone,
  kLean,      // only lean loading
  kOpenVino,  // lean loading, and the hook in the row's OpenVINO
};

// A row that `tare bench` can measure. docs/adding_a_backend.md explains how to add one.
struct Backend {
  std::string_view name;
  std::string_view summary;
  std::string_view script;        // in the workers' folder; empty: this program is the worker
  std::string_view requirements;  // in the workers' folder; empty: nothing to install
  std::string_view packages[3];   // packages whose versions are shown; empty ones end the list
  std::string_view device;
  bool needs_compiler = false;     // installing builds some of its packages
  std::string_view argument = {};  // the worker's first argument, before descriptors
  // Install only the requirements, without their dependencies.
  bool without_dependencies = false;
  // Model forms that it reads (ModelFacts::form), preferred one first; empty ones end the list.
  std::string_view forms[3] = {"gguf"};
  // A script in the workers' folder that converts a model in one of these forms to the engine's own
  // files for the worker. Empty: the worker reads the forms themselves.
  std::string_view prepare = {};
  // Weight precisions that it offers besides the model's own; empty ones end the list. None: every
  // type in a GGUF file, if it reads those.
  std::string_view precisions[4] = {};
  // The row whose installation it uses; empty: its own.
  std::string_view environment = {};
  // A C++ file in the workers' folder, compiled against the installed packages: see ShimPath.
  std::string_view shim = {};
  GpuKind gpu = GpuKind::kNone;
  TrimKind trim = TrimKind::kNone;
  // Exactly one row is the reference: its tokens are compared with the other rows' tokens, and its
  // worker describes models.
  bool reference = false;
};

std::span<const Backend> AllBackends();
const Backend& ReferenceBackend();
// Errors: InvalidInput with the closest name.
Result<const Backend*> FindBackend(std::string_view name);
// The same row on a GPU, named NAME:gpu; nullptr if there is none or this row already runs on a
// GPU.
const Backend* OnGpu(const Backend& backend);

enum class BackendState {
  kBuiltIn,
  kOverridden,  // the environment names an interpreter
  kInstalled,
  kOutdated,    // installed from older requirements or an older shim
  kIncomplete,  // an installation was interrupted
  kMissing,
};
std::string_view BackendStateName(BackendState state);
BackendState StateOf(const Backend& backend);
inline bool CanRun(BackendState state) {
  return state == BackendState::kBuiltIn || state == BackendState::kOverridden ||
         state == BackendState::kInstalled;
}

// Errors: Unsupported if it cannot run, with how to install it.
Status CheckCanRun(const Backend& backend);

// The worker's command line, including `--fd-in 3 --fd-out 4`. Errors: Unsupported if it cannot
// run, with how to install it.
Result<Command> WorkerCommand(const Backend& backend);
// A command to run once before any measurement, so that workers find their hook already built;
// nullopt if there is nothing to build. Errors: as WorkerCommand.
Result<std::optional<Command>> BeforehandCommand(const Backend& backend);
// The command that runs `prepare`. The caller adds FOLDER OUT and, for a requested precision,
// `--precision NAME`. Precondition: the backend has `prepare`. Errors: as WorkerCommand.
Result<Command> PrepareCommand(const Backend& backend);
// Identifies PrepareCommand's output by the text of the script and of the requirements.
std::string PrepareId(const Backend& backend);

// The interpreter of the backend's environment, or the one named by the environment variable
// InterpreterVariable(backend). A backend with a shim ignores the variable, because it needs the
// installed interpreter.
std::string InterpreterOf(const Backend& backend);
std::string InterpreterVariable(const Backend& backend);  // TARE_BACKEND_LLAMA_CPP_PYTHON

// `${TARE_HOME:-${XDG_DATA_HOME:-~/.local/share}/tare}/backends/NAME`. NAME is the row whose
// installation it uses, with colons replaced by dashes.
std::string BackendFolder(const Backend& backend);
// The `site-packages` in the backend's folder; empty if there is none.
std::string PackagesFolder(const Backend& backend);
// The library compiled from its shim. The name changes with the shim's text.
std::string ShimPath(const Backend& backend);
// The folder of the Python workers: $TARE_WORKERS_DIR, else in the installed tree.
std::string WorkersFolder();
// Identifies the text of the backend's requirements; empty if they cannot be read.
std::string RequirementsId(const Backend& backend);
// The file that marks a complete installation; it holds the RequirementsId.
std::string StampPath(const Backend& backend);

}  // namespace tare

#endif  // TARE_BENCH_ROWS_BACKENDS_H_
