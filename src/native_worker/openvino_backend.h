#ifndef TARE_NATIVE_WORKER_OPENVINO_BACKEND_H_
#define TARE_NATIVE_WORKER_OPENVINO_BACKEND_H_

#include <string>

#include "base/error.h"

namespace tare {

// The backend of `tare bench`, and the --backend of other commands, that runs models with OpenVINO.
inline constexpr char kOpenVinoRow[] = "openvino";

// The C library of the OpenVINO that `tare backends install openvino` has installed, or of the
// interpreter in TARE_BACKEND_OPENVINO_PYTHON.
//   Errors  Unsupported if there is none, with how to install it.
Result<std::string> FindOpenVinoLibrary();

}  // namespace tare

#endif  // TARE_NATIVE_WORKER_OPENVINO_BACKEND_H_
