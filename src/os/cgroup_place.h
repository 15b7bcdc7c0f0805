#ifndef TARE_OS_CGROUP_PLACE_H_
#define TARE_OS_CGROUP_PLACE_H_

#include <optional>
#include <string>

#include "base/error.h"
#include "os/memory_cgroup.h"

namespace tare {

// The right to make memory cgroups: found, tried, and given back when this is destroyed.
// docs/limits.md lists the places that are tried.
class CgroupPlace {
 public:
  // Removes what killed owners left, then looks for a place and lets a child process enter a cgroup
  // there. In a version-2 cgroup that holds this process alone, this process moves into a child of
  // it for as long as the place lives, because the kernel allows no processes beside children
  // there.
  //   Errors   Unsupported: every place tried and why the kernel refused, and what to try.
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
  std::optional<MemoryCgroup> own_leaf_;  // where we stepped aside to
};

}  // namespace tare

#endif  // TARE_OS_CGROUP_PLACE_H_
