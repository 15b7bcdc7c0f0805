#include "os/cgroup_place.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "os/cgroup_hierarchy.h"
#include "os/proc_files.h"

namespace tare {
namespace {

constexpr uint64_t kTrialLimitBytes = uint64_t{64} << 20;

// Whether a child process can enter a limited cgroup there.
Status TryIn(const CgroupParent& parent) {
  TARE_ASSIGN_OR_RETURN(const MemoryCgroup cgroup, MemoryCgroup::Create(parent, kTrialLimitBytes));
  const pid_t child = fork();
  if (child < 0) return ErrnoError(errno, "cannot fork");
  if (child == 0) _exit(write(cgroup.procs_fd(), "0", 1) == 1 ? 0 : errno);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (status == 0) return {};
  const int reason = WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
  return ErrnoError(reason, fmt::format("cannot enter cgroup {}", cgroup.folder()));
}

bool PassesMemoryOn(const std::string& folder) {
  const Result<std::string> text = ReadSmallFile(folder + "/cgroup.subtree_control");
  return text.ok() && (" " + *text).find(" memory") != std::string::npos;
}

Status PassMemoryOn(const std::string& folder) {
  if (PassesMemoryOn(folder)) return {};
  return WriteCgroupFile(folder + "/cgroup.subtree_control", "+memory");
}

bool HoldsUsAlone(const std::string& folder) {
  const Result<std::string> text = ReadSmallFile(folder + "/cgroup.procs");
  return text.ok() && *text == std::to_string(getpid()) + "\n";
}

// The advice depends on the version: in version 1 only root can grant cgroups.
constexpr char kAdviceV1[] = "; try as root, or in a memory cgroup whose folder you own";
constexpr char kAdviceV2[] =
    "; try as root, with `systemd-run --user --scope -p Delegate=yes tare …`, or in a container "
    "with a writable cgroup file system";

}  // namespace

Status CgroupPlace::StepAside() {
  TARE_ASSIGN_OR_RETURN(MemoryCgroup leaf, MemoryCgroup::Create(parent_, std::nullopt));
  own_leaf_.emplace(std::move(leaf));
  if (write(own_leaf_->procs_fd(), "0", 1) != 1) {
    return ErrnoError(errno, fmt::format("cannot enter cgroup {}", own_leaf_->folder()));
  }
  return PassMemoryOn(parent_.folder);
}

Result<CgroupPlace> CgroupPlace::In(int version, const std::string& folder) {
  CgroupPlace place(CgroupParent{version, folder});
  if (version == 2 && HoldsUsAlone(folder)) {
    TARE_RETURN_IF_ERROR(place.StepAside());
  } else if (version == 2) {
    TARE_RETURN_IF_ERROR(PassMemoryOn(folder));
  }
  TARE_RETURN_IF_ERROR(TryIn(place.parent_));
  return place;
}

Result<CgroupPlace> CgroupPlace::Find() {
  TARE_ASSIGN_OR_RETURN(const CgroupHierarchy hierarchy, ReadCgroupHierarchy("memory"));
  RemoveStaleCgroups(hierarchy.mount_point);
  const std::string& own = hierarchy.own_folder;
  std::vector<std::string> folders = {own};
  // A sibling of this cgroup: a parent whose children have controllers holds no processes itself.
  const std::string parent = own.substr(0, own.rfind('/'));
  if (hierarchy.version == 2 && own != hierarchy.mount_point && PassesMemoryOn(parent)) {
    folders.push_back(parent);
  }
  std::string reasons;
  for (const std::string& folder : folders) {
    Result<CgroupPlace> place = In(hierarchy.version, folder);
    if (place.ok()) return place;
    reasons += (reasons.empty() ? "" : "; ") + place.error().message();
  }
  return Unsupported("cannot create a memory cgroup (version {}): {}{}", hierarchy.version, reasons,
                     hierarchy.version == 1 ? kAdviceV1 : kAdviceV2);
}

CgroupPlace::CgroupPlace(CgroupPlace&& other) noexcept
    : parent_(std::move(other.parent_)), own_leaf_(std::move(other.own_leaf_)) {
  other.own_leaf_.reset();
}

CgroupPlace::~CgroupPlace() {
  if (!own_leaf_) return;
  // In this order: a cgroup whose children have controllers takes no process.
  (void)WriteCgroupFile(parent_.folder + "/cgroup.subtree_control", "-memory");
  (void)WriteCgroupFile(parent_.folder + "/cgroup.procs", "0");
}

}  // namespace tare
