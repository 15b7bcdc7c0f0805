#ifndef TARE_BENCH_WATCH_NVML_H_
#define TARE_BENCH_WATCH_NVML_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace tare {

struct NvmlDevice {
  std::string name;
  uint64_t total_bytes = 0;
};

// One process on one device. The driver's number for it may differ from its number in a container.
struct NvmlProcess {
  pid_t pid = 0;
  std::optional<uint64_t> used_bytes;  // nullopt if the driver does not report it
};

// NVIDIA's management library, loaded at run time and unloaded with the last copy of this object.
// Declared from its public API reference, so building needs no NVIDIA files.
class Nvml {
 public:
  // Loads libnvidia-ml.so.1, or the library that the environment variable TARE_NVML names.
  //   Errors   Unsupported, with what was tried: no library, a library that lacks a function or
  //            does not start, or no device.
  static Result<Nvml> Load();

  const std::vector<NvmlDevice>& devices() const;
  const std::string& driver() const;  // its version; empty: unknown

  // The bytes used on the device at this index in devices(). Errors: Io with NVML's message.
  Result<uint64_t> UsedBytes(size_t device) const;
  // The processes that compute on the device. Errors: Io, also for an impossible number of
  // processes.
  Result<std::vector<NvmlProcess>> Processes(size_t device) const;

 private:
  struct Library;
  explicit Nvml(std::shared_ptr<const Library> library) : library_(std::move(library)) {}

  std::shared_ptr<const Library> library_;
};

}  // namespace tare

#endif  // TARE_BENCH_WATCH_NVML_H_
