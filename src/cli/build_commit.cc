#include "cli/build_commit.h"

#include <fmt/format.h>

#include "tare_commit.h"  // made at build time by commit.cmake

namespace tare {

std::string_view BuildCommit() { return TARE_COMMIT; }

std::string VersionText() {
  const std::string version = TARE_VERSION;
  return BuildCommit().empty() ? version : fmt::format("{} ({})", version, BuildCommit());
}

}  // namespace tare
