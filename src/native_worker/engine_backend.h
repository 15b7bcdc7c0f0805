#ifndef TARE_NATIVE_WORKER_ENGINE_BACKEND_H_
#define TARE_NATIVE_WORKER_ENGINE_BACKEND_H_

#include <string>
#include <string_view>

#include "base/error.h"
#include "tare/generate.h"

namespace tare {

// What runs the engine's graphs: the values of `--backend`, named like the backends of `tare
// bench`.
enum class EngineBackend { kNative, kOpenVino };

std::string_view EngineBackendName(EngineBackend backend);
// Errors: InvalidInput, with the name that was probably meant.
Result<EngineBackend> FindEngineBackend(std::string_view name);

// Loads a model for the backend. `options` names no library yet.
//   Errors  those of FindOpenVinoLibrary and Engine::Load; InvalidInput for options that the
//   backend
//           does not have.
Result<Engine> LoadEngine(EngineBackend backend, const std::string& model, EngineOptions options);

}  // namespace tare

#endif  // TARE_NATIVE_WORKER_ENGINE_BACKEND_H_
