// Attention with an online softmax over blocks of keys: scratch does not grow with the context.
// Many queries: keys and values of a block are packed once for all query heads that share them, and
// both products run on the register tile. One query: keys are read in place, or gathered by
// their rows. Included once by
// each kernels_<isa>.cc.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/aligned_buffer.h"
#include "base/thread_pool.h"
#include "kernels/attention.h"

namespace tare::TARE_SIMD_NAMESPACE {

inline constexpr size_t kKeyBlock = 64;
// Queries that share a packed block of keys, per head.
inline constexpr size_t kQueryBlock = 2 * kTileRows;

// Where a thread's scratch lies. Rows are (head of the group, query) pairs.
struct AttentionScratch {
  size_t value_cols = 0;  // D rounded up to whole tiles
  size_t rows = 0;
  float* keys = nullptr;    // kKeyBlock / kTileCols panels of [D, kTileCols]
  float* values = nullptr;  // value_cols / kTileCols panels of [kKeyBlock, kTileCols]
  float* scores = nullptr;  // [max(kTileRows, group), kKeyBlock]
  float* sums = nullptr;    // [rows, value_cols]: Σ exp(score - max) * value
  float* max = nullptr;     // [rows]
  float* total = nullptr;   // [rows]: Σ exp(score - max)
};

inline size_t RoundUp(size_t n, size_t to) { return (n + to - 1) / to * to; }

// Lays the scratch out from `base` (null to count only) and returns the elements it takes.
inline size_t LayOutAttention(const AttentionArgs& args, float* base, AttentionScratch& out) {
  const size_t group = args.heads / args.kv_heads;
  out.value_cols = RoundUp(args.head_size, kTileCols);
  out.rows = group * std::min(args.t, kQueryBlock);
  struct Part {
    float** at;
    size_t elements;
  };
  const Part parts[] = {{&out.keys, kKeyBlock * args.head_size},
                        {&out.values, kKeyBlock * out.value_cols},
                        {&out.scores, std::max(kTileRows, group) * kKeyBlock},
                        {&out.sums, out.rows * out.value_cols},
                        {&out.max, out.rows},
                        {&out.total, out.rows}};
  size_t used = 0;
  for (const Part& part : parts) {
    if (base != nullptr) *part.at = base + used;
    used += RoundUp(part.elements, AlignedBuffer::kAlignment / sizeof(float));
  }
  return used;
}

inline size_t AttentionScratchBytes(const AttentionArgs& args) noexcept {
  AttentionScratch scratch;
  return LayOutAttention(args, nullptr, scratch) * sizeof(float);
}

inline void ResetRows(const AttentionScratch& scratch, size_t rows) {
  std::fill_n(scratch.sums, rows * scratch.value_cols, 0.0f);
  std::fill_n(scratch.max, rows, kMinusInfinity);
  std::fill_n(scratch.total, rows, 0.0f);
}

// Scores of the first `valid` keys of a block as the softmax takes them. Returns the largest.
inline float ScaleRow(const AttentionArgs& args, size_t valid, float* scores) {
  const F32 scale = Set(args.scale);
  const F32 cap = Set(args.soft_cap);
  F32 peak = Set(kMinusInfinity);
  for (size_t c = 0; c < valid; c += kLanes) {
    F32 scaled = LoadOr(scores, c, valid, 0.0f) * scale;
    if (args.soft_cap > 0.0f) scaled = cap * Tanh(scaled / cap);
    StoreUpTo(scaled, scores, c, valid);
    peak = Max(peak, LoadOr(scores, c, valid, kMinusInfinity));
  }
  return MaxLane(peak);
}

// Turns a row of raw scores into exp(score - max), those outside [hidden, valid) into 0, and
// rescales what the row has summed so far. valid <= kKeyBlock.
inline void SoftenRow(const AttentionArgs& args, const AttentionScratch& scratch, size_t row,
                      size_t hidden, size_t valid, float* scores) {
  if (hidden >= valid) {
    std::fill_n(scores, kKeyBlock, 0.0f);
    return;
  }
  float block_max = ScaleRow(args, valid, scores);
  if (hidden > 0) {
    std::fill_n(scores, hidden, kMinusInfinity);
    block_max = RowMax(scores, valid);
  }
  const float old_max = scratch.max[row];
  const float new_max = block_max > old_max ? block_max : old_max;
  F32 total = Zero();
  for (size_t c = 0; c < kKeyBlock; c += kLanes) {
    const F32 e = c < valid ? Exp(LoadOr(scores, c, valid, kMinusInfinity) - Set(new_max)) : Zero();
    total = total + e;
    Store(e, scores + c);
  }
  float fade[kLanes];
  Store(Exp(Set(old_max) - Set(new_max)), fade);
  scratch.max[row] = new_max;
  scratch.total[row] = scratch.total[row] * fade[0] + Sum(total);
  if (old_max == new_max) return;
  float* sums = scratch.sums + row * scratch.value_cols;
  for (size_t d = 0; d < scratch.value_cols; d += kLanes) {
    Store(Load(sums + d) * Set(fade[0]), sums + d);
  }
}

inline void FinishRow(const AttentionArgs& args, const AttentionScratch& scratch, size_t row,
                      float* out) {
  const F32 total = Set(scratch.total[row]);
  const float* sums = scratch.sums + row * scratch.value_cols;
  for (size_t d = 0; d < args.head_size; d += kLanes) {
    StoreUpTo(Load(sums + d) / total, out, d, args.head_size);
  }
}

// ---- One query ---------------------------------------------------------------------------------

// Lane i is the sum of the lanes of x[i].
inline F32 SumEach(F32 (&x)[kLanes]) {
  Transpose(x);
  for (size_t width = kLanes / 2; width >= 1; width /= 2) {
    for (size_t i = 0; i < width; ++i) x[i] = x[i] + x[i + width];
  }
  return x[0];
}

// A block of keys and values of one head: read in place from the cache, or gathered from their
// rows.
struct KeyBlock {
  const float* keys = nullptr;
  const float* values = nullptr;
  size_t key_stride = 0;
  size_t value_stride = 0;
  bool padded = false;  // values may be read in whole tiles: zeros follow each row
};

inline bool LieInOrder(const uint32_t* rows, size_t count) {
  for (size_t i = 1; i < count; ++i) {
    if (rows[i] != rows[0] + i) return false;
  }
  return true;
}

inline KeyBlock FindKeys(const AttentionArgs& args, const AttentionScratch& scratch,
                         size_t kv_offset, size_t s, size_t count) {
  if (args.rows == nullptr || LieInOrder(args.rows + s, count)) {
    const size_t row = args.rows == nullptr ? s : args.rows[s];
    const size_t at = row * args.kv_stride + kv_offset;
    return {args.k + at, args.v + at, args.kv_stride, args.kv_stride, false};
  }
  for (size_t i = 0; i < count; ++i) {
    const size_t at = args.rows[s + i] * args.kv_stride + kv_offset;
    std::copy_n(args.k + at, args.head_size, scratch.keys + i * args.head_size);
    float* value = scratch.values + i * scratch.value_cols;
    std::copy_n(args.v + at, args.head_size, value);
    std::fill(value + args.head_size, value + scratch.value_cols, 0.0f);
  }
  return {scratch.keys, scratch.values, args.head_size, scratch.value_cols, true};
}

inline void ScoreKeys(const AttentionArgs& args, const float* q, const KeyBlock& block,
                      size_t count, float* scores) {
  for (size_t s = 0; s < count; s += kLanes) {
    const size_t used = std::min(kLanes, count - s);
    F32 part[kLanes];
    for (size_t i = 0; i < kLanes; ++i) {
      part[i] = Zero();
      if (i >= used) continue;
      const float* key = block.keys + (s + i) * block.key_stride;
      size_t d = 0;
      for (; d + kLanes <= args.head_size; d += kLanes) {
        part[i] = MulAdd(Load(q + d), Load(key + d), part[i]);
      }
      if (d < args.head_size) {
        const size_t rest = args.head_size - d;
        part[i] = MulAdd(LoadFirst(q + d, rest), LoadFirst(key + d, rest), part[i]);
      }
    }
    Store(SumEach(part), scores + s);
  }
}

// sums [heads, value_cols] += weights [heads, count] · values [count, D].
inline void MixValues(const AttentionArgs& args, const AttentionScratch& scratch, size_t heads,
                      const KeyBlock& block, size_t count) {
  for (size_t d = 0; d < args.head_size; d += kTileCols) {
    TileArgs tile;
    tile.a_stride = kKeyBlock;
    tile.b = block.values + d;
    tile.b_stride = block.value_stride;
    tile.k = count;
    tile.c_stride = scratch.value_cols;
    tile.cols = kTileCols;
    tile.accumulate = true;
    const size_t cols = std::min(kTileCols, args.head_size - d);
    if (cols < kTileCols && !block.padded) {
      // The tile reads whole vectors; past the head it would read another head, or past the end.
      for (size_t s = 0; s < count; ++s) {
        float* row = scratch.values + s * kTileCols;
        std::copy_n(block.values + s * block.value_stride + d, cols, row);
        std::fill_n(row + cols, kTileCols - cols, 0.0f);
      }
      tile.b = scratch.values;
      tile.b_stride = kTileCols;
    }
    for (size_t h = 0; h < heads; h += kTileRows) {
      tile.a = scratch.scores + h * kKeyBlock;
      tile.c = scratch.sums + h * scratch.value_cols + d;
      RunTile(std::min(kTileRows, heads - h), tile);
    }
  }
}

// Query heads first .. first + heads, which share one key/value head.
inline void AttendGroup(const AttentionArgs& args, size_t first, size_t heads,
                        const AttentionScratch& scratch) {
  const size_t kv_offset = first / (args.heads / args.kv_heads) * args.head_size;
  const size_t keys = args.past + 1;
  ResetRows(scratch, heads);
  for (size_t s = FirstKey(args, 0); s < keys; s += kKeyBlock) {
    const size_t count = std::min(kKeyBlock, keys - s);
    const KeyBlock block = FindKeys(args, scratch, kv_offset, s, count);
    for (size_t h = 0; h < heads; ++h) {
      float* scores = scratch.scores + h * kKeyBlock;
      ScoreKeys(args, args.q + (first + h) * args.head_size, block, count, scores);
      SoftenRow(args, scratch, h, 0, count, scores);
    }
    MixValues(args, scratch, heads, block, count);
  }
  for (size_t h = 0; h < heads; ++h) {
    FinishRow(args, scratch, h, args.out + (first + h) * args.head_size);
  }
}

inline void AttendOneToken(const AttentionArgs& args, ThreadSlice slice,
                           const AttentionScratch& scratch) {
  const size_t group = args.heads / args.kv_heads;
  const IndexRange heads = SplitRange(args.heads, 1, slice);
  for (size_t h = heads.begin; h < heads.end;) {
    const size_t end = std::min(heads.end, (h / group + 1) * group);
    AttendGroup(args, h, end - h, scratch);
    h = end;
  }
}

// ---- Many queries ------------------------------------------------------------------------------

// keys[panel][d][column] = k[s + panel * kTileCols + column][d], zero past `count`.
inline void PackKeys(const AttentionArgs& args, const float* k, size_t count, float* to) {
  for (size_t s = 0; s < kKeyBlock; s += kLanes) {
    float* panel = to + s / kTileCols * kTileCols * args.head_size + s % kTileCols;
    for (size_t d = 0; d < args.head_size; d += kLanes) {
      F32 block[kLanes];
      for (size_t i = 0; i < kLanes; ++i) {
        block[i] =
            s + i < count ? LoadOr(k + (s + i) * args.kv_stride, d, args.head_size, 0.0f) : Zero();
      }
      Transpose(block);
      const size_t depth = std::min(kLanes, args.head_size - d);
      for (size_t i = 0; i < depth; ++i) Store(block[i], panel + (d + i) * kTileCols);
    }
  }
}

inline void PackValues(const AttentionArgs& args, const float* v, size_t count, float* to) {
  for (size_t d = 0; d < args.head_size; d += kTileCols) {
    for (size_t s = 0; s < count; ++s) {
      const float* row = v + s * args.kv_stride;
      for (size_t half = 0; half < kTileCols; half += kLanes) {
        const bool inside = d + half < args.head_size;
        Store(inside ? LoadOr(row, d + half, args.head_size, 0.0f) : Zero(), to + half);
      }
      to += kTileCols;
    }
    to += (kKeyBlock - count) * kTileCols;
  }
}

// Up to kTileRows queries of one head, from query t, against the packed block of keys at s.
inline void AttendTile(const AttentionArgs& args, const AttentionScratch& scratch, size_t head,
                       size_t t, size_t queries, size_t row, size_t s, size_t count) {
  TileArgs tile;
  tile.a = args.q + t * args.q_stride + head * args.head_size;
  tile.a_stride = args.q_stride;
  tile.b_stride = kTileCols;
  tile.k = args.head_size;
  tile.c_stride = kKeyBlock;
  tile.cols = kTileCols;
  for (size_t c = 0; c < kKeyBlock; c += kTileCols) {
    tile.b = scratch.keys + c * args.head_size;
    tile.c = scratch.scores + c;
    RunTile(queries, tile);
  }
  for (size_t i = 0; i < queries; ++i) {
    const size_t visible = args.past + t + i + 1;
    const size_t first = FirstKey(args, t + i);
    const size_t valid = visible > s ? std::min(count, visible - s) : 0;
    const size_t hidden = first > s ? std::min(count, first - s) : 0;
    SoftenRow(args, scratch, row + i, hidden, valid, scratch.scores + i * kKeyBlock);
  }
  tile.a = scratch.scores;
  tile.a_stride = kKeyBlock;
  tile.k = count;
  tile.c_stride = scratch.value_cols;
  tile.accumulate = true;
  for (size_t d = 0; d < scratch.value_cols; d += kTileCols) {
    tile.b = scratch.values + d * kKeyBlock;
    tile.c = scratch.sums + row * scratch.value_cols + d;
    RunTile(queries, tile);
  }
}

inline void AttendQueryBlock(const AttentionArgs& args, const AttentionScratch& scratch,
                             size_t kv_head, IndexRange queries) {
  const size_t group = args.heads / args.kv_heads;
  const size_t count = queries.end - queries.begin;
  const size_t keys = args.past + queries.end;
  ResetRows(scratch, group * count);
  for (size_t s = FirstKey(args, queries.begin); s < keys; s += kKeyBlock) {
    const size_t block = std::min(kKeyBlock, keys - s);
    const size_t at = s * args.kv_stride + kv_head * args.head_size;
    PackKeys(args, args.k + at, block, scratch.keys);
    PackValues(args, args.v + at, block, scratch.values);
    for (size_t g = 0; g < group; ++g) {
      for (size_t t = queries.begin; t < queries.end; t += kTileRows) {
        AttendTile(args, scratch, kv_head * group + g, t, std::min(kTileRows, queries.end - t),
                   g * count + t - queries.begin, s, block);
      }
    }
  }
  for (size_t row = 0; row < group * count; ++row) {
    const size_t head = kv_head * group + row / count;
    const size_t t = queries.begin + row % count;
    FinishRow(args, scratch, row, args.out + t * args.out_stride + head * args.head_size);
  }
}

inline void Attention(const AttentionArgs& args, ThreadSlice slice, std::byte* bytes) noexcept {
  AttentionScratch scratch;
  LayOutAttention(args, reinterpret_cast<float*>(bytes), scratch);
  if (args.t == 1) {
    AttendOneToken(args, slice, scratch);
    return;
  }
  // Later queries see more keys: dealing blocks out in turn balances the threads.
  const size_t blocks = (args.t + kQueryBlock - 1) / kQueryBlock;
  for (size_t unit = slice.index; unit < blocks * args.kv_heads; unit += slice.count) {
    const size_t t = unit / args.kv_heads * kQueryBlock;
    AttendQueryBlock(args, scratch, unit % args.kv_heads, {t, std::min(args.t, t + kQueryBlock)});
  }
}

}  // namespace tare::TARE_SIMD_NAMESPACE
