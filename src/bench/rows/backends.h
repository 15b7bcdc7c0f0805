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

// What a row's GPU is of; kNone: it runs on the CPU.
enum class GpuKind { kNone, kNvidia, kIntel };

// What of `tare run` a row's worker is run under.
enum class TrimKind {
  kNone,
  kLean,      // lean loading alone
  kOpenVino,  // lean loading, and the hook in its OpenVINO
};

// A row that `tare bench` can weigh. docs/adding_a_backend.md adds one.
struct Backend {
  std::string_view name;
  std::string_view summary;
  std::string_view script;        // in the workers' folder; empty: this program is the worker
  std::string_view requirements;  // in the workers' folder; empty: nothing is to be installed
  std::string_view packages[3];   // whose versions are shown; empty ones end the list
  std::string_view device;
  bool needs_compiler = false;     // some of its packages are built on installing
  std::string_view argument = {};  // the worker's first, before the descriptors; empty: none
  // The requirements are all that is installed, whatever the packages in them ask for.
  bool without_dependencies = false;
  // Forms of models that it reads (ModelFacts::form), the preferred first; empty ones end the list.
  std::string_view forms[3] = {"gguf"};
  // In the workers' folder: writes a model that lies in one of the forms as the engine's own files,
  // which its worker is given. Empty: the worker reads the forms themselves.
  std::string_view prepare = {};
  // Of weights, that it can be asked for besides the model's own; empty ones end the list. None:
  // whatever a GGUF file holds, if it reads those.
  std::string_view precisions[4] = {};
  // The row whose installation it uses; empty: its own.
  std::string_view environment = {};
  // C++ in the workers' folder that installing compiles against what was installed: see ShimPath.
  std::string_view shim = {};
  GpuKind gpu = GpuKind::kNone;
  TrimKind trim = TrimKind::kNone;
  // Tokens of the other rows are compared with its, and its worker describes models. One row is.
  bool reference = false;
};

std::span<const Backend> AllBackends();
const Backend& ReferenceBackend();
// Errors: InvalidInput, with the name that was probably meant.
Result<const Backend*> FindBackend(std::string_view name);
// The same row on a GPU, named NAME:gpu; nullptr where it has no such form, or is one.
const Backend* OnGpu(const Backend& backend);

enum class BackendState {
  kBuiltIn,
  kOverridden,  // an interpreter is named by the environment
  kInstalled,
  kOutdated,    // installed from other requirements, or another shim, than the present ones
  kIncomplete,  // an installation was cut short
  kMissing,
};
std::string_view BackendStateName(BackendState state);
BackendState StateOf(const Backend& backend);
inline bool CanRun(BackendState state) {
  return state == BackendState::kBuiltIn || state == BackendState::kOverridden ||
         state == BackendState::kInstalled;
}

// Errors: Unsupported where it cannot, saying how to install it.
Status CheckCanRun(const Backend& backend);

// How its worker is started, `--fd-in 3 --fd-out 4` included. Errors: Unsupported when it cannot
// be, saying how to install it.
Result<Command> WorkerCommand(const Backend& backend);
// What is run once before anything is weighed, so that a worker finds its hook built; nullopt where
// there is nothing to build. Errors: as WorkerCommand.
Result<std::optional<Command>> BeforehandCommand(const Backend& backend);
// How its `prepare` is started; FOLDER OUT and, where one is asked for, `--precision NAME` are to
// be added. Precondition: it has one. Errors: as WorkerCommand.
Result<Command> PrepareCommand(const Backend& backend);
// Identifies what PrepareCommand makes: the text of the script and of the requirements.
std::string PrepareId(const Backend& backend);

// The interpreter of the backend's environment, or the one that the environment variable
// InterpreterVariable(backend) names. A backend with a shim needs the one that was installed, and
// does not look at the variable.
std::string InterpreterOf(const Backend& backend);
std::string InterpreterVariable(const Backend& backend);  // TARE_BACKEND_LLAMA_CPP_PYTHON

// `${TARE_HOME:-${XDG_DATA_HOME:-~/.local/share}/tare}/backends/NAME`, where the name is that of
// the row whose installation it uses, a colon in it as a dash.
std::string BackendFolder(const Backend& backend);
// The `site-packages` of the backend's folder; empty where there is none.
std::string PackagesFolder(const Backend& backend);
// The library that its shim becomes; the name changes with the shim's text.
std::string ShimPath(const Backend& backend);
// Where the Python workers lie: $TARE_WORKERS_DIR, else in the installed tree.
std::string WorkersFolder();
// Identifies the text of the backend's requirements; empty if they cannot be read.
std::string RequirementsId(const Backend& backend);
// The file that marks an installation as whole; it holds the RequirementsId.
std::string StampPath(const Backend& backend);

}  // namespace tare

#endif  // TARE_BENCH_ROWS_BACKENDS_H_
