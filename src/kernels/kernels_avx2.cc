#if defined(__x86_64__)

#include <immintrin.h>

#include "kernels/kernel_includes.h"
#include "kernels/kernel_tables.h"

#define TARE_SIMD_NAMESPACE avx2

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")
#endif

// clang-format off
#include "kernels/simd_avx2-inl.h"
#include "kernels/kernels-inl.h"
// clang-format on

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace tare {

constinit const KernelTable kAvx2Kernels = avx2::MakeTable(CpuIsa::kAvx2);

}  // namespace tare

#endif  // defined(__x86_64__)
