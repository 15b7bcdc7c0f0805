#include "cli/build_commit.h"

#include "tare_commit.h"  // made at build time by commit.cmake

namespace tare {

std::string_view BuildCommit() { return TARE_COMMIT; }

}  // namespace tare
