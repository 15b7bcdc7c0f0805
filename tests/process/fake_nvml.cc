// Stands in for NVIDIA's management library in tests.
#include "bench/testing/fake_nvml.h"

#include <cstdio>

extern "C" {

tare::testing::FakeNvml fake_nvml;

namespace {
struct Memory {
  unsigned long long total, free, used;
};
struct Entry {
  unsigned int pid;
  unsigned long long used;
#ifndef TARE_FAKE_NVML_OLD
  unsigned int gpu_instance, compute_instance;
#endif
};
constexpr unsigned long long kTotal = 80ULL << 30;

int TellProcesses(const void* device, unsigned int* count, Entry* entries) {
  if (fake_nvml.before_processes) fake_nvml.before_processes(fake_nvml);
  if (fake_nvml.processes_code != 0) return fake_nvml.processes_code;
  const unsigned int room = *count;
  const bool first = device == &fake_nvml;
  *count = first ? fake_nvml.process_count : 0;
  if (fake_nvml.lies_about_room) {
    *count = room + 1;
    return 0;
  }
  if (*count > room) return 7;  // NVML_ERROR_INSUFFICIENT_SIZE
  for (unsigned int i = 0; i < *count; ++i) {
    entries[i] = {};
    entries[i].pid = fake_nvml.processes[i].pid;
    entries[i].used = fake_nvml.processes[i].used;
  }
  return 0;
}
}  // namespace

int nvmlInit_v2() { return fake_nvml.init_code; }
int nvmlShutdown() {
  ++fake_nvml.shut_downs;
  return 0;
}
const char* nvmlErrorString(int code) { return code == 15 ? "GPU is lost" : nullptr; }
int nvmlSystemGetDriverVersion(char* text, unsigned int room) {
  std::snprintf(text, room, "570.1");
  return 0;
}
#ifndef TARE_FAKE_NVML_PARTIAL
int nvmlDeviceGetCount_v2(unsigned int* count) {
  *count = fake_nvml.devices;
  return fake_nvml.count_code;
}
#endif
int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void** device) {
  if (index >= fake_nvml.devices) return 2;
  *device = reinterpret_cast<char*>(&fake_nvml) + index;
  return 0;
}
int nvmlDeviceGetName(void* /*device*/, char* text, unsigned int room) {
  std::snprintf(text, room, "Fake H100");
  return 0;
}
int nvmlDeviceGetMemoryInfo(void* /*device*/, Memory* memory) {
  *memory = {kTotal, kTotal - fake_nvml.used_bytes, fake_nvml.used_bytes};
  return fake_nvml.memory_code;
}
#ifdef TARE_FAKE_NVML_OLD
int nvmlDeviceGetComputeRunningProcesses(void* device, unsigned int* count, Entry* entries) {
  return TellProcesses(device, count, entries);
}
#else
int nvmlDeviceGetComputeRunningProcesses_v3(void* device, unsigned int* count, Entry* entries) {
  return TellProcesses(device, count, entries);
}
#endif

}  // extern "C"
