// MatMul in three ways: few tokens against weights [N, K] (memory-bound: each weight is read once
// and used from registers), few tokens against weights [K, N], and many tokens (weights widened
// into a packed panel, then register tiles). Weights of a type without kernels of its own are
// decoded to f32 a few rows at a time, and go on as those do. Included once by each
// kernels_<isa>.cc.

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "base/thread_pool.h"
#include "kernels/matmul.h"

namespace tare::TARE_SIMD_NAMESPACE {

// Above this the packed way is faster: a row of x is then used from cache, not from registers.
inline constexpr size_t kFewTokens = 8;

// Independent sums per dot product: enough chains to hide the latency of a fused multiply-add with
// the rows and tokens of a block, as many as the registers hold.
inline constexpr size_t Chains(size_t tokens) { return kLanes == 16 || tokens == 1 ? 2 : 1; }
inline constexpr size_t RowsAtOnce(size_t tokens) {
  if (kLanes == 16) return tokens <= 2 ? 4 : tokens <= 4 ? 2 : 1;
  return tokens == 1 ? 4 : tokens <= 4 ? 2 : 1;
}

// ---- Tails -------------------------------------------------------------------------------------

inline F32 ApplyTail(TailKind kind, F32 y, F32 operand) {
  switch (kind) {
    case TailKind::kBias:
    case TailKind::kAdd:
      return y + operand;
    case TailKind::kMul:
      return y * operand;
    case TailKind::kGeluTanh:
      return GeluTanh(y);
    case TailKind::kSilu:
      return Silu(y);
  }
  return y;
}

inline void ApplyTailToRow(TailKind kind, const float* operand, float* y, size_t n) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    Store(ApplyTail(kind, Load(y + i), operand != nullptr ? Load(operand + i) : Zero()), y + i);
  }
  if (i == n) return;
  const size_t rest = n - i;
  const F32 last = operand != nullptr ? LoadFirst(operand + i, rest) : Zero();
  StoreFirst(ApplyTail(kind, LoadFirst(y + i, rest), last), y + i, rest);
}

inline void ApplyTails(const MatMulArgs& args, IndexRange tokens, IndexRange columns) {
  for (size_t t = tokens.begin; t < tokens.end; ++t) {
    float* y = args.y + t * args.y_stride + columns.begin;
    for (const MatMulTail& tail : args.tails) {
      const bool per_token = tail.kind == TailKind::kMul || tail.kind == TailKind::kAdd;
      const float* operand = tail.operand;
      if (operand != nullptr) operand += columns.begin + (per_token ? t * tail.stride : 0);
      ApplyTailToRow(tail.kind, operand, y, columns.end - columns.begin);
    }
  }
}

// ---- Few tokens, weights [N, K] ----------------------------------------------------------------

// How far ahead weights are prefetched: rows are short, and hardware prefetchers restart at each
// row. On Zen 5, one thread, weights out of cache, q8_0: 16 KiB reads 35 to 37 GB/s, 2 KiB 17 to
// 33, nothing 12.
inline constexpr size_t kPrefetchBytes = 16384;

