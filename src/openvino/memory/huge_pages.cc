#include "openvino/memory/huge_pages.h"

#include <cinttypes>
#include <cstdio>

#include "openvino/run_report.h"
#include "trim/contract.h"

namespace tare {
namespace {

// Anonymous memory of this process in huge pages; 0 on kernels before 4.14, which do not report it.
uint64_t ResidentBytes() {
  std::FILE* file = std::fopen("/proc/self/smaps_rollup", "re");
  if (file == nullptr) return 0;
  uint64_t kib = 0;
  char line[256];
  while (std::fgets(line, sizeof(line), file) != nullptr) {
    if (std::sscanf(line, "AnonHugePages: %" SCNu64, &kib) == 1) break;
  }
  std::fclose(file);
  return kib * 1024;
}

}  // namespace

HugePages::HugePages(const HugeAllocationCalls& calls, HugePace pace)
    : calls_(calls), asked_before_(calls.bytes()), resident_before_(ResidentBytes()) {
  calls_.begin(pace);
}

HugePages::~HugePages() {
  calls_.end();
  const uint64_t asked = calls_.bytes() - asked_before_;
  const uint64_t resident = ResidentBytes();
  const uint64_t grown = resident > resident_before_ ? resident - resident_before_ : 0;
  AppendToReport(kHugeEvent, asked, grown);
}

}  // namespace tare
