// For instruction sets without the kernels of level_dot_avx2-inl.h. Included once by matmul-inl.h.

#include <cstddef>

#include "kernels/matmul.h"

namespace tare::TARE_SIMD_NAMESPACE {

inline bool HasLevelDots(const MatMulArgs&) { return false; }
inline size_t LevelDotScratchBytes(const MatMulArgs&) { return 0; }
inline void RunLevelDots(const MatMulArgs&, IndexRange, std::byte*) {}

}  // namespace tare::TARE_SIMD_NAMESPACE
