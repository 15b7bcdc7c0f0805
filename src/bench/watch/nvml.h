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

// One process on one device, by the number that the driver's machine knows it by: inside a
// container this may be another than its own.
struct NvmlProcess {
  pid_t pid = 0;
  std::optional<uint64_t> used_bytes;  // nullopt where the driver does not tell
};

// NVIDIA's management library, loaded at run time and given back with the last copy of this.
// Declared after its public API reference; nothing of NVIDIA's is needed to build.
class Nvml {
 public:
  // libnvidia-ml.so.1, or the library that the environment variable TARE_NVML names.
  //   Errors   Unsupported, saying what was looked for: no library, one that lacks a function or
  //            does not start, or no device.
  static Result<Nvml> Load();

  const std::vector<NvmlDevice>& devices() const;
  const std::string& driver() const;  // its version; empty: unknown

  // Of the device at this place in devices(). Errors: Io, with NVML's words.
  Result<uint64_t> UsedBytes(size_t device) const;
  // That compute on it. Errors: Io, also for more processes than can be.
  Result<std::vector<NvmlProcess>> Processes(size_t device) const;

 private:
  struct Library;
  explicit Nvml(std::shared_ptr<const Library> library) : library_(std::move(library)) {}

  std::shared_ptr<const Library> library_;
};

}  // namespace tare

#endif  // TARE_BENCH_WATCH_NVML_H_
