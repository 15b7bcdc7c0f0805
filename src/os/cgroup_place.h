#ifndef TARE_OS_CGROUP_PLACE_H_
#define TARE_OS_CGROUP_PLACE_H_

#include <optional>
#include <string>

#include "base/error.h"
#include "os/memory_cgroup.h"

namespace tare {

// A place where this process may create memory cgroups; given back by the destructor.
// docs/limits.md lists the places that are tried.
class CgroupPlace {
 public:
  // Removes what killed owners left, then finds a place and checks it by letting a child process
  // enter a cgroup there. If this process is alone in a version-2 cgroup, it moves into a child
  // cgroup while the place lives, because the kernel allows no processes beside child cgroups
  // there.
  //   Errors   Unsupported, with every tried place, why the kernel refused it, and what to try.
  static Result<CgroupPlace> Find();
  CgroupPlace(CgroupPlace&& other) noexcept;
  CgroupPlace& operator=(CgroupPlace&&) = delete;
  ~CgroupPlace();

  const CgroupParent& parent() const { return parent_; }

 private:
  explicit CgroupPlace(CgroupParent parent) : parent_(std::move(parent)) {}
  static Result<CgroupPlace> In(int version, const std::string& folder);
  Status StepAside();

  CgroupParent parent_;
  std::optional<MemoryCgroup> own_leaf_;  // where this process moved to
};

}  // namespace tare

#endif  // TARE_OS_CGROUP_PLACE_H_
