#ifndef TARE_NATIVE_WORKER_OPENVINO_BACKEND_H_
#define TARE_NATIVE_WORKER_OPENVINO_BACKEND_H_

#include <string>

#include "base/error.h"

namespace tare {

// The row of `tare bench`, and the --backend of other commands, that runs models by OpenVINO.
inline constexpr char kOpenVinoRow[] = "openvino";

// The C library of the OpenVINO that `tare backends install openvino` put on this machine, or of
// the interpreter in TARE_BACKEND_OPENVINO_PYTHON.
//   Errors  Unsupported where there is none, saying how to install it.
Result<std::string> FindOpenVinoLibrary();

}  // namespace tare

#endif  // TARE_NATIVE_WORKER_OPENVINO_BACKEND_H_
