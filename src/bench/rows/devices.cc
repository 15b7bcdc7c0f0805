#include "bench/rows/devices.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/count_text.h"
#include "os/proc_files.h"

namespace tare {
namespace {

constexpr std::string_view kIntelVendor = "0x8086";

bool Need(std::span<const Contender> contenders, GpuKind kind) {
  return std::ranges::count(contenders, kind, &Contender::gpu) > 0;
}

void Refuse(std::span<Contender> contenders, GpuKind kind, const Error& error) {
  for (Contender& contender : contenders) {
    if (contender.gpu == kind) contender.no_device = error.message();
  }
}

std::vector<std::string> RenderNodes(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (name.starts_with("renderD")) names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

Result<std::vector<std::string>> FindIntelGpus(const DrmFolders& folders) {
  std::vector<std::string> found;
  size_t closed = 0;
  const std::vector<std::string> nodes = RenderNodes(folders.nodes);
  for (const std::string& name : nodes) {
    const Result<std::string> vendor =
        ReadSmallFile(fmt::format("{}/{}/device/vendor", folders.classes, name));
    if (!vendor.ok() || !vendor->starts_with(kIntelVendor)) continue;
    std::string path = fmt::format("{}/{}", folders.nodes, name);
    if (access(path.c_str(), R_OK | W_OK) == 0) {
      found.push_back(std::move(path));
    } else {
      ++closed;
    }
  }
  if (!found.empty()) return found;
  return Unsupported(
      "no Intel GPU: of {} (renderD…) in {}, none is of vendor {} and may be opened{}",
      CountText(nodes.size(), "render node"), folders.nodes, kIntelVendor,
      closed == 0 ? "" : "; this user may not open Intel's: is it in the group render?");
}

std::optional<Nvml> FindDevices(std::span<Contender> contenders) {
  if (Need(contenders, GpuKind::kIntel)) {
    const auto found = FindIntelGpus();
    if (!found.ok()) Refuse(contenders, GpuKind::kIntel, found.error());
  }
  if (!Need(contenders, GpuKind::kNvidia)) return std::nullopt;
  Result<Nvml> nvml = Nvml::Load();
  if (nvml.ok()) return std::move(nvml).value();
  Refuse(contenders, GpuKind::kNvidia, nvml.error());
  return std::nullopt;
}

std::vector<std::string> DescribeGpus(const Nvml& nvml) {
  std::vector<std::string> gpus;
  for (const NvmlDevice& device : nvml.devices()) {
    gpus.push_back(fmt::format("{}, {:.1f} GiB, driver {}", device.name,
                               static_cast<double>(device.total_bytes) / (uint64_t{1} << 30),
                               nvml.driver().empty() ? "unknown" : nvml.driver()));
  }
  return gpus;
}

}  // namespace tare
