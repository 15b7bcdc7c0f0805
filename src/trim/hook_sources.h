#ifndef TARE_TRIM_HOOK_SOURCES_H_
#define TARE_TRIM_HOOK_SOURCES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tare {

// Files that list the sources of the hook's two libraries, one per line, relative to src/. CMake
// compiles and installs by the same lists.
inline constexpr std::string_view kHookSources = "src/openvino/hook_sources.txt";
inline constexpr std::string_view kPassSources = "src/openvino/pass_sources.txt";

// The folder with the hook's sources (in src/ and include/) and lean loading (in python/):
// $TARE_SOURCE_DIR, else share/tare of the installed tree.
std::string SourceFolder();

// The paths of the sources that a list names, in its order. Errors: Io.
Result<std::vector<std::string>> SourcesIn(std::string_view list, const std::string& root);

// A hash of both lists, their sources and all of Tare's headers that these include. It tells
// whether an existing hook still matches its sources.
//   Errors   Unsupported if the lists are missing; Io.
Result<uint64_t> HashOfHookSources(const std::string& root);

}  // namespace tare

#endif  // TARE_TRIM_HOOK_SOURCES_H_
