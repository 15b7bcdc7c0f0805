#include "os/cgroup_hierarchy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/fails_with.h"

namespace tare {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kMountsV1[] =
    "25 1 0:20 / /proc rw - proc proc rw\n"
    "31 30 0:28 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu\n"
    "34 30 0:31 / /sys/fs/cgroup/memory rw,relatime shared:12 - cgroup cgroup rw,memory\n"
    "35 30 0:32 / /sys/fs/cgroup/unified rw shared:13 - cgroup2 cgroup2 rw\n";

TEST(CgroupHierarchyTest, VersionOneWithMemoryComesBeforeTheUnifiedHierarchy) {
  const auto found = ParseCgroupHierarchy("memory", "4:memory:/a/b\n1:cpu:/\n0::/c\n", kMountsV1);
  ASSERT_TRUE(found.ok()) << found.error().message();
  EXPECT_EQ(found->version, 1);
  EXPECT_EQ(found->mount_point, "/sys/fs/cgroup/memory");
  EXPECT_EQ(found->own_folder, "/sys/fs/cgroup/memory/a/b");
}

TEST(CgroupHierarchyTest, TheUnifiedHierarchyIsVersionTwo) {
  const auto found =
      ParseCgroupHierarchy("memory", "0::/user.slice/x.scope\n",
                           "29 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n");
  ASSERT_TRUE(found.ok()) << found.error().message();
  EXPECT_EQ(found->version, 2);
  EXPECT_EQ(found->own_folder, "/sys/fs/cgroup/user.slice/x.scope");
}

TEST(CgroupHierarchyTest, EachControllerHasItsOwnHierarchyInVersionOne) {
  const auto found = ParseCgroupHierarchy("cpu", "4:memory:/a/b\n1:cpu:/c\n0::/d\n", kMountsV1);
  ASSERT_TRUE(found.ok()) << found.error().message();
  EXPECT_EQ(found->own_folder, "/sys/fs/cgroup/cpu/c");
}

TEST(CgroupHierarchyTest, TheFoldersAboveEndAtTheMountPoint) {
  EXPECT_THAT(FoldersAbove({2, "/cg", "/cg/a/b"}), ElementsAre("/cg/a/b", "/cg/a", "/cg"));
  EXPECT_THAT(FoldersAbove({2, "/cg", "/cg"}), ElementsAre("/cg"));
}

TEST(CgroupHierarchyTest, InARootCgroupOurFolderIsTheMountPoint) {
  const auto found = ParseCgroupHierarchy("memory", "4:memory:/\n", kMountsV1);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->own_folder, found->mount_point);
}

TEST(CgroupHierarchyTest, AMountOfAPartShowsWhatLiesBelowIt) {
  const std::string mounts = "29 1 0:26 /docker/1 /sys/fs/my\\040cg ro - cgroup2 cgroup2 rw\n";
  const auto found = ParseCgroupHierarchy("memory", "0::/docker/1/x\n", mounts);
  ASSERT_TRUE(found.ok()) << found.error().message();
  EXPECT_EQ(found->own_folder, "/sys/fs/my cg/x");
  const auto other = ParseCgroupHierarchy("memory", "0::/docker/12\n", mounts);
  ASSERT_FALSE(other.ok());
  EXPECT_THAT(other.error().message(), HasSubstr("/docker/12"));
}

TEST(CgroupHierarchyTest, OutsideOurNamespaceThereIsNoFolder) {
  EXPECT_THAT(ParseCgroupHierarchy("memory", "0::/../..\n",
                                   "29 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"),
              FailsWith(ErrorCode::kUnsupported, "this process is in /../.."));
}

TEST(CgroupHierarchyTest, WithoutAMountOrAControllerTheReasonIsGiven) {
  const auto unmounted =
      ParseCgroupHierarchy("memory", "0::/a\n", "25 1 0:20 / /proc rw - proc proc rw\n");
  ASSERT_FALSE(unmounted.ok());
  EXPECT_THAT(unmounted.error().message(),
              HasSubstr("the hierarchy is not mounted (cgroup version 2"));
  const auto none = ParseCgroupHierarchy("memory", "1:cpu:/\n", kMountsV1);
  ASSERT_FALSE(none.ok());
  EXPECT_THAT(none.error().message(), HasSubstr("no memory cgroups"));
}

}  // namespace
}  // namespace tare
