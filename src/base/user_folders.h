#ifndef TARE_BASE_USER_FOLDERS_H_
#define TARE_BASE_USER_FOLDERS_H_

#include <string>

#include "base/error.h"

namespace tare {

// The user's folders, as in the XDG base directory specification. Tare uses the folder `tare` in
// each.
//   Errors   InvalidInput if neither the folder's variable nor HOME is set.
Result<std::string> UserCacheFolder();  // ${XDG_CACHE_HOME:-~/.cache}
Result<std::string> UserDataFolder();   // ${XDG_DATA_HOME:-~/.local/share}
Result<std::string> UserStateFolder();  // ${XDG_STATE_HOME:-~/.local/state}

}  // namespace tare

#endif  // TARE_BASE_USER_FOLDERS_H_
