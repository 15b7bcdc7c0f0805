#include "format/gguf/gguf_parser.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <optional>

#include "base/checked_math.h"
#include "base/count_text.h"
#include "format/gguf/ggml_sizes.h"
#include "format/gguf/gguf_cursor.h"
#include "format/quote.h"

namespace tare {
namespace {

// The most that is read, so that a file cannot make the index large. The largest models known have
// some fifty keys and some fifty thousand tensors.
constexpr uint64_t kMaxValues = 64 * 1024;
constexpr uint64_t kMaxTensors = 1024 * 1024;

// The fewest bytes that an entry can take: an empty key, a type and a one-byte value; an empty
// name, a rank, one dimension, a type and an offset.
constexpr uint64_t kMinValueBytes = 8 + 4 + 1;
constexpr uint64_t kMinTensorBytes = 8 + 4 + 8 + 4 + 8;

struct Counts {
  uint64_t tensors = 0;
  uint64_t values = 0;
};

Status CheckVersion(uint32_t version) {
  if (version == 2 || version == kGgufVersion) return {};
  if (version == 1) {
    return Unsupported(
        "is GGUF version 1, expected 2 or 3; convert the original model again with today's "
        "llama.cpp");
  }
  if (const uint32_t swapped = __builtin_bswap32(version); swapped >= 1 && swapped <= 3) {
    return Unsupported(
        "is a big-endian GGUF file, expected little-endian; convert the original model again "
        "without --bigendian");
  }
  return Unsupported("is GGUF version {}, expected 2 or 3", version);
}

Status CheckCount(std::string_view what, uint64_t count, uint64_t most, uint64_t entry_bytes,
                  size_t remaining) {
  if (count > remaining / entry_bytes) {
    return CorruptFile("the header claims {} {}, but the {} that follow cannot hold them", count,
                       what, CountText(remaining, "byte"));
  }
  if (count > most) return Unsupported("has {} {}, expected at most {}", count, what, most);
  return {};
}

Result<Counts> ReadHeader(GgufCursor& cursor, uint32_t& version) {
  if (cursor.remaining() < kGgufMagic.size() ||
      !std::equal(kGgufMagic.begin(), kGgufMagic.end(),
                  reinterpret_cast<const char*>(cursor.position()))) {
    const auto* start = reinterpret_cast<const char*>(cursor.position());
    return CorruptFile(
        "is not a GGUF file: starts with {}, expected \"GGUF\"; a model is a GGUF file, or the "
        "folder of a KerasHub preset or Hugging Face model",
        Quote({start, std::min(cursor.remaining(), kGgufMagic.size())}));
  }
  TARE_RETURN_IF_ERROR(cursor.Skip(kGgufMagic.size(), "magic"));
  TARE_ASSIGN_OR_RETURN(version, cursor.Read<uint32_t>("version"));
  TARE_RETURN_IF_ERROR(CheckVersion(version));
  Counts counts;
  TARE_ASSIGN_OR_RETURN(counts.tensors, cursor.Read<uint64_t>("tensor count"));
  TARE_ASSIGN_OR_RETURN(counts.values, cursor.Read<uint64_t>("metadata count"));
  TARE_RETURN_IF_ERROR(
      CheckCount("metadata keys", counts.values, kMaxValues, kMinValueBytes, cursor.remaining()));
  TARE_RETURN_IF_ERROR(
      CheckCount("tensors", counts.tensors, kMaxTensors, kMinTensorBytes, cursor.remaining()));
  return counts;
}

Result<GgufValueType> ReadValueType(GgufCursor& cursor, std::string_view what) {
  const size_t at = cursor.offset();
  TARE_ASSIGN_OR_RETURN(const uint32_t code, cursor.Read<uint32_t>(what));
  if (const auto type = GgufValueTypeFromCode(code)) return *type;
  return CorruptFile("{} at byte {}: is {}, expected 0 to 12", what, at, code);
}

// Moves past `count` values of a type that is no array.
Status SkipValues(GgufCursor& cursor, GgufValueType type, uint64_t count) {
  if (type == GgufValueType::kString) {
    for (uint64_t i = 0; i < count; ++i) {
      const auto text = cursor.ReadString("a string");
      if (!text.ok()) return text.error();
    }
    return {};
  }
  const auto bytes = CheckedMul<uint64_t>(count, GgufFixedBytes(type));
  if (!bytes) {
    return CorruptFile("array at byte {}: {} of type {} overflow", cursor.offset(),
                       CountText(count, "element"), GgufValueTypeName(type));
  }
  const std::byte* data = cursor.position();
  const size_t at = cursor.offset();
  TARE_RETURN_IF_ERROR(cursor.Skip(*bytes, "value"));
  if (type != GgufValueType::kBool) return {};
  for (uint64_t i = 0; i < count; ++i) {
    if (std::to_integer<int>(data[i]) > 1) {
      return CorruptFile("bool at byte {}: is {}, expected 0 or 1", at + i,
                         std::to_integer<int>(data[i]));
    }
  }
  return {};
}

Result<GgufValue> ReadArray(GgufCursor& cursor, std::string_view key) {
  TARE_ASSIGN_OR_RETURN(const GgufValueType type, ReadValueType(cursor, "element type"));
  if (type == GgufValueType::kArray) return Unsupported("is an array of arrays");
  TARE_ASSIGN_OR_RETURN(const uint64_t count, cursor.Read<uint64_t>("array length"));
  const std::byte* data = cursor.position();
  TARE_RETURN_IF_ERROR(SkipValues(cursor, type, count));
  return GgufValue(key, type, count, data);
}

Result<GgufValue> ReadPayload(GgufCursor& cursor, std::string_view key) {
  TARE_ASSIGN_OR_RETURN(const GgufValueType type, ReadValueType(cursor, "value type"));
  if (type == GgufValueType::kArray) return ReadArray(cursor, key);
  const std::byte* data = cursor.position();
  TARE_RETURN_IF_ERROR(SkipValues(cursor, type, 1));
  return GgufValue(key, type, data);
}

Result<GgufValue> ReadValue(GgufCursor& cursor, uint64_t index) {
  const auto key = cursor.ReadString("key");
  if (!key.ok()) return key.error().In(fmt::format("metadata entry {}", index));
  auto value = ReadPayload(cursor, *key);
  if (!value.ok()) return value.error().In(fmt::format("metadata key {}", Quote(*key)));
  return value;
}

// Indices of `items`, sorted by `name_of` an item. Errors: CorruptFile if two have one name.
template <typename Item, typename NameOf>
Result<std::vector<uint32_t>> SortedUnique(const std::vector<Item>& items, NameOf name_of,
                                           std::string_view what) {
  std::vector<uint32_t> order(items.size());
  std::iota(order.begin(), order.end(), 0u);
  const auto name = [&](uint32_t index) { return name_of(items[index]); };
  std::ranges::sort(order, {}, name);
  const auto twin = std::ranges::adjacent_find(order, {}, name);
  if (twin != order.end()) return CorruptFile("{} {} occurs twice", what, Quote(name(*twin)));
  return order;
}

Result<uint64_t> ReadAlignment(const GgufIndex& index) {
  const auto at = std::ranges::find(index.values, kGgufAlignmentKey, &GgufValue::key);
  if (at == index.values.end()) return kGgufDefaultAlignment;
  TARE_ASSIGN_OR_RETURN(const uint64_t alignment, at->AsU64());
  if (!std::has_single_bit(alignment) || alignment < kGgufMinAlignment ||
      alignment > kGgufMaxAlignment) {
    return CorruptFile("metadata key \"{}\": is {}, expected a power of two from {} to {}",
                       kGgufAlignmentKey, alignment, kGgufMinAlignment, kGgufMaxAlignment);
  }
  return alignment;
}

// GGUF's dimensions, innermost first, as a shape.
Result<Shape> ReadShape(GgufCursor& cursor) {
  const size_t at = cursor.offset();
  TARE_ASSIGN_OR_RETURN(const uint32_t rank, cursor.Read<uint32_t>("rank"));
  if (rank == 0 || rank > kGgufMaxRank) {
    return CorruptFile("rank at byte {}: is {}, expected 1 to {}", at, rank, kGgufMaxRank);
  }
  size_t dims[kGgufMaxRank] = {};
  for (uint32_t i = 0; i < rank; ++i) {
    TARE_ASSIGN_OR_RETURN(const uint64_t dim, cursor.Read<uint64_t>("dimension"));
    if (dim == 0) {
      return CorruptFile("dimension {} at byte {}: is 0, expected at least 1", i,
                         cursor.offset() - sizeof(dim));
    }
    dims[rank - 1 - i] = dim;
  }
  return Shape(std::span<const size_t>(dims, rank));
}

Result<DType> ReadTensorType(GgufCursor& cursor) {
  TARE_ASSIGN_OR_RETURN(const uint32_t code, cursor.Read<uint32_t>("type"));
  if (const auto dtype = DTypeFromGgml(code)) return *dtype;
  if (const auto name = GgmlTypeName(code)) {
    return Unsupported(
        "has type {}, expected {}; try: llama-quantize --allow-requantize OLD.gguf NEW.gguf Q8_0, "
        "or tare convert HF_FOLDER NEW.gguf",
        *name, ReadableGgmlTypes());
  }
  return Unsupported("has the unknown type {}, expected {}", code, ReadableGgmlTypes());
}

Status CheckSize(const TensorView& view) {
  const size_t innermost = view.shape[view.shape.rank() - 1];
  const size_t block = BlockElements(view.dtype);
  if (innermost % block != 0) {
    return CorruptFile("has rows of {}, but {} is stored in blocks of {}",
                       CountText(innermost, "element"), DTypeName(view.dtype), block);
  }
  if (!ByteSize(view.dtype, view.shape)) {
    return CorruptFile("the size of {} {} overflows", DTypeName(view.dtype), view.shape.ToString());
  }
  return {};
}

// Reads what follows the name. file_offset stays relative to the data section, whose place is known
// only after the last entry.
Result<GgufTensorInfo> ReadTensorBody(GgufCursor& cursor, std::string_view name,
                                      uint64_t alignment) {
  GgufTensorInfo info;
  info.name = name;
  TARE_ASSIGN_OR_RETURN(info.view.shape, ReadShape(cursor));
  TARE_ASSIGN_OR_RETURN(info.view.dtype, ReadTensorType(cursor));
  TARE_RETURN_IF_ERROR(CheckSize(info.view));
  TARE_ASSIGN_OR_RETURN(info.file_offset, cursor.Read<uint64_t>("offset"));
  if (info.file_offset % alignment != 0) {
    return CorruptFile("has the offset {}, expected a multiple of the alignment {}",
                       info.file_offset, alignment);
  }
  return info;
}

Result<GgufTensorInfo> ReadTensor(GgufCursor& cursor, uint64_t index, uint64_t alignment) {
  const auto name = cursor.ReadString("name");
  if (!name.ok()) return name.error().In(fmt::format("tensor entry {}", index));
  auto info = ReadTensorBody(cursor, *name, alignment);
  if (!info.ok()) return info.error().In(fmt::format("tensor {}", Quote(*name)));
  return info;
}

// Reads the entry of a tensor that Tare cannot decode. If Tare can decode it, returns nullopt and
// does not move the cursor.
Result<std::optional<ForeignTensor>> ReadForeignTensor(GgufCursor& cursor) {
  GgufCursor ahead = cursor;
  ForeignTensor foreign;
  TARE_ASSIGN_OR_RETURN(const std::string_view name, ahead.ReadString("name"));
  foreign.name = name;
  TARE_ASSIGN_OR_RETURN(foreign.shape, ReadShape(ahead));
  TARE_ASSIGN_OR_RETURN(const uint32_t code, ahead.Read<uint32_t>("type"));
  const std::optional<GgmlBlock> block = GgmlBlockOf(code);
  if (DTypeFromGgml(code) || !block) return std::optional<ForeignTensor>();
  foreign.type = *GgmlTypeName(code);
  TARE_ASSIGN_OR_RETURN(foreign.file_offset, ahead.Read<uint64_t>("offset"));
  uint64_t elements = 1;
  for (const size_t dim : foreign.shape) {
    const auto product = CheckedMul<uint64_t>(elements, dim);
    if (!product) return CorruptFile("tensor {}: its size overflows", Quote(foreign.name));
    elements = *product;
  }
  const auto bytes = CheckedMul<uint64_t>(elements / block->elements, block->bytes);
  if (!bytes) return CorruptFile("tensor {}: its size overflows", Quote(foreign.name));
  foreign.bytes = *bytes;
  cursor = ahead;
  return std::optional(foreign);
}

Error OutsideFile(std::string_view name, uint64_t tensor_bytes, uint64_t offset,
                  const GgufIndex& index, std::span<const std::byte> bytes) {
  return CorruptFile(
      "tensor {}: its {} at offset {} of the data section at byte {} do not lie within "
      "the file, which has {}; was the download cut short?",
      Quote(name), CountText(tensor_bytes, "byte"), offset, index.data_offset,
      CountText(bytes.size(), "byte"));
}

// Turns offsets within the data section into offsets within the file, and into addresses.
Status PlaceTensors(std::span<const std::byte> bytes, GgufIndex& index) {
  for (GgufTensorInfo& info : index.tensors) {
    const auto begin = CheckedAdd(index.data_offset, info.file_offset);
    const auto end = begin ? CheckedAdd<uint64_t>(*begin, info.view.bytes()) : std::nullopt;
    if (!end || *end > bytes.size()) {
      return OutsideFile(info.name, info.view.bytes(), info.file_offset, index, bytes);
    }
    info.file_offset = *begin;
    info.view.data = bytes.data() + *begin;
  }
  for (ForeignTensor& foreign : index.foreign) {
    const auto begin = CheckedAdd(index.data_offset, foreign.file_offset);
    const auto end = begin ? CheckedAdd<uint64_t>(*begin, foreign.bytes) : std::nullopt;
    if (!end || *end > bytes.size())
      return OutsideFile(foreign.name, foreign.bytes, foreign.file_offset, index, bytes);
    foreign.file_offset = *begin;
  }
  return {};
}

Status CheckNoOverlap(const std::vector<GgufTensorInfo>& tensors) {
  std::vector<uint32_t> order(tensors.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::sort(order, {}, [&](uint32_t i) { return tensors[i].file_offset; });
  for (size_t i = 1; i < order.size(); ++i) {
    const GgufTensorInfo& before = tensors[order[i - 1]];
    const GgufTensorInfo& after = tensors[order[i]];
    const uint64_t end = before.file_offset + before.view.bytes();
    if (after.file_offset < end) {
      return CorruptFile("tensor {} starts at byte {}, within tensor {}, which ends at byte {}",
                         Quote(after.name), after.file_offset, Quote(before.name), end);
    }
  }
  return {};
}

Status ReadValues(GgufCursor& cursor, uint64_t count, GgufIndex& index) {
  index.values.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    TARE_ASSIGN_OR_RETURN(GgufValue value, ReadValue(cursor, i));
    index.values.push_back(value);
  }
  TARE_ASSIGN_OR_RETURN(
      index.values_by_key,
      SortedUnique(
          index.values, [](const GgufValue& v) { return v.key(); }, "metadata key"));
  TARE_ASSIGN_OR_RETURN(index.alignment, ReadAlignment(index));
  return {};
}

Status ReadTensors(GgufCursor& cursor, uint64_t count, ForeignTypes foreign_types,
                   GgufIndex& index) {
  index.tensors.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    if (foreign_types == ForeignTypes::kList) {
      TARE_ASSIGN_OR_RETURN(const auto foreign, ReadForeignTensor(cursor));
      if (foreign) {
        index.foreign.push_back(*foreign);
        continue;
      }
    }
    TARE_ASSIGN_OR_RETURN(GgufTensorInfo info, ReadTensor(cursor, i, index.alignment));
    index.tensors.push_back(info);
  }
  TARE_ASSIGN_OR_RETURN(
      index.tensors_by_name,
      SortedUnique(
          index.tensors, [](const GgufTensorInfo& t) { return t.name; }, "tensor"));
  return {};
}

}  // namespace

Result<GgufIndex> ParseGguf(std::span<const std::byte> bytes, ForeignTypes foreign_types) {
  if (reinterpret_cast<uintptr_t>(bytes.data()) % kGgufMinAlignment != 0) {
    return InvalidInput("the bytes of a GGUF file must start at a multiple of {}",
                        kGgufMinAlignment);
  }
  GgufCursor cursor(bytes);
  GgufIndex index;
  TARE_ASSIGN_OR_RETURN(const Counts counts, ReadHeader(cursor, index.version));
  TARE_RETURN_IF_ERROR(ReadValues(cursor, counts.values, index));
  TARE_RETURN_IF_ERROR(ReadTensors(cursor, counts.tensors, foreign_types, index));
  index.data_offset = *CheckedRoundUp<uint64_t>(cursor.offset(), index.alignment);
  TARE_RETURN_IF_ERROR(PlaceTensors(bytes, index));
  TARE_RETURN_IF_ERROR(CheckNoOverlap(index.tensors));
  return index;
}

}  // namespace tare
