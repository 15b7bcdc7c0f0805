#include "format/hdf5/hdf5_layout.h"

#include <cstring>
#include <map>
#include <memory>
#include <string_view>
#include <type_traits>

#include "base/check.h"
#include "base/checked_math.h"

namespace tare {
namespace {

constexpr uint64_t kUndefined = ~uint64_t{0};
constexpr size_t kSuperblockBytes = 96;
constexpr size_t kHeaderPrefixBytes = 16;
constexpr size_t kHeapBytes = 4096;  // the least that the format allows
constexpr std::string_view kBFloat16 = "bfloat16";
constexpr uint32_t kHeapIndex = 1;

enum class MessageType : uint16_t {
  kDataspace = 0x1,
  kLinkInfo = 0x2,
  kDatatype = 0x3,
  kFillValue = 0x5,
  kLink = 0x6,
  kDataLayout = 0x8,
  kGroupInfo = 0xA,
  kAttribute = 0xC,
};

class Bytes {
 public:
  template <typename T>
  Bytes& Put(T value) {
    static_assert(std::is_integral_v<T>);
    const size_t at = bytes_.size();
    bytes_.resize(at + sizeof(T));
    std::memcpy(bytes_.data() + at, &value, sizeof(T));
    return *this;
  }
  Bytes& U8(uint8_t value) { return Put(value); }
  Bytes& U16(size_t value) { return Put(static_cast<uint16_t>(value)); }
  Bytes& U32(size_t value) { return Put(static_cast<uint32_t>(value)); }
  Bytes& U64(uint64_t value) { return Put(value); }
  Bytes& Text(std::string_view text) {
    for (const char c : text) bytes_.push_back(static_cast<std::byte>(c));
    return *this;
  }
  Bytes& Append(const Bytes& other) {
    bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
    return *this;
  }
  Bytes& PadTo8() {
    bytes_.resize((bytes_.size() + 7) / 8 * 8);
    return *this;
  }
  Bytes& PadTo(size_t size) {
    TARE_CHECK_LE(bytes_.size(), size);
    bytes_.resize(size);
    return *this;
  }
  size_t size() const { return bytes_.size(); }
  std::vector<std::byte> Take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

// An object header under construction; version 1, one block.
class ObjectHeader {
 public:
  void Add(MessageType type, Bytes body) {
    body.PadTo8();
    messages_.U16(static_cast<uint16_t>(type)).U16(body.size()).U32(0).Append(body);
    ++count_;
  }
  void WriteTo(Bytes& out) const {
    out.U8(1).U8(0).U16(count_).U32(1).U32(messages_.size()).U32(0).Append(messages_);
  }
  size_t size() const { return kHeaderPrefixBytes + messages_.size(); }

