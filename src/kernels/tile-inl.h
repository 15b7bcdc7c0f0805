// The register tile that every large product is made of: kRows × 2 kLanes sums held in registers
// over all of k. Included once by each kernels_<isa>.cc after its simd header.

#include <array>
#include <cstddef>
#include <utility>

namespace tare::TARE_SIMD_NAMESPACE {

inline constexpr size_t kTileCols = 2 * kLanes;

// c [rows, cols] = a [rows, k] · b [k, kTileCols], or added to it. b must have kTileCols columns;
// only the first `cols` are stored.
struct TileArgs {
  const float* a = nullptr;
  size_t a_stride = 0;
  const float* b = nullptr;
  size_t b_stride = 0;
  size_t k = 0;
  float* c = nullptr;
  size_t c_stride = 0;
  size_t cols = 0;
  bool accumulate = false;
};

template <size_t kRows>
inline void StoreTile(const TileArgs& args, F32 (&sum)[kRows][2]) {
  const bool whole = args.cols == kTileCols;
  for (size_t r = 0; r < kRows; ++r) {
    float* c = args.c + r * args.c_stride;
    if (whole) {
      if (args.accumulate) {
        sum[r][0] = sum[r][0] + Load(c);
        sum[r][1] = sum[r][1] + Load(c + kLanes);
      }
      Store(sum[r][0], c);
      Store(sum[r][1], c + kLanes);
      continue;
    }
    float lanes[kTileCols];
    Store(sum[r][0], lanes);
    Store(sum[r][1], lanes + kLanes);
    for (size_t i = 0; i < args.cols; ++i) c[i] = args.accumulate ? c[i] + lanes[i] : lanes[i];
  }
}

template <size_t kRows>
void Tile(const TileArgs& args) noexcept {
  // A pointer for every three rows: the other two are one index register away.
  constexpr size_t kGroups = (kRows + 2) / 3;
  const size_t stride = args.a_stride;
  const float* a[kGroups];
  for (size_t g = 0; g < kGroups; ++g) a[g] = args.a + 3 * g * stride;
  const float* b = args.b;
  F32 sum[kRows][2];
  TARE_UNROLL
  for (size_t r = 0; r < kRows; ++r) sum[r][0] = sum[r][1] = Zero();
  for (size_t k = 0; k < args.k; ++k) {
    const F32 b0 = Load(b);
    const F32 b1 = Load(b + kLanes);
    b += args.b_stride;
    TARE_UNROLL
    for (size_t r = 0; r < kRows; ++r) {
      const F32 x = Set(a[r / 3][r % 3 * stride]);
      sum[r][0] = MulAdd(x, b0, sum[r][0]);
      sum[r][1] = MulAdd(x, b1, sum[r][1]);
    }
    TARE_UNROLL
    for (size_t g = 0; g < kGroups; ++g) ++a[g];
  }
  StoreTile<kRows>(args, sum);
}

using TileFunction = void (*)(const TileArgs&) noexcept;

template <size_t... kIndex>
constexpr std::array<TileFunction, sizeof...(kIndex)> MakeTiles(std::index_sequence<kIndex...>) {
  return {Tile<kIndex + 1>...};
}
inline constexpr auto kTiles = MakeTiles(std::make_index_sequence<kTileRows>());

// Precondition: 1 <= rows <= kTileRows.
inline void RunTile(size_t rows, const TileArgs& args) { kTiles[rows - 1](args); }

// Rows of the next tile when `left` remain: nearly equal tiles rather than full ones and a sliver.
inline size_t NextTileRows(size_t left) {
  const size_t tiles = (left + kTileRows - 1) / kTileRows;
  return (left + tiles - 1) / tiles;
}

}  // namespace tare::TARE_SIMD_NAMESPACE
