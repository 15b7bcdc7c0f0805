// Every kernel, over the vectors of the simd header that was included before. Each kernels_<isa>.cc
// includes this once, with TARE_SIMD_NAMESPACE defined and its target region open.

#include "kernels/weights-inl.h"
//
#include "kernels/math-inl.h"
#include "kernels/tile-inl.h"
//
#include "kernels/matmul-inl.h"
#include "kernels/pointwise-inl.h"
#include "kernels/rowwise-inl.h"
//
#include "kernels/attention-inl.h"
#include "kernels/batched_matmul-inl.h"
#include "kernels/machine_limits-inl.h"
#include "kernels/rope-inl.h"
//
#include "kernels/table-inl.h"
