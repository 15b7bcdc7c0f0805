#ifndef TARE_CLI_BUILD_COMMIT_H_
#define TARE_CLI_BUILD_COMMIT_H_

#include <string>
#include <string_view>

namespace tare {

// The commit of the sources that this program was built from, "-dirty" if they were changed since;
// empty where they were no git checkout.
std::string_view BuildCommit();

// For `tare --version`: "0.1.0 (2dc0e508b3d4)", or the version alone where there is no commit.
std::string VersionText();

}  // namespace tare

#endif  // TARE_CLI_BUILD_COMMIT_H_
