#include "bench/watch/nvml.h"

#include <array>
#include <cstring>
#include <utility>

#include "base/count_text.h"
#include "base/environment.h"
#include "base/shared_library.h"

namespace tare {
namespace {

// NVML's binary interface, from its API reference.
constexpr int kSuccess = 0;
constexpr int kInsufficientSize = 7;
constexpr uint64_t kNotAvailable = ~uint64_t{0};
constexpr size_t kNameBytes = 96;
constexpr uint32_t kMaxDevices = 64;
constexpr uint32_t kFirstRoom = 64;
constexpr uint32_t kMaxProcesses = 4096;
// Some drivers wrote longer entries than they declared. A number read from the wrong offset matches
// no process of ours, but the buffer must be large enough.
constexpr size_t kRoomPerProcess = 64;

using DeviceHandle = void*;
struct MemoryInfo {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};
struct ProcessInfo1 {
  unsigned int pid;
  unsigned long long used;
};
struct ProcessInfo2 {
  unsigned int pid;
  unsigned long long used;
  unsigned int gpu_instance;
  unsigned int compute_instance;
};

template <typename Info>
std::vector<NvmlProcess> ProcessesOf(const std::vector<std::byte>& room, uint32_t count) {
  std::vector<NvmlProcess> processes;
  for (uint32_t i = 0; i < count; ++i) {
    Info info;
    std::memcpy(&info, room.data() + i * sizeof(Info), sizeof(Info));
    NvmlProcess& process = processes.emplace_back();
    process.pid = static_cast<pid_t>(info.pid);
    if (info.used != kNotAvailable) process.used_bytes = info.used;
  }
  return processes;
}

std::string LibraryName() {
  const std::string named = EnvironmentVariable("TARE_NVML");
  return named.empty() ? "libnvidia-ml.so.1" : named;
}

}  // namespace

struct Nvml::Library {
  explicit Library(SharedLibrary library) : opened(std::move(library)) {}
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() {
    if (started) shut_down();
  }

  SharedLibrary opened;
  bool started = false;
  int (*init)() = nullptr;
  int (*shut_down)() = nullptr;
  const char* (*error_string)(int) = nullptr;
  int (*driver_version)(char*, unsigned int) = nullptr;
  int (*device_count)(unsigned int*) = nullptr;
  int (*device_by_index)(unsigned int, DeviceHandle*) = nullptr;
  int (*device_name)(DeviceHandle, char*, unsigned int) = nullptr;
  int (*memory_info)(DeviceHandle, MemoryInfo*) = nullptr;
  int (*processes)(DeviceHandle, unsigned int*, void*) = nullptr;
  bool has_old_entries = false;  // ProcessInfo1

  std::vector<DeviceHandle> handles;
  std::vector<NvmlDevice> devices;
  std::string driver;

  Status FindAll() {
    TARE_RETURN_IF_ERROR(opened.Find("nvmlInit_v2", init));
    TARE_RETURN_IF_ERROR(opened.Find("nvmlShutdown", shut_down));
    TARE_RETURN_IF_ERROR(opened.Find("nvmlErrorString", error_string));
    TARE_RETURN_IF_ERROR(opened.Find("nvmlDeviceGetCount_v2", device_count));
    TARE_RETURN_IF_ERROR(opened.Find("nvmlDeviceGetHandleByIndex_v2", device_by_index));
    TARE_RETURN_IF_ERROR(opened.Find("nvmlDeviceGetName", device_name));
    TARE_RETURN_IF_ERROR(opened.Find("nvmlDeviceGetMemoryInfo", memory_info));
    (void)opened.Find("nvmlSystemGetDriverVersion", driver_version);
    if (opened.Find("nvmlDeviceGetComputeRunningProcesses_v3", processes).ok()) return {};
    if (opened.Find("nvmlDeviceGetComputeRunningProcesses_v2", processes).ok()) return {};
    has_old_entries = true;
    return opened.Find("nvmlDeviceGetComputeRunningProcesses", processes);
  }

