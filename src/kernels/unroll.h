#ifndef TARE_KERNELS_UNROLL_H_
#define TARE_KERNELS_UNROLL_H_

// Put it before a loop of constant length over an array of vectors. Fully unrolled, the array stays
// in registers.
#if defined(__clang__)
#define TARE_UNROLL _Pragma("clang loop unroll(full)")
#else
#define TARE_UNROLL _Pragma("GCC unroll 32")
#endif

#endif  // TARE_KERNELS_UNROLL_H_
