#include "os/cpu_quota.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/testing/temp_folder.h"
#include "os/cgroup_hierarchy.h"
#include "os/cpu_topology.h"

namespace tare {
namespace {

// A root folder with /proc/self and a cgroup file system of plain files.
class CpuQuotaTest : public ::testing::Test {
 protected:
  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = root_ + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  void MakeV2(const std::string& own) {
    Write("/proc/self/cgroup", "0::" + own + "\n");
    Write("/proc/self/mountinfo", "29 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  }
  // As on a machine where memory and cpu are version-1 hierarchies and an empty unified one exists.
  void MakeV1(const std::string& own) {
    Write("/proc/self/cgroup", "4:memory:/m\n2:cpu,cpuacct:" + own + "\n0::/u\n");
    Write("/proc/self/mountinfo",
          "34 30 0:31 / /cg/memory rw - cgroup cgroup rw,memory\n"
          "31 30 0:28 / /cg/cpu rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
          "35 30 0:32 / /cg/unified rw - cgroup2 cgroup2 rw\n");
  }
  void QuotaV1(const std::string& folder, const std::string& quota, const std::string& period) {
    Write("/cg/cpu" + folder + "/cpu.cfs_quota_us", quota + "\n");
    Write("/cg/cpu" + folder + "/cpu.cfs_period_us", period + "\n");
  }

  const TempFolder temp_;
  const std::string& root_ = temp_.path();
};

TEST_F(CpuQuotaTest, TheSmallestQuotaAboveUsCountsInVersionTwo) {
  MakeV2("/a/b/c");
  Write("/sys/fs/cgroup/a/cpu.max", "700000 100000\n");
  Write("/sys/fs/cgroup/a/b/cpu.max", "350000 100000\n");
  Write("/sys/fs/cgroup/a/b/c/cpu.max", "max 100000\n");
  EXPECT_EQ(CpuQuotaInCpus(root_), 3u);
  Write("/sys/fs/cgroup/a/b/c/cpu.max", "20000 10000\n");
  EXPECT_EQ(CpuQuotaInCpus(root_), 2u);
}

// A container sees its own cgroup as the root: the mount point has the quota.
TEST_F(CpuQuotaTest, TheMountPointsQuotaCounts) {
  MakeV2("/");
  Write("/sys/fs/cgroup/cpu.max", "500000 100000\n");
  EXPECT_EQ(CpuQuotaInCpus(root_), 5u);
}

TEST_F(CpuQuotaTest, WithoutAQuotaThereIsNone) {
  MakeV2("/a");
  EXPECT_FALSE(CpuQuotaInCpus(root_).has_value());
  Write("/sys/fs/cgroup/a/cpu.max", "max 100000\n");
  EXPECT_FALSE(CpuQuotaInCpus(root_).has_value());
  MakeV1("/a");
  QuotaV1("/a", "-1", "100000");
  EXPECT_FALSE(CpuQuotaInCpus(root_).has_value());
}

TEST_F(CpuQuotaTest, TheSmallestQuotaAboveUsCountsInVersionOne) {
  MakeV1("/a/b");
  QuotaV1("", "-1", "100000");
  QuotaV1("/a", "250000", "50000");
  QuotaV1("/a/b", "900000", "100000");
  EXPECT_EQ(CpuQuotaInCpus(root_), 5u);
}

TEST_F(CpuQuotaTest, LessThanOneCpuIsOne) {
  MakeV1("/a");
  QuotaV1("/a", "50000", "100000");
  EXPECT_EQ(CpuQuotaInCpus(root_), 1u);
  EXPECT_EQ(DefaultThreads(root_), 1u);
}

TEST_F(CpuQuotaTest, AFileThatHoldsNoQuotaIsNoLimit) {
  MakeV2("/a");
  for (const char* text : {"", "\n", "50000", "x y\n", "50000 0\n", "50000 max\n"}) {
    Write("/sys/fs/cgroup/a/cpu.max", text);
    EXPECT_FALSE(CpuQuotaInCpus(root_).has_value()) << text;
  }
}

TEST_F(CpuQuotaTest, AWideQuotaLeavesTheCores) {
  MakeV2("/a");
  Write("/sys/fs/cgroup/a/cpu.max", "999900000 100000\n");
  EXPECT_EQ(DefaultThreads(root_), PhysicalCoreCount());
}

TEST_F(CpuQuotaTest, StoppedPeriodsOfAllCgroupsAboveAreSummed) {
  MakeV2("/a/b");
  EXPECT_FALSE(ReadCpuThrottling(root_).has_value());
  Write("/sys/fs/cgroup/cpu.stat", "usage_usec 5\nuser_usec 4\n");  // the root has no quota
  EXPECT_FALSE(ReadCpuThrottling(root_).has_value());
  Write("/sys/fs/cgroup/a/cpu.stat",
        "usage_usec 1\nnr_periods 9\nnr_throttled 3\nthrottled_usec 7\n");
  Write("/sys/fs/cgroup/a/b/cpu.stat", "nr_periods 9\nnr_throttled 70\nthrottled_usec 11\n");
  ASSERT_TRUE(ReadCpuThrottling(root_).has_value());
  EXPECT_EQ(ReadCpuThrottling(root_)->periods, 73u);
  EXPECT_EQ(ReadCpuThrottling(root_)->ns, 18000u);
}

TEST_F(CpuQuotaTest, VersionOneTellsNanoseconds) {
  MakeV1("/a");
  Write("/cg/cpu/a/cpu.stat", "nr_periods 75\nnr_throttled 73\nthrottled_time 2500\n");
  ASSERT_TRUE(ReadCpuThrottling(root_).has_value());
  EXPECT_EQ(ReadCpuThrottling(root_)->periods, 73u);
  EXPECT_EQ(ReadCpuThrottling(root_)->ns, 2500u);
}

// What `body` returns in a child process that is in the cgroup `folder`; -1 if it cannot enter.
int InCgroup(const std::string& folder, const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    std::ofstream procs(folder + "/cgroup.procs");
    procs << getpid() << std::endl;
    _exit(procs ? body() : 255);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) != 255 ? WEXITSTATUS(status) : -1;
}

// A cgroup of the kernel's, with a limit, in which a child process asks for its default.
class RealCgroup {
 public:
  explicit RealCgroup(const char* controller) {
    const Result<CgroupHierarchy> found = ReadCgroupHierarchy(controller);
    if (!found.ok()) return;
    version = found->version;
    const std::string made = found->own_folder + "/tare-test-" + std::to_string(getpid());
    if (mkdir(made.c_str(), 0755) == 0) folder = made;
    parent = found->own_folder;
  }
  ~RealCgroup() {
    if (!folder.empty()) rmdir(folder.c_str());
  }
  RealCgroup(const RealCgroup&) = delete;
  RealCgroup& operator=(const RealCgroup&) = delete;

