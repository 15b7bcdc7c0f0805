#ifndef TARE_TRIM_OPENVINO_HOOK_H_
#define TARE_TRIM_OPENVINO_HOOK_H_

#include <string>

#include "base/error.h"
#include "trim/openvino_install.h"

namespace tare {

// The path of the hook to preload for an OpenVINO. Built with this machine's g++ on first use,
// which takes half a minute and is announced on stderr, and kept in
// ${XDG_CACHE_HOME:-~/.cache}/tare/openvino: one folder for each version, string ABI, path of the
// library and content of the hook's sources.
//   Errors   Unsupported without a compiler or the sources; Io with the compiler's last output.
Result<std::string> HookFor(const OpenVinoInstall& install);

}  // namespace tare

#endif  // TARE_TRIM_OPENVINO_HOOK_H_
