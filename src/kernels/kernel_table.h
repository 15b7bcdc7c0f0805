#ifndef TARE_KERNELS_KERNEL_TABLE_H_
#define TARE_KERNELS_KERNEL_TABLE_H_

#include <cstddef>

#include "base/cpu_isa.h"
#include "base/thread_pool.h"
#include "kernels/attention.h"
#include "kernels/batched_matmul.h"
#include "kernels/gather.h"
#include "kernels/machine_limits.h"
#include "kernels/matmul.h"
#include "kernels/norm.h"
#include "kernels/pointwise.h"
#include "kernels/rope.h"
#include "kernels/softmax.h"

namespace tare {

// The kernels of one instruction set. Every thread of a pool calls a kernel with the same arguments
// and its own slice, and computes that share. Outputs are complete once all threads have returned.
// The result does not depend on the number of threads. graph/verify has validated the arguments.
//
// Each thread passes its own scratch memory, aligned to 64 bytes, with at least as many bytes as
// the kernel's *_scratch_bytes returns for the same arguments (which may be 0).
struct KernelTable {
  CpuIsa isa = CpuIsa::kPortable;

  size_t (*matmul_scratch_bytes)(const MatMulArgs& args) noexcept = nullptr;
  void (*matmul)(const MatMulArgs& args, ThreadSlice slice, std::byte* scratch) noexcept = nullptr;

  size_t (*attention_scratch_bytes)(const AttentionArgs& args) noexcept = nullptr;
  void (*attention)(const AttentionArgs& args, ThreadSlice slice,
                    std::byte* scratch) noexcept = nullptr;

  size_t (*batched_matmul_scratch_bytes)(const BatchedMatMulArgs& args) noexcept = nullptr;
  void (*batched_matmul)(const BatchedMatMulArgs& args, ThreadSlice slice,
                         std::byte* scratch) noexcept = nullptr;

  size_t (*rope_scratch_bytes)(const RopeArgs& args) noexcept = nullptr;
  void (*rope)(const RopeArgs& args, ThreadSlice slice, std::byte* scratch) noexcept = nullptr;

  void (*rms_norm)(const RmsNormArgs& args, ThreadSlice slice) noexcept = nullptr;
  void (*layer_norm)(const LayerNormArgs& args, ThreadSlice slice) noexcept = nullptr;
  void (*softmax)(const SoftmaxArgs& args, ThreadSlice slice) noexcept = nullptr;
  void (*unary)(const UnaryArgs& args, ThreadSlice slice) noexcept = nullptr;
  void (*binary)(const BinaryArgs& args, ThreadSlice slice) noexcept = nullptr;
  void (*gather)(const GatherArgs& args, ThreadSlice slice) noexcept = nullptr;

  MachineLimits limits;
};

// Precondition: this CPU supports `isa` (SupportedCpuIsas).
const KernelTable& KernelsFor(CpuIsa isa);

}  // namespace tare

#endif  // TARE_KERNELS_KERNEL_TABLE_H_
