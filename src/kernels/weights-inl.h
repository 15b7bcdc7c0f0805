// Stored weights, widened some blocks at a time in their natural order. Included once by each
// kernels_<isa>.cc after its simd header.

#include <cstring>
#include <utility>

#include "tensor/dtype.h"

namespace tare::TARE_SIMD_NAMESPACE {

// Elements that a kernel widens at a time: whole blocks, and enough vectors to keep several sums
// going.
constexpr size_t StepOf(DType type) { return std::max(size_t{32}, BlockElements(type)); }
template <DType kType>
inline constexpr size_t kStep = StepOf(kType);
template <DType kType>
inline constexpr size_t kStepVectors = kStep<kType> / kLanes;
template <DType kType>
inline constexpr size_t kStepBytes = StoredBytes(kType, kStep<kType>);

// A large block is decoded in pieces, since its vectors would not fit the registers.
template <DType kType>
inline constexpr size_t kPiece = std::min(size_t{64}, kStep<kType>);
template <DType kType>
inline constexpr size_t kPieces = kStep<kType> / kPiece<kType>;
template <DType kType>
inline constexpr size_t kPieceVectors = kPiece<kType> / kLanes;

template <DType kType>
concept Loadable = kType == DType::kF32 || kType == DType::kF16 || kType == DType::kBF16;

// The first kLanes elements at `from`.
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

// A step of a type, a piece at a time in registers; the same values as DequantizeRow's, to the last
// bit but for the sign of zero. What a piece needs of the whole block is read by the constructor.
// The bytes must outlive it. Whatever type this is specialised for has kernels of its own; the
// others go through their f32 values (matmul-inl.h).
template <DType kType>
class StepDecoder;

template <DType kType>
requires Loadable<kType>
class StepDecoder<kType> {
 public:
  explicit StepDecoder(const std::byte* from) : from_(from) {}
  void Piece(size_t, F32 (&w)[kPieceVectors<kType>]) const {
    for (size_t v = 0; v < kPieceVectors<kType>; ++v) {
      w[v] = LoadAs<kType>(from_ + v * kLanes * BlockBytes(kType));
    }
  }

 private:
  const std::byte* from_;
};

template <>
class StepDecoder<DType::kQ8_0> {
 public:
  explicit StepDecoder(const std::byte* from) : from_(from) {}
  void Piece(size_t, F32 (&w)[kPieceVectors<DType::kQ8_0>]) const {
    const F32 scale = BroadcastF16(from_);
    for (size_t v = 0; v < kPieceVectors<DType::kQ8_0>; ++v) {
      w[v] = LoadI8(from_ + 2 + v * kLanes) * scale;
    }
  }

 private:
  const std::byte* from_;
};

template <>
class StepDecoder<DType::kQ4_0> {
 public:
  explicit StepDecoder(const std::byte* from) : from_(from) {}
  void Piece(size_t, F32 (&w)[kPieceVectors<DType::kQ4_0>]) const {
    DecodeNibbles<-8>(from_ + 2, BroadcastF16(from_), Zero(), w);
  }

 private:
  const std::byte* from_;
};

template <>
class StepDecoder<DType::kQ4_1> {
 public:
  explicit StepDecoder(const std::byte* from) : from_(from) {}
  void Piece(size_t, F32 (&w)[kPieceVectors<DType::kQ4_1>]) const {
    F32 scale, min;
    BroadcastF16Pair(from_, scale, min);
    DecodeNibbles<0>(from_ + 4, scale, min, w);
  }

 private:
  const std::byte* from_;
};

}  // namespace tare::TARE_SIMD_NAMESPACE

#include "kernels/weights_bits-inl.h"

namespace tare::TARE_SIMD_NAMESPACE {

template <DType kType>
concept HasKernels = requires {
  sizeof(StepDecoder<kType>);
};

template <DType kType>
inline void Decode(const std::byte* from, F32 (&w)[kStepVectors<kType>]) {
  static_assert(kStep<kType> % BlockElements(kType) == 0 && kPiece<kType> % kLanes == 0);
  const StepDecoder<kType> decoder(from);
  for (size_t p = 0; p < kPieces<kType>; ++p) {
    F32 piece[kPieceVectors<kType>];
    decoder.Piece(p, piece);
    for (size_t v = 0; v < kPieceVectors<kType>; ++v) w[p * kPieceVectors<kType> + v] = piece[v];
  }
}

// The first n < kStep elements, then zeros.
template <DType kType>
inline void DecodeFirst(const std::byte* from, size_t n, F32 (&w)[kStepVectors<kType>]) {
  std::byte whole[kStepBytes<kType>] = {};
  std::memcpy(whole, from, StoredBytes(kType, n));
  Decode<kType>(whole, w);
}

template <template <DType> class Kernel, DType kType, typename... Args>
inline bool RunIfItIs(DType type, const Args&... args) {
  if constexpr (HasKernels<kType>) {
    if (type == kType) {
      Kernel<kType>::Run(args...);
      return true;
    }
  }
  return false;
}

template <template <DType> class Kernel, size_t... kIndex, typename... Args>
inline bool RunAmong(std::index_sequence<kIndex...>, DType type, const Args&... args) {
  return (RunIfItIs<Kernel, kAllDTypes[kIndex]>(type, args...) || ...);
}

// Calls Kernel<type>::Run(args...), unless the type has no kernels of its own: then false.
template <template <DType> class Kernel, typename... Args>
inline bool RunOwnKernel(DType type, const Args&... args) {
  return RunAmong<Kernel>(std::make_index_sequence<kAllDTypes.size()>(), type, args...);
}

template <DType>
struct NoWork {
  static void Run() {}
};
inline bool HasOwnKernel(DType type) { return RunOwnKernel<NoWork>(type); }

}  // namespace tare::TARE_SIMD_NAMESPACE
