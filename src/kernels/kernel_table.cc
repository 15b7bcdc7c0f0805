#include "kernels/kernel_table.h"

#include "kernels/kernel_tables.h"

namespace tare {

const KernelTable& KernelsFor(CpuIsa isa) {
  switch (isa) {
#if defined(__x86_64__)
    case CpuIsa::kAvx2:
      return kAvx2Kernels;
    case CpuIsa::kAvx512:
      return kAvx512Kernels;
#endif
    default:
      return kPortableKernels;
  }
}

}  // namespace tare