  std::string Words(const char* call, int code) const {
    const char* words = error_string(code);
    return fmt::format("{}: {} (code {})", call, words == nullptr ? "unknown error" : words, code);
  }

  Status Start(const std::string& file) {
    if (const int code = init(); code != kSuccess) {
      return Unsupported("no NVIDIA GPU: {} does not start: {}", file, Words("nvmlInit_v2", code));
    }
    started = true;
    unsigned int count = 0;
    if (const int code = device_count(&count); code != kSuccess) {
      return Unsupported("no NVIDIA GPU: {}", Words("nvmlDeviceGetCount_v2", code));
    }
    for (unsigned int i = 0; i < count && i < kMaxDevices; ++i) AddDevice(i);
    if (handles.empty()) {
      return Unsupported("no NVIDIA GPU: {} counts {}, of which none answers", file,
                         CountText(count, "device"));
    }
    std::array<char, kNameBytes> text = {};
    if (driver_version != nullptr && driver_version(text.data(), text.size()) == kSuccess) {
      driver.assign(text.data(), strnlen(text.data(), text.size()));
    }
    return {};
  }

  // Leaves out devices that do not answer, such as lost devices or those of other users.
  void AddDevice(unsigned int index) {
    DeviceHandle device = nullptr;
    std::array<char, kNameBytes> name = {};
    MemoryInfo memory = {};
    if (device_by_index(index, &device) != kSuccess) return;
    if (memory_info(device, &memory) != kSuccess) return;
    if (device_name(device, name.data(), name.size()) != kSuccess) name[0] = '\0';
    handles.push_back(device);
    devices.push_back({std::string(name.data(), strnlen(name.data(), name.size())), memory.total});
  }
};

Result<Nvml> Nvml::Load() {
  const std::string file = LibraryName();
  Result<SharedLibrary> opened = SharedLibrary::Open(file);
  if (!opened.ok()) {
    return Unsupported(
        "no NVIDIA GPU: NVML, which comes with NVIDIA's driver, cannot be loaded: {}; "
        "TARE_NVML may name its file",
        opened.error().message());
  }
  auto library = std::make_shared<Library>(std::move(opened).value());
  if (const Status found = library->FindAll(); !found.ok()) {
    return found.error().In("no NVIDIA GPU can be asked");
  }
  TARE_RETURN_IF_ERROR(library->Start(file));
  return Nvml(std::move(library));
}

const std::vector<NvmlDevice>& Nvml::devices() const { return library_->devices; }
const std::string& Nvml::driver() const { return library_->driver; }

Result<uint64_t> Nvml::UsedBytes(size_t device) const {
  MemoryInfo memory = {};
  const int code = library_->memory_info(library_->handles.at(device), &memory);
  if (code != kSuccess) return IoError("{}", library_->Words("nvmlDeviceGetMemoryInfo", code));
  return memory.used;
}

Result<std::vector<NvmlProcess>> Nvml::Processes(size_t device) const {
  constexpr char kCall[] = "nvmlDeviceGetComputeRunningProcesses";
  const Library& nvml = *library_;
  for (uint32_t room = kFirstRoom; room <= kMaxProcesses; room *= 4) {
    std::vector<std::byte> entries(room * kRoomPerProcess);
    unsigned int count = room;
    const int code = nvml.processes(nvml.handles.at(device), &count, entries.data());
    if (code == kInsufficientSize) continue;
    if (code != kSuccess) return IoError("{}", nvml.Words(kCall, code));
    if (count > room)
      return IoError("{}: {} in room for {}", kCall, CountText(count, "process", "processes"),
                     room);
    return nvml.has_old_entries ? ProcessesOf<ProcessInfo1>(entries, count)
                                : ProcessesOf<ProcessInfo2>(entries, count);
  }
  return IoError("{}: more than {} processes", kCall, kMaxProcesses);
}

}  // namespace tare
