#include "native_worker/engine_backend.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/closest_name.h"
#include "bench/results/document.h"
#include "native_worker/openvino_backend.h"

namespace tare {
namespace {

constexpr std::string_view kNames[] = {kNativeRow, kOpenVinoRow};  // of EngineBackend

}  // namespace

std::string_view EngineBackendName(EngineBackend backend) {
  return kNames[static_cast<size_t>(backend)];
}

Result<EngineBackend> FindEngineBackend(std::string_view name) {
  const auto* found = std::ranges::find(kNames, name);
  if (found == std::end(kNames)) {
    return InvalidInput("there is no backend \"{}\" here; {}", name, NameAdvice(name, kNames));
  }
  return static_cast<EngineBackend>(found - std::begin(kNames));
}

Result<Engine> LoadEngine(EngineBackend backend, const std::string& model, EngineOptions options) {
  if (backend == EngineBackend::kOpenVino) {
    TARE_ASSIGN_OR_RETURN(options.openvino_library, FindOpenVinoLibrary());
  } else if (!options.openvino_measures.empty()) {
    return InvalidInput("--openvino-measures {}: backend {} takes none; try: --backend openvino",
                        options.openvino_measures, EngineBackendName(backend));
  }
  return Engine::Load(model, options);
}

}  // namespace tare
