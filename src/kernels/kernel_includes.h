#ifndef TARE_KERNELS_KERNEL_INCLUDES_H_
#define TARE_KERNELS_KERNEL_INCLUDES_H_

// Everything that the -inl.h files include. A kernels_<isa>.cc includes this before its target
// region, so that no code of the standard library or of other rooms is compiled for that target:
// the linker might keep that copy for all callers, even on CPUs that cannot run it.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "base/aligned_buffer.h"
#include "base/check.h"
#include "base/thread_pool.h"
#include "kernels/kernel_table.h"
#include "kernels/unroll.h"
#include "tensor/dequantize.h"
#include "tensor/dtype.h"
#include "tensor/half.h"
#include "tensor/little_endian.h"

#endif  // TARE_KERNELS_KERNEL_INCLUDES_H_
