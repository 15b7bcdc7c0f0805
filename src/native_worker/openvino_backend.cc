#include "native_worker/openvino_backend.h"

#include <filesystem>

#include "bench/rows/backends.h"

namespace tare {
namespace {

namespace fs = std::filesystem;

// The file in `folder` whose name begins so; empty if there is none.
fs::path Beginning(const fs::path& folder, const std::string& name) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().filename().string().starts_with(name)) return entry.path();
  }
  return {};
}

}  // namespace

Result<std::string> FindOpenVinoLibrary() {
  TARE_ASSIGN_OR_RETURN(const Backend* backend, FindBackend(kOpenVinoRow));
  const BackendState state = StateOf(*backend);
  const fs::path environment = fs::path(InterpreterOf(*backend)).parent_path().parent_path();
  const fs::path packages = Beginning(environment / "lib", "python3") / "site-packages";
  const fs::path library = Beginning(packages / "openvino" / "libs", "libopenvino_c.so");
  if (CanRun(state) && !library.empty()) return library.string();
  return Unsupported(
      "backend {} is {}, and {} has no openvino package; try: tare backends install {}",
      kOpenVinoRow, BackendStateName(state), environment.string(), kOpenVinoRow);
}

}  // namespace tare