template <DType kType, size_t kRows, size_t kTokens>
inline void DotRows(const MatMulArgs& args, size_t n, size_t t) {
  constexpr size_t kChains = Chains(kTokens);
  const size_t steps = args.k / kStep<kType>;
  const size_t row_bytes = StoredBytes(kType, args.k);
  const std::byte* w = args.weight + n * row_bytes;
  const std::byte* ahead = w + kPrefetchBytes;
  const float* x = args.x + t * args.x_stride;
  F32 sum[kRows][kTokens][kChains];
  TARE_UNROLL
  for (size_t r = 0; r < kRows; ++r) {
    TARE_UNROLL
    for (size_t i = 0; i < kTokens; ++i) {
      TARE_UNROLL
      for (size_t c = 0; c < kChains; ++c) sum[r][i][c] = Zero();
    }
  }
  for (size_t step = 0; step < steps; ++step) {
    TARE_UNROLL
    for (size_t line = 0; line < kRows * kStepBytes<kType>; line += 64) Prefetch(ahead + line);
    ahead += kRows * kStepBytes<kType>;
    TARE_UNROLL
    for (size_t r = 0; r < kRows; ++r) {
      const StepDecoder<kType> decoder(w + r * row_bytes);
      for (size_t p = 0; p < kPieces<kType>; ++p) {
        F32 weights[kPieceVectors<kType>];
        decoder.Piece(p, weights);
        const float* const xs = x + p * kPiece<kType>;
        TARE_UNROLL
        for (size_t i = 0; i < kTokens; ++i) {
          TARE_UNROLL
          for (size_t v = 0; v < kPieceVectors<kType>; ++v) {
            F32& chain = sum[r][i][v % kChains];
            chain = MulAdd(weights[v], Load(xs + i * args.x_stride + v * kLanes), chain);
          }
        }
      }
    }
    w += kStepBytes<kType>;
    x += kStep<kType>;
  }
  const size_t rest = args.k % kStep<kType>;
  for (size_t r = 0; r < kRows; ++r) {
    F32 weights[kStepVectors<kType>];
    if (rest != 0) DecodeFirst<kType>(w + r * row_bytes, rest, weights);
    for (size_t i = 0; i < kTokens; ++i) {
      if (rest != 0) {
        float last[kStep<kType>] = {};
        std::memcpy(last, x + i * args.x_stride, rest * sizeof(float));
        for (size_t v = 0; v < kStepVectors<kType>; ++v) {
          F32& chain = sum[r][i][v % kChains];
          chain = MulAdd(weights[v], Load(last + v * kLanes), chain);
        }
      }
      F32 total = sum[r][i][0];
      for (size_t c = 1; c < kChains; ++c) total = total + sum[r][i][c];
      args.y[(t + i) * args.y_stride + n + r] = Sum(total);
    }
  }
}

template <DType kType, size_t kTokens>
inline void DotAllRows(const MatMulArgs& args, IndexRange columns) {
  constexpr size_t kRows = RowsAtOnce(kTokens);
  size_t n = columns.begin;
  for (; n + kRows <= columns.end; n += kRows) DotRows<kType, kRows, kTokens>(args, n, 0);
  for (; n < columns.end; ++n) DotRows<kType, 1, kTokens>(args, n, 0);
}

template <DType kType>
struct FewTokensOutIn {
  static void Run(const MatMulArgs& args, const IndexRange& columns) {
    switch (args.t) {
      case 1:
        return DotAllRows<kType, 1>(args, columns);
      case 2:
        return DotAllRows<kType, 2>(args, columns);
      case 3:
        return DotAllRows<kType, 3>(args, columns);
      case 4:
        return DotAllRows<kType, 4>(args, columns);
      case 5:
        return DotAllRows<kType, 5>(args, columns);
      case 6:
        return DotAllRows<kType, 6>(args, columns);
      case 7:
        return DotAllRows<kType, 7>(args, columns);
      case 8:
        return DotAllRows<kType, 8>(args, columns);
      default:
        return;
    }
  }
};

}  // namespace tare::TARE_SIMD_NAMESPACE

#ifdef TARE_SIMD_HAS_LEVEL_DOTS
#include "kernels/level_dot_avx2-inl.h"
#else
#include "kernels/level_dot_none-inl.h"
#endif

