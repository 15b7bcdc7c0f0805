#ifndef TARE_BASE_CPU_TOPOLOGY_H_
#define TARE_BASE_CPU_TOPOLOGY_H_

#include <cstddef>

namespace tare {

// Physical cores that this process may run on: hyper-threads of one core count once. At least 1.
// Source: sched_getaffinity and /sys/devices/system/cpu/*/topology; where that cannot be read, each
// allowed CPU counts as a core.
size_t PhysicalCoreCount();

}  // namespace tare

#endif  // TARE_BASE_CPU_TOPOLOGY_H_
