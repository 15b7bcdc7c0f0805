#ifndef TARE_TRIM_OPENVINO_INSTALL_H_
#define TARE_TRIM_OPENVINO_INSTALL_H_

#include <string>
#include <vector>

#include "base/error.h"

namespace tare {

// An OpenVINO installation, with what is needed to build against it.
struct OpenVinoInstall {
  std::string version;         // "2025.2.0", from its headers
  std::string library;         // …/libopenvino.so.2520, absolute
  std::string include;         // folder that has openvino/core/version.hpp
  bool new_string_abi = true;  // the value for libstdc++'s _GLIBCXX_USE_CXX11_ABI
};

// The OpenVINO that a command will load. If the program is Python or a Python script: what that
// Python finds. Else what the dynamic linker finds for the program; else $OpenVINO_DIR or
// $INTEL_OPENVINO_DIR. Does not load OpenVINO.
//   command   program and arguments.
//   folder    if not empty, where to look instead: a wheel's openvino package or an install's root.
//   Errors    InvalidInput if no program, no OpenVINO or no headers are found;
//             Unsupported for a version that the hook was not tested with.
Result<OpenVinoInstall> FindOpenVino(const std::vector<std::string>& command,
                                     const std::string& folder);

// The OpenVINO that the library at `path` belongs to. Errors: as FindOpenVino.
Result<OpenVinoInstall> DescribeOpenVino(const std::string& path);

}  // namespace tare

#endif  // TARE_TRIM_OPENVINO_INSTALL_H_
