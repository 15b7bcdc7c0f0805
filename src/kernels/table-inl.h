// The table of the kernels above. Included last by each kernels_<isa>.cc.

#include "kernels/kernel_table.h"

namespace tare::TARE_SIMD_NAMESPACE {

constexpr KernelTable MakeTable(CpuIsa isa) {
  return {
      .isa = isa,
      .matmul_scratch_bytes = MatMulScratchBytes,
      .matmul = MatMul,
      .attention_scratch_bytes = AttentionScratchBytes,
      .attention = Attention,
      .batched_matmul_scratch_bytes = BatchedMatMulScratchBytes,
      .batched_matmul = BatchedMatMul,
      .rope_scratch_bytes = RopeScratchBytes,
      .rope = Rope,
      .rms_norm = RmsNorm,
      .layer_norm = LayerNorm,
      .softmax = Softmax,
      .unary = Unary,
      .binary = Binary,
      .gather = Gather,
      .limits = MakeLimits(),
  };
}

}  // namespace tare::TARE_SIMD_NAMESPACE
