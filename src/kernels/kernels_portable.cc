#include "kernels/kernel_includes.h"
#include "kernels/kernel_tables.h"

#define TARE_SIMD_NAMESPACE portable
// clang-format off
#include "kernels/simd_portable-inl.h"
#include "kernels/kernels-inl.h"
// clang-format on

namespace tare {

constinit const KernelTable kPortableKernels = portable::MakeTable(CpuIsa::kPortable);

}  // namespace tare
