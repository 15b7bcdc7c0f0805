#include "base/user_folders.h"

#include <string_view>

#include "base/environment.h"

namespace tare {
namespace {

Result<std::string> FolderOf(const std::string& variable, std::string_view in_home) {
  std::string folder = EnvironmentVariable(variable);
  if (!folder.empty()) return folder;
  folder = EnvironmentVariable("HOME");
  if (!folder.empty()) return folder.append(in_home);
  return InvalidInput("neither {} nor HOME is set; set {} to a writable folder", variable,
                      variable);
}

}  // namespace

Result<std::string> UserCacheFolder() { return FolderOf("XDG_CACHE_HOME", "/.cache"); }
Result<std::string> UserDataFolder() { return FolderOf("XDG_DATA_HOME", "/.local/share"); }
Result<std::string> UserStateFolder() { return FolderOf("XDG_STATE_HOME", "/.local/state"); }

}  // namespace tare
