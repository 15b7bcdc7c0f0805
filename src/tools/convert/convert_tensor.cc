#include "tools/convert/convert_tensor.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

#include "base/check.h"
#include "tensor/dequantize.h"
#include "tensor/half.h"
#include "tensor/quantize.h"

namespace tare {
namespace {

constexpr size_t kOutBytes = 1 << 20;
constexpr size_t kTileBytes = 16 << 20;
constexpr size_t kDropBytes = 4 << 20;
// Numbers that are converted at a time.
constexpr size_t kPieceNumbers = 64 << 10;
static_assert(std::ranges::all_of(kAllDTypes,
                                  [](DType type) {
                                    return kPieceNumbers % BlockElements(type) == 0;
                                  }),
              "a piece is a whole number of every type's blocks");
// Rows that are written side by side while a tile is turned: a cache line of f32.
constexpr size_t kTurnedRows = 16;

// The source of the target's output `index`.
size_t SourceOf(const WeightPart& part, size_t index) {
  if (part.order == HeadOrder::kSame) return part.first + index;
  const size_t half = part.head_size / 2;
  const size_t in_head = index % part.head_size;
  const size_t source = part.order == HeadOrder::kInterleave ? in_head / 2 + in_head % 2 * half
                                                             : in_head % half * 2 + in_head / half;
  return part.first + index - in_head + source;
}

size_t InputsOf(const WeightPart& part) {
  return part.stored.shape.elements() / part.stored_outputs;
}

size_t RowNumbers(const WeightPart& part) {
  return part.layout == WeightLayout::kOutIn ? InputsOf(part) : part.stored_outputs;
}

// The type that a tensor's numbers are moved in: its own, bit for bit, where all of them have it.
DType WorkingType(DType target, std::span<const WeightPart> parts) {
  const bool same = std::ranges::all_of(
      parts, [target](const WeightPart& part) { return part.stored.dtype == target; });
  return same && !IsBlockQuantized(target) ? target : DType::kF32;
}

// Numbers [column, column + count) of a row of the stored matrix, as `work`.
void ReadRow(const WeightPart& part, size_t row, size_t column, size_t count, DType work,
             std::byte* to) {
  const DType type = part.stored.dtype;
  const std::byte* from =
      part.stored.data + StoredBytes(type, row * RowNumbers(part)) + StoredBytes(type, column);
  if (work == type) {
    std::memcpy(to, from, StoredBytes(type, count));
  } else {
    DequantizeRow(type, from, count, reinterpret_cast<float*>(to));
  }
}

// Gives back what lies behind a reader that goes through a matrix from its beginning.
class DropBehind {
 public:
  DropBehind(const TensorConverter::Drop& drop, std::span<const std::byte> bytes)
      : drop_(drop), bytes_(bytes) {}
  ~DropBehind() { drop_(bytes_); }
  DropBehind(const DropBehind&) = delete;
  DropBehind& operator=(const DropBehind&) = delete;

  void At(size_t offset) {
    if (offset < dropped_ + kDropBytes) return;
    // Start where the last piece ended, so that no page between is missed.
    drop_(bytes_.subspan(dropped_, offset - dropped_));
    // A page that both pieces share stays, so begin the next piece a page earlier.
    constexpr size_t kPage = 4096;
    dropped_ = offset - std::min(offset, kPage);
  }