 private:
  Bytes messages_;
  size_t count_ = 0;
};

Bytes FloatType(uint8_t bits, uint8_t exponent_bits, uint32_t bias) {
  const auto mantissa_bits = static_cast<uint8_t>(bits - 1 - exponent_bits);
  constexpr uint8_t kClassFloat = 0x11, kImpliedLeadingOne = 0x20;
  Bytes type;
  type.U8(kClassFloat).U8(kImpliedLeadingOne).U8(static_cast<uint8_t>(bits - 1)).U8(0);
  type.U32(bits / 8U).U16(0).U16(bits);
  return type.U8(mantissa_bits).U8(exponent_bits).U8(0).U8(mantissa_bits).U32(bias);
}

Bytes IntegerType(uint8_t bits, bool is_signed) {
  constexpr uint8_t kClassInteger = 0x10, kSigned = 0x08;
  Bytes type;
  type.U8(kClassInteger).U8(is_signed ? kSigned : 0).U16(0);
  return type.U32(bits / 8U).U16(0).U16(bits);
}

Bytes TypeOf(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return FloatType(32, 8, 127);
    case DType::kF16:
      return FloatType(16, 5, 15);
    case DType::kI32:
      return IntegerType(32, true);
    default: {
      TARE_CHECK(dtype == DType::kBF16);
      constexpr uint8_t kClassOpaque = 0x15;
      Bytes type;
      return type.U8(kClassOpaque).U8(0).U16(0).U32(2);
    }
  }
}

Bytes Dataspace(const Shape& shape) {
  Bytes space;
  space.U8(1).U8(static_cast<uint8_t>(shape.rank())).U16(0).U32(0);
  for (const size_t dim : shape) space.U64(dim);
  return space;
}

// dtype = "bfloat16", a UTF-8 string of variable length: h5py gives only those back as text.
Bytes BFloat16Attribute(uint64_t heap) {
  constexpr uint8_t kClassVariable = 0x19, kString = 0x01, kUtf8 = 0x01;
  constexpr std::string_view kName("dtype\0", 6);
  Bytes type;
  type.U8(kClassVariable).U8(kString).U8(kUtf8).U8(0).U32(16).Append(IntegerType(8, false));
  const Bytes space = Dataspace(Shape());
  Bytes attribute;
  attribute.U8(1).U8(0).U16(kName.size()).U16(type.size()).U16(space.size());
  attribute.Text(kName).PadTo8().Append(type).PadTo8().Append(space).PadTo8();
  return attribute.U32(kBFloat16.size()).U64(heap).U32(kHeapIndex);
}

Bytes GlobalHeap() {
  Bytes heap;
  heap.Text("GCOL").U8(1).PadTo8().U64(kHeapBytes);
  heap.U16(kHeapIndex).U16(1).U32(0).U64(kBFloat16.size()).Text(kBFloat16).PadTo8();
  const size_t rest = kHeapBytes - heap.size();
  return heap.U16(0).U16(0).U32(0).U64(rest).PadTo(kHeapBytes);
}

ObjectHeader DatasetHeader(const TensorDeclaration& dataset, uint64_t heap) {
  constexpr uint8_t kLateAllocation = 2, kNeverFilled = 1, kContiguous = 1;
  ObjectHeader header;
  header.Add(MessageType::kDataspace, Dataspace(dataset.shape));
  header.Add(MessageType::kDatatype, TypeOf(dataset.dtype));
  header.Add(MessageType::kFillValue, Bytes().U8(2).U8(kLateAllocation).U8(kNeverFilled).U8(0));
  header.Add(MessageType::kDataLayout,
             Bytes().U8(3).U8(kContiguous).U64(dataset.offset).U64(dataset.bytes));
  if (dataset.dtype == DType::kBF16) header.Add(MessageType::kAttribute, BFloat16Attribute(heap));
  return header;
}

// A group, or a dataset where `dataset` is set.
struct Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> children;
  TensorDeclaration* dataset = nullptr;
  uint64_t address = 0;
};

ObjectHeader GroupHeader(const Node& group) {
  constexpr uint8_t kTwoByteNameSize = 1;
  ObjectHeader header;
  header.Add(MessageType::kLinkInfo, Bytes().U8(0).U8(0).U64(kUndefined).U64(kUndefined));
  header.Add(MessageType::kGroupInfo, Bytes().U8(0).U8(0));
  for (const auto& [name, child] : group.children) {
    header.Add(MessageType::kLink,
               Bytes().U8(1).U8(kTwoByteNameSize).U16(name.size()).Text(name).U64(child->address));
  }
  return header;
}

ObjectHeader HeaderOf(const Node& node, uint64_t heap) {
  return node.dataset != nullptr ? DatasetHeader(*node.dataset, heap) : GroupHeader(node);
}

void Insert(Node& root, TensorDeclaration& dataset) {
  Node* node = &root;
  std::string_view rest = dataset.name;
  while (!rest.empty()) {
    const size_t slash = rest.find('/');
    auto& child = node->children[std::string(rest.substr(0, slash))];
    if (child == nullptr) child = std::make_unique<Node>();
    node = child.get();
    rest = slash == rest.npos ? std::string_view() : rest.substr(slash + 1);
  }
  node->dataset = &dataset;
}

// Gives each header its place, parents before children; false if a group is too large.
bool Place(Node& node, uint64_t& end) {
  if (node.children.size() > kHdf5MaxLinks) return false;
  node.address = end;
  end += HeaderOf(node, 0).size();
  for (auto& [name, child] : node.children) {
    if (!Place(*child, end)) return false;
  }
  return true;
}

bool PlaceData(std::vector<TensorDeclaration>& datasets, uint64_t& end) {
  for (TensorDeclaration& dataset : datasets) {
    const auto offset = CheckedRoundUp(end, kHdf5DataAlignment);
    const auto after = offset ? CheckedAdd(*offset, dataset.bytes) : std::nullopt;
    if (!after) return false;
    dataset.offset = *offset;
    end = *after;
  }
  return true;
}

void WriteHeaders(const Node& node, uint64_t heap, Bytes& out) {
  TARE_CHECK_EQ(out.size(), node.address);
  HeaderOf(node, heap).WriteTo(out);
  for (const auto& [name, child] : node.children) WriteHeaders(*child, heap, out);
}

Bytes Superblock(uint64_t file_bytes, uint64_t root) {
  constexpr uint8_t kOffsetBytes = 8, kLengthBytes = 8;
  constexpr uint16_t kGroupLeafK = 4, kGroupInternalK = 16;  // the library's defaults; unused
  Bytes block;
  block.Text("\x89HDF\r\n\x1a\n").U32(0).U8(0).U8(kOffsetBytes).U8(kLengthBytes).U8(0);
  block.U16(kGroupLeafK).U16(kGroupInternalK).U32(0);
  block.U64(0).U64(kUndefined).U64(file_bytes).U64(kUndefined);
  return block.U64(0).U64(root).PadTo(kSuperblockBytes);
}

}  // namespace

std::optional<std::vector<std::byte>> LayOutHdf5(std::vector<TensorDeclaration>& datasets) {
  Node root;
  bool has_bf16 = false;
  for (TensorDeclaration& dataset : datasets) {
    Insert(root, dataset);
    has_bf16 = has_bf16 || dataset.dtype == DType::kBF16;
  }
  uint64_t heap = kSuperblockBytes;
  uint64_t end = heap + (has_bf16 ? kHeapBytes : 0);
  if (!Place(root, end) || !PlaceData(datasets, end)) return std::nullopt;
  Bytes out = Superblock(end, root.address);
  if (has_bf16) out.Append(GlobalHeap());
  WriteHeaders(root, heap, out);
  return out.Take();
}

}  // namespace tare
