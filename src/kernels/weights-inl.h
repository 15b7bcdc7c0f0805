// Stored weights, widened 32 at a time in their natural order. Included once by each
// kernels_<isa>.cc after its simd header.

#include <cstring>

#include "tensor/dtype.h"

namespace tare::TARE_SIMD_NAMESPACE {

// A block of every quantised type, and a whole number of vectors.
inline constexpr size_t kStep = 32;
inline constexpr size_t kStepVectors = kStep / kLanes;

template <DType kType>
inline constexpr size_t kStepBytes = kStep / BlockElements(kType) * BlockBytes(kType);

// The first kLanes elements at `from`; f32, f16 and bf16 alone.
template <DType kType>
inline F32 LoadAs(const std::byte* from) {
  if constexpr (kType == DType::kF32) return LoadF32(from);
  if constexpr (kType == DType::kF16) return LoadF16(from);
  if constexpr (kType == DType::kBF16) return LoadBF16(from);
}

template <DType kType>
inline F32 LoadFirstAs(const std::byte* from, size_t n) {
  constexpr size_t kBytes = BlockBytes(kType);
  std::byte whole[kLanes * kBytes] = {};
  std::memcpy(whole, from, n * kBytes);
  return LoadAs<kType>(whole);
}

template <DType kType>
inline void Decode(const std::byte* from, F32 (&w)[kStepVectors]) {
  if constexpr (kType == DType::kQ8_0) {
    const F32 scale = BroadcastF16(from);
    for (size_t v = 0; v < kStepVectors; ++v) w[v] = LoadI8(from + 2 + v * kLanes) * scale;
  } else if constexpr (kType == DType::kQ4_0) {
    DecodeNibbles<-8>(from + 2, BroadcastF16(from), Zero(), w);
  } else if constexpr (kType == DType::kQ4_1) {
    F32 scale, min;
    BroadcastF16Pair(from, scale, min);
    DecodeNibbles<0>(from + 4, scale, min, w);
  } else {
    for (size_t v = 0; v < kStepVectors; ++v) {
      w[v] = LoadAs<kType>(from + v * kLanes * BlockBytes(kType));
    }
  }
}

// The first n < kStep elements, then zeros. Never called for a quantised type: their rows are whole
// blocks.
template <DType kType>
inline void DecodeFirst(const std::byte* from, size_t n, F32 (&w)[kStepVectors]) {
  std::byte whole[kStepBytes<kType>] = {};
  std::memcpy(whole, from, n * BlockBytes(kType));
  Decode<kType>(whole, w);
}

// Calls Kernel<the type that `type` names>::Run(args...). Graphs have no weights of another type
// (graph/infer.cc), so that one that comes here is our own bug.
template <template <DType> class Kernel, typename... Args>
inline void ForWeightType(DType type, const Args&... args) {
  switch (type) {
    case DType::kF32:
      return Kernel<DType::kF32>::Run(args...);
    case DType::kF16:
      return Kernel<DType::kF16>::Run(args...);
    case DType::kBF16:
      return Kernel<DType::kBF16>::Run(args...);
    case DType::kQ8_0:
      return Kernel<DType::kQ8_0>::Run(args...);
    case DType::kQ4_0:
      return Kernel<DType::kQ4_0>::Run(args...);
    case DType::kQ4_1:
      return Kernel<DType::kQ4_1>::Run(args...);
    case DType::kI32:
      break;
  }
  RefuseWeightType(type);
}

}  // namespace tare::TARE_SIMD_NAMESPACE
