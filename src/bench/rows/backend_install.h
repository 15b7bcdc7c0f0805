#ifndef TARE_BENCH_ROWS_BACKEND_INSTALL_H_
#define TARE_BENCH_ROWS_BACKEND_INSTALL_H_

#include <functional>
#include <string_view>

#include "base/error.h"
#include "bench/rows/backends.h"
#include "os/interrupt.h"

namespace tare {

// Creates the backend's virtual environment and installs its pinned requirements with pip. Passes
// pip's output to `on_output`. The stamp is written last, and only an environment with a stamp
// counts as installed; an incomplete or outdated one is removed and created again. A shim is
// compiled after the packages; if only the shim is outdated, the packages stay. Concurrent
// installations of one backend wait for each other.
//   Returns  true if anything was installed or built, false if everything was up to date.
//   Errors   InvalidInput for a backend that needs no installation; Unsupported if a shim finds no
//            compiler; Io, with the last lines of pip or the compiler.
Result<bool> InstallBackend(const Backend& backend, InterruptWatch& interrupt,
                            const std::function<void(std::string_view)>& on_output);

}  // namespace tare

#endif  // TARE_BENCH_ROWS_BACKEND_INSTALL_H_
