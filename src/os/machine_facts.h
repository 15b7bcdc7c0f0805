#ifndef TARE_OS_MACHINE_FACTS_H_
#define TARE_OS_MACHINE_FACTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tare {

// The machine that the figures were measured on. A text is empty if the system does not report it.
struct MachineFacts {
  std::string cpu_model;
  std::vector<std::string> cpu_features;  // the CPU flags that decide which kernels run
  std::vector<std::string> caches;        // of the first CPU: "L1 data 48K", "L2 1024K"
  size_t logical_cpus = 1;                // that this process may use
  size_t physical_cores = 1;
  std::string kernel;
  uint64_t memory_bytes = 0;
  uint64_t available_bytes = 0;
  uint64_t swap_bytes = 0;
  uint64_t swap_used_bytes = 0;
  uint64_t huge_page_pool_bytes = 0;  // reserved; transparent huge pages not included
  double load_average = 0;            // of the last minute
  uint64_t page_bytes = 0;
  std::string governor;                // of the first CPU: "performance", "powersave"…
  std::string transparent_hugepages;   // "always", "madvise", "never"
  std::vector<std::string> gpus;       // NVIDIA's, where rows were to run on them (DescribeGpus)
  uint64_t read_bytes_per_second = 0;  // measured, see MeasureReadBandwidth; 0: not measured
};

MachineFacts ReadMachineFacts();

}  // namespace tare

#endif  // TARE_OS_MACHINE_FACTS_H_
