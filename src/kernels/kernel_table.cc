#include "kernels/kernel_table.h"

#include <fmt/format.h>

#include "base/check.h"
#include "kernels/kernel_tables.h"

namespace tare {

void RefuseWeightType(DType type) {
  internal::CheckFailed(__FILE__, __LINE__,
                        fmt::format("no kernel decodes weights of type {}", DTypeName(type)));
}

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
