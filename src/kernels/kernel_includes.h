#ifndef TARE_KERNELS_KERNEL_INCLUDES_H_
#define TARE_KERNELS_KERNEL_INCLUDES_H_

// Everything that the -inl.h files include. A kernels_<isa>.cc includes this before it opens its
// target region, so that nothing of the standard library or of other rooms is compiled in it: a
// linker may keep such a copy for all callers, on CPUs that cannot run it.
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
