#include "os/cpu_topology.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>

#include "os/cpu_quota.h"

namespace tare {

size_t PhysicalCoreCount() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return 1;
  std::set<std::string> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    std::ifstream file(
        fmt::format("/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", cpu));
    std::string siblings;
    if (!std::getline(file, siblings)) siblings = std::to_string(cpu);
    cores.insert(siblings);
  }
  return std::max<size_t>(1, cores.size());
}

size_t DefaultThreads(const std::string& root) {
  const size_t cores = PhysicalCoreCount();
  return std::min(cores, CpuQuotaInCpus(root).value_or(cores));
}

}  // namespace tare
