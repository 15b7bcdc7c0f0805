#ifndef TARE_KERNELS_KERNEL_TABLES_H_
#define TARE_KERNELS_KERNEL_TABLES_H_

#include "kernels/kernel_table.h"

namespace tare {

// One per kernels_<isa>.cc; KernelsFor chooses one.
extern const KernelTable kPortableKernels;
#if defined(__x86_64__)
extern const KernelTable kAvx2Kernels;
extern const KernelTable kAvx512Kernels;
#endif

}  // namespace tare

#endif  // TARE_KERNELS_KERNEL_TABLES_H_
