#if defined(__x86_64__)

#include <immintrin.h>

#include "kernels/kernel_includes.h"
#include "kernels/kernel_tables.h"

#define TARE_SIMD_NAMESPACE avx512

#if defined(__clang__)
#pragma clang attribute push(                                                    \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"))), \
    apply_to = function)
#else
// GCC 12's own header reads a vector it leaves undefined on purpose (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")
#endif

// clang-format off
#include "kernels/simd_avx512-inl.h"
#include "kernels/kernels-inl.h"
// clang-format on

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace tare {

constinit const KernelTable kAvx512Kernels = avx512::MakeTable(CpuIsa::kAvx512);

}  // namespace tare

#endif  // defined(__x86_64__)
