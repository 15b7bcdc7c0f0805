#ifndef TARE_TRIM_OPENVINO_HOOK_H_
#define TARE_TRIM_OPENVINO_HOOK_H_

#include <string>

#include "base/error.h"
#include "trim/openvino_install.h"

namespace tare {

// The library to preload for an OpenVINO, built with this machine's g++ on first use and kept in
// ${XDG_CACHE_HOME:-~/.cache}/tare/openvino, a folder for each version, string ABI, place of the
// library and text of the hook's sources. Says on stderr that it builds: it takes half a minute.
//   Errors   Unsupported without a compiler or the sources; Io with the compiler's last words.
Result<std::string> HookFor(const OpenVinoInstall& install);

}  // namespace tare

#endif  // TARE_TRIM_OPENVINO_HOOK_H_