  bool Write(const std::string& name, const std::string& text) const {
    std::ofstream file(folder + "/" + name);
    file << text << std::endl;
    return static_cast<bool>(file);
  }

  int version = 0;
  std::string folder, parent;
};

TEST(RealCpuQuotaTest, ALimitOfTheKernelsIsFound) {
  const RealCgroup cgroup("cpu");
  const bool limited = cgroup.version == 1 ? cgroup.Write("cpu.cfs_quota_us", "5000")
                                           : cgroup.Write("cpu.max", "5000 100000");
  if (cgroup.folder.empty() || !limited) GTEST_SKIP() << "no cgroup with a CPU quota can be made";
  EXPECT_EQ(InCgroup(cgroup.folder, [] { return static_cast<int>(DefaultThreads()); }), 1);
  EXPECT_EQ(InCgroup(cgroup.folder, [] { return CpuQuotaInCpus() == size_t{1} ? 1 : 0; }), 1);
  // Busy until the kernel has stopped it; a twentieth of a CPU is little on a busy machine too.
  const auto until_stopped = [] {
    const auto before = ReadCpuThrottling();
    while (before && ReadCpuThrottling()->periods == before->periods) {
    }
    return before ? 1 : 0;
  };
  EXPECT_EQ(InCgroup(cgroup.folder, until_stopped), 1);
}

TEST(RealCpuQuotaTest, TheKernelKeepsAffinityInTheCpuset) {
  cpu_set_t allowed;
  ASSERT_EQ(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
  int first = 0;
  while (!CPU_ISSET(first, &allowed)) ++first;
  const RealCgroup cgroup("cpuset");
  std::string memory_nodes = "0";
  if (std::ifstream nodes(cgroup.parent + "/cpuset.mems"); nodes) std::getline(nodes, memory_nodes);
  if (cgroup.folder.empty() || !cgroup.Write("cpuset.cpus", std::to_string(first)) ||
      (cgroup.version == 1 && !cgroup.Write("cpuset.mems", memory_nodes))) {
    GTEST_SKIP() << "no cgroup with a cpuset can be made";
  }
  EXPECT_EQ(InCgroup(cgroup.folder, [] { return static_cast<int>(DefaultThreads()); }), 1);
}

}  // namespace
}  // namespace tare
