#include "kernels/kernel_table.h"

namespace tare {
namespace {

// Runs a reference whole on the first thread.
template <typename Args, void (*kReference)(const Args&) noexcept>
void Whole(const Args& args, ThreadSlice slice) noexcept {
  if (slice.index == 0) kReference(args);
}
template <typename Args, void (*kReference)(const Args&) noexcept>
void WholeWithScratch(const Args& args, ThreadSlice slice, std::byte*) noexcept {
  if (slice.index == 0) kReference(args);
}
template <typename Args>
size_t NoScratch(const Args&) noexcept {
  return 0;
}

constexpr KernelTable kReferenceKernels = {
    .isa = CpuIsa::kPortable,
    .matmul_scratch_bytes = NoScratch<MatMulArgs>,
    .matmul = WholeWithScratch<MatMulArgs, MatMulReference>,
    .attention_scratch_bytes = NoScratch<AttentionArgs>,
    .attention = WholeWithScratch<AttentionArgs, AttentionReference>,
    .batched_matmul_scratch_bytes = NoScratch<BatchedMatMulArgs>,
    .batched_matmul = WholeWithScratch<BatchedMatMulArgs, BatchedMatMulReference>,
    .rope_scratch_bytes = NoScratch<RopeArgs>,
    .rope = WholeWithScratch<RopeArgs, RopeReference>,
    .rms_norm = Whole<RmsNormArgs, RmsNormReference>,
    .layer_norm = Whole<LayerNormArgs, LayerNormReference>,
    .softmax = Whole<SoftmaxArgs, SoftmaxReference>,
    .unary = Whole<UnaryArgs, UnaryReference>,
    .binary = Whole<BinaryArgs, BinaryReference>,
    .gather = Whole<GatherArgs, GatherReference>,
};

}  // namespace

const KernelTable& KernelsFor(CpuIsa) { return kReferenceKernels; }

}  // namespace tare