namespace tare::TARE_SIMD_NAMESPACE {

// ---- Few tokens, weights [K, N] ----------------------------------------------------------------

// Sums fit a level-1 cache, so weights are read in place: this many rows at once, over as many
// columns as hold this many sums before the rest of K. On Zen 4, two threads, f32 out of cache, one
// token, 1024 x 4096: 0.67 ms; 4 rows 0.78; sums in registers down all of K, which read a KiB here
// and there, 0.92.
inline constexpr size_t kRowsDown = 8;
inline constexpr size_t kSumsDown = 4096;

// y[t .. t + kTokens, columns] += x[.., k .. k + kRows] times those rows of weights, a cache line
// of each row at a time.
template <DType kType, size_t kRows, size_t kTokens>
inline void AddRows(const MatMulArgs& args, size_t t, IndexRange columns, size_t k) {
  constexpr size_t kBytes = BlockBytes(kType);
  // Sums take half of the registers at most.
  constexpr size_t kMaxVectors = (kLanes == 16 ? 16 : 8) / kTokens;
  constexpr size_t kVectors = std::min(64 / (kLanes * kBytes), kMaxVectors);
  // The more there is to do with a weight, the fewer reads the processor has in flight. Asking for
  // the next rows gains up to 15 % there; f32 with one token loses as much.
  constexpr bool kAhead = kBytes < sizeof(float) || kTokens > 2;
  const size_t row_bytes = args.n * kBytes;
  const size_t y_stride = args.y_stride;
  const std::byte* w = args.weight + k * row_bytes + columns.begin * kBytes;
  F32 x[kRows][kTokens];
  TARE_UNROLL
  for (size_t r = 0; r < kRows; ++r) {
    TARE_UNROLL
    for (size_t i = 0; i < kTokens; ++i) x[r][i] = Set(args.x[(t + i) * args.x_stride + k + r]);
  }
  float* y = args.y + t * y_stride + columns.begin;
  float* const end = y + (columns.end - columns.begin);
  for (; y + kVectors * kLanes <= end; y += kVectors * kLanes) {
    F32 sum[kTokens][kVectors];
    TARE_UNROLL
    for (size_t i = 0; i < kTokens; ++i) {
      TARE_UNROLL
      for (size_t v = 0; v < kVectors; ++v) sum[i][v] = Load(y + i * y_stride + v * kLanes);
    }
    TARE_UNROLL
    for (size_t r = 0; r < kRows; ++r) {
      if constexpr (kAhead) Prefetch(w + (r + kRows) * row_bytes);
      TARE_UNROLL
      for (size_t v = 0; v < kVectors; ++v) {
        const F32 weights = LoadAs<kType>(w + r * row_bytes + v * kLanes * kBytes);
        TARE_UNROLL
        for (size_t i = 0; i < kTokens; ++i) sum[i][v] = MulAdd(x[r][i], weights, sum[i][v]);
      }
    }
    TARE_UNROLL
    for (size_t i = 0; i < kTokens; ++i) {
      TARE_UNROLL
      for (size_t v = 0; v < kVectors; ++v) Store(sum[i][v], y + i * y_stride + v * kLanes);
    }
    w += kVectors * kLanes * kBytes;
  }
  while (y < end) {
    const size_t lanes = std::min(kLanes, static_cast<size_t>(end - y));
    F32 sum[kTokens];
    for (size_t i = 0; i < kTokens; ++i) sum[i] = LoadFirst(y + i * y_stride, lanes);
    for (size_t r = 0; r < kRows; ++r) {
      const F32 weights = LoadFirstAs<kType>(w + r * row_bytes, lanes);
      for (size_t i = 0; i < kTokens; ++i) sum[i] = MulAdd(x[r][i], weights, sum[i]);
    }
    for (size_t i = 0; i < kTokens; ++i) StoreFirst(sum[i], y + i * y_stride, lanes);
    y += lanes;
    w += lanes * kBytes;
  }
}

// For all tokens. Four tokens share one read of the rows; the next four find them in the cache.
template <DType kType, size_t kRows>
inline void AddRowsToAll(const MatMulArgs& args, IndexRange columns, size_t k) {
  size_t t = 0;
  for (; t + 4 <= args.t; t += 4) AddRows<kType, kRows, 4>(args, t, columns, k);
  switch (args.t - t) {
    case 1:
      return AddRows<kType, kRows, 1>(args, t, columns, k);
    case 2:
      return AddRows<kType, kRows, 2>(args, t, columns, k);
    case 3:
      return AddRows<kType, kRows, 3>(args, t, columns, k);
    default:
      return;
  }
}

// Rows from k on, kRows at once, then what is left in smaller steps.
template <DType kType, size_t kRows = kRowsDown>
inline void AddAllRows(const MatMulArgs& args, IndexRange columns, size_t k) {
  for (; k + kRows <= args.k; k += kRows) AddRowsToAll<kType, kRows>(args, columns, k);
  if constexpr (kRows > 1) {
    if (k < args.k) AddAllRows<kType, kRows / 2>(args, columns, k);
  }
}

template <DType kType>
struct FewTokensInOut {
  static void Run(const MatMulArgs& args, const IndexRange& columns) {
    if constexpr (BlockElements(kType) == 1) {
      for (size_t t = 0; t < args.t; ++t) {
        float* y = args.y + t * args.y_stride;
        std::fill(y + columns.begin, y + columns.end, 0.0f);
      }
      const size_t width = kSumsDown / args.t / 64 * 64;
      for (size_t n = columns.begin; n < columns.end; n += width) {
        AddAllRows<kType>(args, {n, std::min(columns.end, n + width)}, 0);
      }
    }
  }
};

// ---- Many tokens -------------------------------------------------------------------------------

// A packed block of weights is at most kPackDepth × kPackPanels * kTileCols f32 (256 KiB for
// AVX-512): a quarter of a level-2 cache, and deep enough that y is revisited seldom.
inline constexpr size_t kPackDepth = 512;
inline constexpr size_t kPackPanels = 4;

// Depth of the pieces that K is cut into: equal ones, whole steps.
inline size_t PackDepth(const MatMulArgs& args) {
  const size_t pieces = (args.k + kPackDepth - 1) / kPackDepth;
  const size_t depth = (args.k + pieces - 1) / pieces;
  const size_t step = StepOf(args.weight_type);
  return (depth + step - 1) / step * step;
}

// Widens kLanes rows of weights and turns them: to[k * kTileCols + row], `depth` rounded up to
// whole steps. Rows past the `rows` that exist become zeros.
template <DType kType>
inline void PackRows(const std::byte* from, size_t row_bytes, size_t rows, size_t depth,
                     float* to) {
  F32 block[kStepVectors<kType>][kLanes];
  for (size_t k = 0; k < depth; k += kStep<kType>) {
    const size_t elements = std::min(kStep<kType>, depth - k);
    for (size_t r = 0; r < kLanes; ++r) {
      F32 w[kStepVectors<kType>];
      for (F32& lanes : w) lanes = Zero();
      const std::byte* at = from + r * row_bytes;
      if (r < rows) {
        if (elements == kStep<kType>) {
          Decode<kType>(at, w);
        } else {
          DecodeFirst<kType>(at, elements, w);
        }
      }
      for (size_t v = 0; v < kStepVectors<kType>; ++v) block[v][r] = w[v];
    }
    from += kStepBytes<kType>;
    for (size_t v = 0; v < kStepVectors<kType>; ++v) {
      Transpose(block[v]);
      for (size_t i = 0; i < kLanes; ++i) Store(block[v][i], to + i * kTileCols);
      to += kLanes * kTileCols;
    }
  }
}

// How many rows ahead [K, N] weights are prefetched while packing: hardware prefetchers do not
// follow rows that are far apart. On Zen 5, two threads, 16 tokens, f32 out of cache: 32 rows take
// 210 us for 1024 x 1024, 16 rows 235, nothing 272.
inline constexpr size_t kPrefetchRows = 32;

// A panel [depth, kTileCols] of columns n .. of the product's weights, k .. k + depth.
template <DType kType>
struct PackPanel {
  static void Run(const MatMulArgs& args, size_t n, size_t k, size_t depth, float* to) {
    if (args.layout == WeightLayout::kOutIn) {
      const size_t row_bytes = StoredBytes(kType, args.k);
      for (size_t half = 0; half < 2; ++half) {
        const size_t first = n + half * kLanes;
        const size_t rows = first < args.n ? std::min(kLanes, args.n - first) : 0;
        const std::byte* from =
            args.weight + std::min(first, args.n) * row_bytes + StoredBytes(kType, k);
        PackRows<kType>(from, row_bytes, rows, depth, to + half * kLanes);
      }
      return;
    }
    if constexpr (BlockElements(kType) == 1) {
      constexpr size_t kBytes = BlockBytes(kType);
      const size_t columns = std::min(kTileCols, args.n - n);
      for (size_t i = 0; i < depth; ++i) {
        const std::byte* from = args.weight + ((k + i) * args.n + n) * kBytes;
        const std::byte* ahead = from + kPrefetchRows * args.n * kBytes;
        for (size_t line = 0; line < kTileCols * kBytes; line += 64) Prefetch(ahead + line);
        std::byte padded[kTileCols * kBytes] = {};
        if (columns < kTileCols) {
          std::memcpy(padded, from, columns * kBytes);
          from = padded;
        }
        Store(LoadAs<kType>(from), to + i * kTileCols);
        Store(LoadAs<kType>(from + kLanes * kBytes), to + i * kTileCols + kLanes);
      }
    }
  }
};

inline void MultiplyPacked(const MatMulArgs& args, IndexRange tokens, IndexRange columns, size_t k,
                           size_t depth, const float* packed) {
  for (size_t t = tokens.begin; t < tokens.end;) {
    const size_t rows = NextTileRows(tokens.end - t);
    for (size_t n = columns.begin; n < columns.end; n += kTileCols) {
      TileArgs tile;
      tile.a = args.x + t * args.x_stride + k;
      tile.a_stride = args.x_stride;
      tile.b = packed + (n - columns.begin) * PackDepth(args);
      tile.b_stride = kTileCols;
      tile.k = depth;
      tile.c = args.y + t * args.y_stride + n;
      tile.c_stride = args.y_stride;
      tile.cols = std::min(kTileCols, columns.end - n);
      tile.accumulate = k != 0;
      RunTile(rows, tile);
    }
    t += rows;
  }
}

// ---- Types without kernels of their own --------------------------------------------------------

// Rows that few tokens are multiplied by at once: as many as the f32 kernel takes.
inline constexpr size_t kDecodedRows = 4;

// FewTokensOutIn<f32> on the decoded weights. rows: [kDecodedRows, K].
inline void FewTokensDecoded(const MatMulArgs& args, IndexRange columns, float* rows) {
  TARE_CHECK(args.layout == WeightLayout::kOutIn);  // blocks lie along K (graph/infer.cc)
  const size_t row_bytes = StoredBytes(args.weight_type, args.k);
  MatMulArgs part = args;
  part.weight_type = DType::kF32;
  part.weight = reinterpret_cast<const std::byte*>(rows);
  for (size_t n = columns.begin; n < columns.end; n += part.n) {
    part.n = std::min(kDecodedRows, columns.end - n);
    part.y = args.y + n;
    DequantizeRow(args.weight_type, args.weight + n * row_bytes, part.n * args.k, rows);
    FewTokensOutIn<DType::kF32>::Run(part, {0, part.n});
  }
}

// PackPanel<f32> on the decoded weights. rows: [kTileCols, depth].
inline void PackDecoded(const MatMulArgs& args, size_t n, size_t k, size_t depth, float* rows,
                        float* to) {
  TARE_CHECK(args.layout == WeightLayout::kOutIn);
  MatMulArgs part = args;
  part.weight_type = DType::kF32;
  part.weight = reinterpret_cast<const std::byte*>(rows);
  part.n = std::min(kTileCols, args.n - n);
  part.k = depth;
  for (size_t r = 0; r < part.n; ++r) {
    const std::byte* const row = args.weight + StoredBytes(args.weight_type, (n + r) * args.k + k);
    DequantizeRow(args.weight_type, row, depth, rows + r * depth);
  }
  PackPanel<DType::kF32>::Run(part, 0, 0, depth, to);
}

// ---- All ---------------------------------------------------------------------------------------

// packed: [kPackPanels, depth, kTileCols], and behind it what PackDecoded needs.
inline void MatMulMany(const MatMulArgs& args, IndexRange tokens, IndexRange columns,
                       float* packed) {
  const size_t depth = PackDepth(args);
  float* const rows = packed + kPackPanels * depth * kTileCols;
  for (size_t n = columns.begin; n < columns.end; n += kPackPanels * kTileCols) {
    const IndexRange block = {n, std::min(columns.end, n + kPackPanels * kTileCols)};
    for (size_t k = 0; k < args.k; k += depth) {
      const size_t used = std::min(depth, args.k - k);
      for (size_t panel = block.begin; panel < block.end; panel += kTileCols) {
        float* const to = packed + (panel - block.begin) * depth;
        if (!RunOwnKernel<PackPanel>(args.weight_type, args, panel, k, used, to)) {
          PackDecoded(args, panel, k, used, rows, to);
        }
      }
      MultiplyPacked(args, tokens, block, k, used, packed);
    }
    ApplyTails(args, tokens, block);
  }
}

// Threads split the columns, and the tokens too if there are few columns: the grid of
// column_groups × (count / column_groups) threads whose largest share is smallest.
inline size_t ColumnGroups(size_t panels, size_t tiles, size_t count) {
  size_t best = count;
  size_t best_share = static_cast<size_t>(-1);
  for (size_t groups = count; groups >= 1; --groups) {
    if (count % groups != 0) continue;
    const size_t others = count / groups;
    const size_t share = ((panels + groups - 1) / groups) * ((tiles + others - 1) / others);
    if (share < best_share) {
      best = groups;
      best_share = share;
    }
  }
  return best;
}

inline size_t MatMulScratchBytes(const MatMulArgs& args) noexcept {
  const bool decodes = !HasOwnKernel(args.weight_type);
  if (HasLevelDots(args)) return LevelDotScratchBytes(args);
  if (args.t <= kFewTokens) return decodes ? kDecodedRows * args.k * sizeof(float) : 0;
  return PackDepth(args) * (kPackPanels + (decodes ? 1 : 0)) * kTileCols * sizeof(float);
}

inline void MatMul(const MatMulArgs& args, ThreadSlice slice, std::byte* scratch) noexcept {
  if (args.t == 0 || args.n == 0) return;
  if (args.t <= kFewTokens) {
    // Sixteen columns are a cache line of y and whole vectors on every instruction set.
    const IndexRange columns = SplitRange(args.n, 16, slice);
    if (HasLevelDots(args)) {
      RunLevelDots(args, columns, scratch);
      ApplyTails(args, {0, args.t}, columns);
      return;
    }
    const bool ran = args.layout == WeightLayout::kOutIn
                         ? RunOwnKernel<FewTokensOutIn>(args.weight_type, args, columns)
                         : RunOwnKernel<FewTokensInOut>(args.weight_type, args, columns);
    if (!ran) FewTokensDecoded(args, columns, reinterpret_cast<float*>(scratch));
    ApplyTails(args, {0, args.t}, columns);
    return;
  }
  const size_t panels = (args.n + kTileCols - 1) / kTileCols;
  const size_t tiles = (args.t + kTileRows - 1) / kTileRows;
  const size_t groups = ColumnGroups(panels, tiles, slice.count);
  const IndexRange columns = SplitRange(args.n, kTileCols, {slice.index % groups, groups});
  const IndexRange tokens =
      SplitRange(args.t, kTileRows, {slice.index / groups, slice.count / groups});
  if (tokens.begin < tokens.end) {
    MatMulMany(args, tokens, columns, reinterpret_cast<float*>(scratch));
  }
}

}  // namespace tare::TARE_SIMD_NAMESPACE
