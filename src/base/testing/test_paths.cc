#include "base/testing/test_paths.h"

namespace tare {

std::string SourceFile(std::string_view path) {
  return std::string(TARE_SOURCE_DIR "/").append(path);
}

std::string BuiltFile(std::string_view path) {
  return std::string(TARE_BUILD_DIR "/").append(path);
}

}  // namespace tare
