#ifndef TARE_BENCH_TESTING_FAKE_NVML_H_
#define TARE_BENCH_TESTING_FAKE_NVML_H_

#include <functional>

namespace tare::testing {

// The answers of the fake NVIDIA library. A test loads the same file and finds this object by the
// name "fake_nvml".
struct FakeNvml {
  struct Process {
    unsigned int pid;
    unsigned long long used;
  };
  int init_code = 0;
  int count_code = 0;
  int memory_code = 0;
  int processes_code = 0;
  unsigned int devices = 1;
  unsigned long long used_bytes = 0;  // on each device
  Process* processes = nullptr;       // on the first device
  unsigned int process_count = 0;
  bool lies_about_room = false;  // claims to have written more entries than fit
  // Called before the processes are returned.
  std::function<void(FakeNvml&)> before_processes;
  int shut_downs = 0;
};

}  // namespace tare::testing

#endif  // TARE_BENCH_TESTING_FAKE_NVML_H_
