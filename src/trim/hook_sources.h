#ifndef TARE_TRIM_HOOK_SOURCES_H_
#define TARE_TRIM_HOOK_SOURCES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tare {

// Sources of the hook's two libraries, one a line, relative to src/. CMake compiles and installs by
// these lists too.
inline constexpr std::string_view kHookSources = "src/openvino/hook_sources.txt";
inline constexpr std::string_view kPassSources = "src/openvino/pass_sources.txt";

// The folder whose src/ and include/ hold the hook's sources and whose python/ holds lean loading:
// $TARE_SOURCE_DIR, else share/tare of the installed tree.
std::string SourceFolder();

// The paths of the sources in a list, in its order. Errors: Io.
Result<std::vector<std::string>> SourcesIn(std::string_view list, const std::string& root);

// Of both lists, the sources in them and all headers of ours that these include: what decides
// whether a hook that was built is still that of the sources.
//   Errors   Unsupported where there are no lists; Io.
Result<uint64_t> HashOfHookSources(const std::string& root);

}  // namespace tare

#endif  // TARE_TRIM_HOOK_SOURCES_H_
