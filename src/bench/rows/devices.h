#ifndef TARE_BENCH_ROWS_DEVICES_H_
#define TARE_BENCH_ROWS_DEVICES_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "bench/rows/contender.h"
#include "bench/watch/nvml.h"

namespace tare {

// Where the kernel shows its graphics devices.
struct DrmFolders {
  std::string nodes = "/dev/dri";
  std::string classes = "/sys/class/drm";
};

// Render nodes of Intel's GPUs that this process may open, such as "/dev/dri/renderD128".
//   Errors   Unsupported, saying what was looked for, where there is none.
Result<std::vector<std::string>> FindIntelGpus(const DrmFolders& folders = {});

// Looks for the devices of the contenders' rows, once each, before anything else of these is tried;
// those without theirs get `no_device`. Nothing is looked for, or loaded, where no row needs it.
// Returns NVML where an NVIDIA GPU is to be watched.
std::optional<Nvml> FindDevices(std::span<Contender> contenders);

// "NVIDIA H100 80GB HBM3, 79.6 GiB, driver 570.86.15", of each device.
std::vector<std::string> DescribeGpus(const Nvml& nvml);

}  // namespace tare

#endif  // TARE_BENCH_ROWS_DEVICES_H_
