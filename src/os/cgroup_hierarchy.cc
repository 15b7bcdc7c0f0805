#include "os/cgroup_hierarchy.h"

#include <optional>
#include <vector>

#include "os/small_file.h"

namespace tare {
namespace {

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const size_t at = text.find(separator);
    if (at != 0) parts.push_back(text.substr(0, at));
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  }
  return parts;
}

bool Lists(std::string_view comma_list, std::string_view word) {
  for (const std::string_view item : Split(comma_list, ',')) {
    if (item == word) return true;
  }
  return false;
}

struct Membership {
  int version;
  std::string_view path;
};

// A line is "4:memory:/path"; of the unified hierarchy "0::/path".
std::optional<Membership> FindMembership(std::string_view controller,
                                         std::string_view self_cgroup) {
  std::optional<Membership> unified;
  for (const std::string_view line : Split(self_cgroup, '\n')) {
    const size_t first = line.find(':');
    const size_t second = line.find(':', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    if (Lists(controllers, controller)) return Membership{1, line.substr(second + 1)};
    if (line.starts_with("0::")) unified = Membership{2, line.substr(second + 1)};
  }
  return unified;
}

// Spaces and the like are written in octal in mountinfo: "\040".
std::string Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                               (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

struct Mount {
  std::string root;  // the cgroup that is shown at `point`
  std::string point;
};

// "30 24 0:26 /root /point rw,… shared:9 - cgroup2 cgroup2 rw,memory"
std::optional<Mount> ParseMount(std::string_view line, int version, std::string_view controller) {
  const size_t dash = line.find(" - ");
  if (dash == std::string_view::npos) return std::nullopt;
  const std::vector<std::string_view> front = Split(line.substr(0, dash), ' ');
  const std::vector<std::string_view> back = Split(line.substr(dash + 3), ' ');
  if (front.size() < 5 || back.size() < 3) return std::nullopt;
  const bool fits =
      version == 2 ? back[0] == "cgroup2" : back[0] == "cgroup" && Lists(back[2], controller);
  if (!fits) return std::nullopt;
  return Mount{Unescape(front[3]), Unescape(front[4])};
}

// The folder of cgroup `path` under a mount that shows `root` at its point.
std::optional<std::string> FolderUnder(const Mount& mount, std::string_view path) {
  std::string_view rest = path;
  if (mount.root != "/") {
    if (!rest.starts_with(mount.root)) return std::nullopt;
    rest.remove_prefix(mount.root.size());
    if (!rest.empty() && rest[0] != '/') return std::nullopt;
  }
  if (rest.starts_with("/..")) return std::nullopt;
  return rest == "/" ? mount.point : mount.point + std::string(rest);
}

}  // namespace

Result<CgroupHierarchy> ParseCgroupHierarchy(std::string_view controller,
                                             std::string_view self_cgroup,
                                             std::string_view mountinfo) {
  const std::optional<Membership> membership = FindMembership(controller, self_cgroup);
  if (!membership) {
    return Unsupported("the kernel has no {} cgroups (/proc/self/cgroup)", controller);
  }
  bool mounted = false;
  for (const std::string_view line : Split(mountinfo, '\n')) {
    const std::optional<Mount> mount = ParseMount(line, membership->version, controller);
    if (!mount) continue;
    mounted = true;
    if (const auto folder = FolderUnder(*mount, membership->path)) {
      return CgroupHierarchy{membership->version, mount->point, *folder};
    }
  }
  return Unsupported(
      "{} (cgroup version {}, this process is in {})",
      mounted ? "only another part of the hierarchy is mounted" : "the hierarchy is not mounted",
      membership->version, membership->path);
}

Result<CgroupHierarchy> ReadCgroupHierarchy(std::string_view controller, const std::string& root) {
  TARE_ASSIGN_OR_RETURN(const std::string self, ReadSmallFile(root + "/proc/self/cgroup"));
  TARE_ASSIGN_OR_RETURN(const std::string mounts, ReadSmallFile(root + "/proc/self/mountinfo"));
  TARE_ASSIGN_OR_RETURN(CgroupHierarchy found, ParseCgroupHierarchy(controller, self, mounts));
  found.mount_point = root + found.mount_point;
  found.own_folder = root + found.own_folder;
  return found;
}

std::vector<std::string> FoldersAbove(const CgroupHierarchy& hierarchy) {
  std::vector<std::string> folders;
  std::string folder = hierarchy.own_folder;
  while (folder.size() > hierarchy.mount_point.size()) {
    folders.push_back(folder);
    folder.resize(folder.rfind('/'));
  }
  folders.push_back(hierarchy.mount_point);
  return folders;
}

}  // namespace tare
