#ifndef TARE_TRIM_OPENVINO_INSTALL_H_
#define TARE_TRIM_OPENVINO_INSTALL_H_

#include <string>
#include <vector>

#include "base/error.h"

namespace tare {

// An OpenVINO with all that is needed to build against it.
struct OpenVinoInstall {
  std::string version;         // "2025.2.0", as its headers say
  std::string library;         // …/libopenvino.so.2520, absolute
  std::string include;         // folder that has openvino/core/version.hpp
  bool new_string_abi = true;  // of libstdc++: what _GLIBCXX_USE_CXX11_ABI is to be
};

// The OpenVINO that a command will load: what its Python finds, if its program is one or a script
// of one; else what the dynamic linker finds for it; else $OpenVINO_DIR or $INTEL_OPENVINO_DIR.
// Nothing of OpenVINO is loaded.
//   command   program and arguments.
//   folder    where to look instead, unless empty: a wheel's openvino package or an install's root.
//   Errors    InvalidInput where no program or no OpenVINO is found, or no headers beside it;
//             Unsupported for versions that the hook has not been held to.
Result<OpenVinoInstall> FindOpenVino(const std::vector<std::string>& command,
                                     const std::string& folder);

// From the library alone. Errors: as FindOpenVino.
Result<OpenVinoInstall> DescribeOpenVino(const std::string& path);

}  // namespace tare

#endif  // TARE_TRIM_OPENVINO_INSTALL_H_
