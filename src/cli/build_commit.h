#ifndef TARE_CLI_BUILD_COMMIT_H_
#define TARE_CLI_BUILD_COMMIT_H_

#include <string>
#include <string_view>

namespace tare {

// The commit that this program was built from, with "-dirty" if the sources had changes; empty if
// they were not in a git checkout.
std::string_view BuildCommit();

// For `tare --version`: "0.1.0 (2dc0e508b3d4)", or only the version if there is no commit.
std::string VersionText();

}  // namespace tare

#endif  // TARE_CLI_BUILD_COMMIT_H_
