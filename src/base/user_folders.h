#ifndef TARE_BASE_USER_FOLDERS_H_
#define TARE_BASE_USER_FOLDERS_H_

#include <string>

#include "base/error.h"

namespace tare {

// The user's folders of the XDG base directory specification; ours is `tare` in each.
//   Errors   InvalidInput where neither their variable nor HOME is set.
Result<std::string> UserCacheFolder();  // ${XDG_CACHE_HOME:-~/.cache}
Result<std::string> UserDataFolder();   // ${XDG_DATA_HOME:-~/.local/share}
Result<std::string> UserStateFolder();  // ${XDG_STATE_HOME:-~/.local/state}

}  // namespace tare

#endif  // TARE_BASE_USER_FOLDERS_H_