 private:
  const TensorConverter::Drop& drop_;
  std::span<const std::byte> bytes_;
  size_t dropped_ = 0;
};

std::span<const std::byte> BytesOf(const TensorView& view) { return {view.data, view.bytes()}; }

// rows[i][r] = tile[r][column + i] for `count` columns.
template <size_t kSize>
void Turn(const std::byte* tile, size_t tile_width, size_t rows, const size_t* columns,
          size_t count, std::byte* out, size_t out_stride) {
  for (size_t r = 0; r < rows; ++r) {
    const std::byte* from = tile + r * tile_width * kSize;
    for (size_t i = 0; i < count; ++i) {
      std::memcpy(out + (i * out_stride + r) * kSize, from + columns[i] * kSize, kSize);
    }
  }
}

}  // namespace

Result<TensorConverter> TensorConverter::Create(Sink sink, Drop drop) {
  TensorConverter converter(std::move(sink), std::move(drop));
  TARE_ASSIGN_OR_RETURN(converter.out_, AlignedBuffer::Allocate(kOutBytes));
  TARE_ASSIGN_OR_RETURN(converter.tile_, AlignedBuffer::Allocate(kTileBytes));
  converter.back_.resize(kPieceNumbers);
  return converter;
}

Status TensorConverter::Flush(std::string_view name) {
  if (out_bytes_ == 0) return {};
  return sink_(name, {out_.data(), std::exchange(out_bytes_, 0)});
}

Status TensorConverter::Measure(const PlannedTensor& tensor, const float* exact,
                                const std::byte* stored, size_t count) {
  DequantizeRow(tensor.dtype, stored, count, back_.data());
  for (size_t i = 0; i < count; ++i) {
    const double error = static_cast<double>(back_[i]) - static_cast<double>(exact[i]);
    rounding_.squared += static_cast<double>(exact[i]) * static_cast<double>(exact[i]);
    rounding_.squared_error += error * error;
    rounding_.changed += error != 0.0 ? 1 : 0;
    if (!std::isfinite(back_[i]) && std::isfinite(exact[i])) {
      return Unsupported("tensor {}: {} is too large for {}; choose f32 or bf16", tensor.name,
                         exact[i], DTypeName(tensor.dtype));
    }
  }
  rounding_.values += count;
  return {};
}

Status TensorConverter::Put(const PlannedTensor& tensor, DType work, const std::byte* numbers,
                            size_t count) {
  while (count > 0) {
    const size_t piece = std::min(count, kPieceNumbers);
    const size_t bytes = StoredBytes(tensor.dtype, piece);
    if (bytes > kOutBytes - out_bytes_) TARE_RETURN_IF_ERROR(Flush(tensor.name));
    std::byte* const to = out_.data() + out_bytes_;
    if (work == tensor.dtype) {
      std::memcpy(to, numbers, bytes);
    } else {
      const float* const exact = reinterpret_cast<const float*>(numbers);
      QuantizeRow(tensor.dtype, exact, piece, to);
      TARE_RETURN_IF_ERROR(Measure(tensor, exact, to, piece));
    }
    out_bytes_ += bytes;
    numbers += StoredBytes(work, piece);
    count -= piece;
  }
  return {};
}

// A part that lies in the file as the target wants it: all of it in one piece.
Status TensorConverter::WriteStored(const PlannedTensor& tensor, const WeightPart& part) {
  const DType type = part.stored.dtype;
  const size_t inputs = InputsOf(part);
  const size_t numbers = part.outputs * inputs;
  // A whole matrix for kInOut; whole rows for kOutIn.
  const std::byte* const from = part.stored.data + StoredBytes(type, part.first * inputs);
  const std::span<const std::byte> bytes(from, StoredBytes(type, numbers));
  DropBehind behind(drop_, bytes);
  if (type == tensor.dtype) {
    TARE_RETURN_IF_ERROR(Flush(tensor.name));
    for (size_t at = 0; at < bytes.size(); at += kOutBytes) {
      const size_t size = std::min(kOutBytes, bytes.size() - at);
      TARE_RETURN_IF_ERROR(sink_(tensor.name, bytes.subspan(at, size)));
      behind.At(at + size);
    }
    return {};
  }
  for (size_t at = 0; at < numbers; at += kPieceNumbers) {
    const size_t count = std::min(kPieceNumbers, numbers - at);
    DequantizeRow(type, from + StoredBytes(type, at), count, tile_.as<float>());
    TARE_RETURN_IF_ERROR(Put(tensor, DType::kF32, tile_.data(), count));
    behind.At(StoredBytes(type, at + count));
  }
  return {};
}

// A vector whose numbers move, or change by the same amount. An f32 sum may be rounded: that is
// counted.
Status TensorConverter::WriteChanged(const PlannedTensor& tensor, const WeightPart& part) {
  std::vector<float> source(part.outputs);
  DequantizeRow(part.stored.dtype, part.stored.data + StoredBytes(part.stored.dtype, part.first),
                part.outputs, source.data());
  std::vector<float> changed(part.outputs);
  for (size_t i = 0; i < part.outputs; ++i) {
    const double exact =
        static_cast<double>(source[SourceOf(part, i) - part.first]) + static_cast<double>(part.add);
    changed[i] = static_cast<float>(exact);
    const double error = static_cast<double>(changed[i]) - exact;
    rounding_.squared_error += error * error;
    rounding_.changed += error != 0.0 ? 1 : 0;
  }
  if (tensor.dtype == DType::kF32) rounding_.values += part.outputs;
  return Put(tensor, DType::kF32, reinterpret_cast<const std::byte*>(changed.data()), part.outputs);
}

// Numbers [column, column + count) of a stored row, in the layout that the target has.
Status TensorConverter::PutRow(const PlannedTensor& tensor, const WeightPart& part, size_t row,
                               size_t column, size_t count) {
  const DType type = part.stored.dtype;
  const bool same = type == tensor.dtype;
  for (size_t at = 0; at < count; at += kPieceNumbers) {
    const size_t piece = std::min(kPieceNumbers, count - at);
    const std::byte* const from = part.stored.data + StoredBytes(type, row * RowNumbers(part)) +
                                  StoredBytes(type, column + at);
    if (!same) DequantizeRow(type, from, piece, tile_.as<float>());
    TARE_RETURN_IF_ERROR(Put(tensor, same ? type : DType::kF32, same ? from : tile_.data(), piece));
  }
  return {};
}

// Parts that lie in the target's layout but are to be joined row by row, or reordered.
Status TensorConverter::WriteRows(const PlannedTensor& tensor) {
  if (tensor.layout == WeightLayout::kInOut) {
    for (size_t row = 0; row < tensor.inputs; ++row) {
      for (const WeightPart& part : tensor.parts) {
        TARE_RETURN_IF_ERROR(PutRow(tensor, part, row, part.first, part.outputs));
      }
    }
    for (const WeightPart& part : tensor.parts) drop_(BytesOf(part.stored));
    return {};
  }
  for (const WeightPart& part : tensor.parts) {
    DropBehind behind(drop_, BytesOf(part.stored));
    for (size_t i = 0; i < part.outputs; ++i) {
      TARE_RETURN_IF_ERROR(PutRow(tensor, part, SourceOf(part, i), 0, tensor.inputs));
      // A head's rows are read in any order.
      if (i % part.head_size != 0) continue;
      behind.At(StoredBytes(part.stored.dtype, (part.first + i) * tensor.inputs));
    }
  }
  return {};
}

// Columns [begin, end) of the stored matrices, turned into rows of the target. Rows of kOutIn
// parts, which are outputs, are put side by side; kInOut parts come one at a time.
Status TensorConverter::WriteTile(const PlannedTensor& tensor, std::span<const WeightPart> parts,
                                  DType work, size_t begin, size_t end) {
  const bool columns_are_outputs = parts[0].layout == WeightLayout::kInOut;
  const size_t width = end - begin;
  const size_t size = BlockBytes(work);
  size_t height = 0;
  for (const WeightPart& part : parts) {
    DropBehind behind(drop_, BytesOf(part.stored));
    const size_t rows = columns_are_outputs ? InputsOf(part) : part.outputs;
    const size_t first_column = columns_are_outputs ? part.first + begin : begin;
    for (size_t i = 0; i < rows; ++i) {
      const size_t row = columns_are_outputs ? i : SourceOf(part, i);
      ReadRow(part, row, first_column, width, work, tile_.data() + (height + i) * width * size);
      if (i % part.head_size == 0) {
        const size_t done = columns_are_outputs ? i : part.first + i;
        behind.At(StoredBytes(part.stored.dtype, done * RowNumbers(part)));
      }
    }
    height += rows;
  }
  size_t columns[kTurnedRows];
  for (size_t column = 0; column < width; column += kTurnedRows) {
    const size_t count = std::min(kTurnedRows, width - column);
    for (size_t i = 0; i < count; ++i) {
      columns[i] = columns_are_outputs
                       ? SourceOf(parts[0], begin + column + i) - parts[0].first - begin
                       : column + i;
    }
    const auto turn = size == 4 ? Turn<4> : Turn<2>;
    turn(tile_.data(), width, height, columns, count, rows_.data(), height);
    for (size_t i = 0; i < count; ++i) {
      TARE_RETURN_IF_ERROR(Put(tensor, work, rows_.data() + i * height * size, height));
    }
  }
  return {};
}

Status TensorConverter::WriteTransposed(const PlannedTensor& tensor,
                                        std::span<const WeightPart> parts) {
  const DType work = WorkingType(tensor.dtype, parts);
  const bool columns_are_outputs = parts[0].layout == WeightLayout::kInOut;
  size_t height = 0;
  size_t unit = 1;  // a tile cuts neither heads nor blocks
  for (const WeightPart& part : parts) {
    height += columns_are_outputs ? InputsOf(part) : part.outputs;
    unit = std::lcm(unit, columns_are_outputs ? part.head_size : BlockElements(part.stored.dtype));
  }
  const size_t columns = columns_are_outputs ? parts[0].outputs : tensor.inputs;
  const size_t fitting = kTileBytes / (height * BlockBytes(work)) / unit * unit;
  const size_t width = std::min(columns, std::max(fitting, unit));
  const size_t tile_bytes = height * width * BlockBytes(work);
  if (tile_bytes > tile_.size()) {
    TARE_ASSIGN_OR_RETURN(tile_, AlignedBuffer::Allocate(tile_bytes));
  }
  const size_t row_bytes = kTurnedRows * height * BlockBytes(work);
  if (row_bytes > rows_.size()) {
    TARE_ASSIGN_OR_RETURN(rows_, AlignedBuffer::Allocate(row_bytes));
  }
  for (size_t begin = 0; begin < columns; begin += width) {
    const size_t end = std::min(columns, begin + width);
    TARE_RETURN_IF_ERROR(WriteTile(tensor, parts, work, begin, end));
  }
  return {};
}

Status TensorConverter::Write(const PlannedTensor& tensor) {
  if (tensor.apart) {
    PlannedTensor one = tensor;
    one.apart = false;
    for (const WeightPart& part : tensor.parts) {
      one.parts = {part};
      TARE_RETURN_IF_ERROR(Write(one));
    }
    return {};
  }
  const auto is_turned = [&](const WeightPart& part) { return part.layout != tensor.layout; };
  const std::span<const WeightPart> parts = tensor.parts;
  const bool turned = std::ranges::all_of(parts, is_turned);
  TARE_CHECK(turned || std::ranges::none_of(parts, is_turned));
  const bool by_outputs = tensor.layout == WeightLayout::kOutIn;
  const bool reordered = std::ranges::any_of(
      parts, [](const WeightPart& part) { return part.order != HeadOrder::kSame; });
  // Interleaved rows are GGUF's, which is kOutIn.
  TARE_CHECK(turned || by_outputs || !reordered || tensor.inputs == 1);
  const bool shifted =
      std::ranges::any_of(parts, [](const WeightPart& part) { return part.add != 0.0f; });
  if (tensor.inputs == 1 && (shifted || reordered)) {
    for (const WeightPart& part : parts) TARE_RETURN_IF_ERROR(WriteChanged(tensor, part));
  } else if (turned && by_outputs) {
    for (const WeightPart& part : parts) {
      TARE_RETURN_IF_ERROR(WriteTransposed(tensor, {&part, 1}));
    }
  } else if (turned) {
    TARE_RETURN_IF_ERROR(WriteTransposed(tensor, parts));
  } else if (!reordered &&
             (by_outputs || (parts.size() == 1 && parts[0].outputs == parts[0].stored_outputs))) {
    for (const WeightPart& part : parts) TARE_RETURN_IF_ERROR(WriteStored(tensor, part));
  } else {
    TARE_RETURN_IF_ERROR(WriteRows(tensor));
  }
  return Flush(tensor.name);
}

bool FitsExactly(const TensorView& tensor, DType narrow, const TensorConverter::Drop& drop) {
  DropBehind behind(drop, BytesOf(tensor));
  const float* const numbers = tensor.f32();
  for (size_t i = 0; i < tensor.shape.elements(); ++i) {
    const uint32_t bits = std::bit_cast<uint32_t>(numbers[i]);
    const float back = narrow == DType::kF16 ? Float16ToFloat(FloatToFloat16(numbers[i]))
                                             : BFloat16ToFloat(FloatToBFloat16(numbers[i]));
    if (std::bit_cast<uint32_t>(back) != bits) return false;
    behind.At(i * sizeof(float));
  }
  return true;
}

}  // namespace tare
