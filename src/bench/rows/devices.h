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

// The folders in which the kernel shows graphics devices.
struct DrmFolders {
  std::string nodes = "/dev/dri";
  std::string classes = "/sys/class/drm";
};

// Finds the render nodes of Intel GPUs that this process may open, such as "/dev/dri/renderD128".
//   Errors   Unsupported if there is none, with what was searched.
Result<std::vector<std::string>> FindIntelGpus(const DrmFolders& folders = {});

// Looks once for each device that the contenders need, before anything else uses it. Contenders
// without their device get `no_device`. Searches and loads nothing that no row needs. Returns NVML
// if an NVIDIA GPU is to be watched.
std::optional<Nvml> FindDevices(std::span<Contender> contenders);

// "NVIDIA H100 80GB HBM3, 79.6 GiB, driver 570.86.15" for each device.
std::vector<std::string> DescribeGpus(const Nvml& nvml);

}  // namespace tare

#endif  // TARE_BENCH_ROWS_DEVICES_H_
