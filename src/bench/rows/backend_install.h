#ifndef TARE_BENCH_ROWS_BACKEND_INSTALL_H_
#define TARE_BENCH_ROWS_BACKEND_INSTALL_H_

#include <functional>
#include <string_view>

#include "base/error.h"
#include "bench/rows/backends.h"
#include "os/interrupt.h"

namespace tare {

// Makes the backend's virtual environment and installs its pinned requirements with pip. What pip
// says goes to `on_output`. An environment counts as installed only once its stamp is written, last
// of all; one that is incomplete or outdated is removed and made anew. A shim is compiled after
// that; where only the shim is outdated, the packages stay. Two installations of one backend wait
// for each other.
//   Returns  true when something was done, false when it was installed already.
//   Errors   InvalidInput for a backend that needs no installation; Unsupported where a shim finds
//   no
//            compiler; Io, with the last lines of pip or the compiler.
Result<bool> InstallBackend(const Backend& backend, InterruptWatch& interrupt,
                            const std::function<void(std::string_view)>& on_output);

}  // namespace tare

#endif  // TARE_BENCH_ROWS_BACKEND_INSTALL_H_
