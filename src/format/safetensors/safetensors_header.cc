#include "format/safetensors/safetensors_header.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/checked_math.h"
#include "base/count_text.h"
#include "format/json/json_stream.h"
#include "format/quote.h"
#include "tensor/little_endian.h"

namespace tare {
namespace {

using Json = nlohmann::json;

constexpr size_t kLengthBytes = 8;
constexpr size_t kMaxTensors = 1024 * 1024;

struct StoredType {
  std::string_view name;
  uint64_t bytes;
  std::optional<DType> dtype;
  bool is_foreign = false;
};

// Weights are floating-point; integers and bools are masks, counters and packed weights.
constexpr StoredType kTypes[] = {
    {"F32", 4, DType::kF32},   {"F16", 2, DType::kF16},  {"BF16", 2, DType::kBF16},
    {"BOOL", 1, std::nullopt}, {"U8", 1, std::nullopt},  {"I8", 1, std::nullopt},
    {"U16", 2, std::nullopt},  {"I16", 2, std::nullopt}, {"U32", 4, std::nullopt},
    {"I32", 4, std::nullopt},  {"U64", 8, std::nullopt}, {"I64", 8, std::nullopt},
};

// Floating-point, and Tare has no decoder for it.
constexpr StoredType kForeignTypes[] = {
    {"F64", 8, std::nullopt, true},
    {"F8_E4M3", 1, std::nullopt, true},
    {"F8_E5M2", 1, std::nullopt, true},
    {"F8_E8M0", 1, std::nullopt, true},
};

class HeaderReader {
 public:
  HeaderReader(uint64_t data_begin, uint64_t data_bytes, ForeignTypes foreign_types)
      : data_begin_(data_begin), data_bytes_(data_bytes), foreign_types_(foreign_types) {}

  Status Read(std::string_view header) {
    const JsonReceiver receiver = {
        [](JsonPath path) { return path.empty(); },
        [this](JsonPath path, Json& value) { return Take(path, value); }};
    const Status read = ReadJson(header, receiver);
    if (!read.ok()) return read.error().In("header");
    return {};
  }

  Result<std::vector<SafetensorsEntry>> Finish() {
    TARE_RETURN_IF_ERROR(CheckRanges());
    SortByName();
    AddAliases();
    for (size_t i = 1; i < entries_.size(); ++i) {
      if (entries_[i].name != entries_[i - 1].name) continue;
      return CorruptFile("header: tensor {} appears twice", Quote(entries_[i].name));
    }
    return std::move(entries_);
  }

 private:
  void SortByName() {
    std::sort(entries_.begin(), entries_.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
  }

  // safetensors.torch.save_model keeps one of several names of a tensor; __metadata__ then maps
  // each of the others to it. Anything else in there names no tensor.
  void AddAliases() {
    const size_t stored = entries_.size();
    const auto find = [&](const std::string& name) {
      const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(stored);
      const auto at =
          std::lower_bound(entries_.begin(), end, name,
                           [](const auto& entry, const auto& n) { return entry.name < n; });
      return at != end && at->name == name ? &*at : nullptr;
    };
    std::vector<SafetensorsEntry> added;
    for (const auto& [alias, kept] : metadata_) {
      const SafetensorsEntry* const entry = find(kept);
      if (entry == nullptr || find(alias) != nullptr) continue;
      added.push_back(*entry);
      added.back().name = alias;
    }
    if (added.empty()) return;
    entries_.insert(entries_.end(), added.begin(), added.end());
    SortByName();
  }

  Status Take(JsonPath path, const Json& value) {
    if (path[0] == kSafetensorsMetadataKey) return CheckMetadata(value);
    if (entries_.size() == kMaxTensors) {
      return Unsupported("has more than {} tensors", kMaxTensors);
    }
    auto entry = ReadEntry(value);
    if (!entry.ok()) return entry.error().In("tensor " + Quote(path[0]));
    entry->name = path[0];
    entries_.push_back(std::move(*entry));
    return {};
  }

  Status CheckMetadata(const Json& value) {
    if (has_metadata_) return CorruptFile("{} appears twice", kSafetensorsMetadataKey);
    has_metadata_ = true;
    if (!value.is_object()) {
      return CorruptFile("{} is {}, expected an object", kSafetensorsMetadataKey,
                         value.type_name());
    }
    for (const auto& [key, text] : value.items()) {
      if (text.is_string()) {
        metadata_.emplace_back(key, text.get<std::string>());
        continue;
      }
      return CorruptFile("{}: {} is {}, expected a string", kSafetensorsMetadataKey, Quote(key),
                         text.type_name());
    }
    return {};
  }

  Result<SafetensorsEntry> ReadEntry(const Json& value) const {
    if (!value.is_object()) {
      return CorruptFile("is {}, expected an object", value.type_name());
    }
    SafetensorsEntry entry;
    TARE_ASSIGN_OR_RETURN(const StoredType type, ReadType(value));
    TARE_ASSIGN_OR_RETURN(entry.shape, ReadShape(value));
    const auto elements = entry.shape.CheckedElements();
    const auto bytes = elements ? CheckedMul<uint64_t>(*elements, type.bytes) : std::nullopt;
    if (!bytes) return CorruptFile("shape {} is too large to be", entry.shape.ToString());
    TARE_ASSIGN_OR_RETURN(const uint64_t begin, ReadRange(value, *bytes));
    entry.stored_type = type.name;
    entry.is_foreign = type.is_foreign;
    if (*elements != 0) entry.dtype = type.dtype;
    entry.file_offset = data_begin_ + begin;
    entry.bytes = *bytes;
    return entry;
  }

  static Result<const Json*> Field(const Json& entry, const char* key) {
    const auto found = entry.find(key);
    if (found == entry.end()) return CorruptFile("has no {}", key);
    return &*found;
  }

  Result<StoredType> ReadType(const Json& value) const {
    TARE_ASSIGN_OR_RETURN(const Json* field, Field(value, "dtype"));
    if (!field->is_string()) {
      return CorruptFile("dtype is {}, expected a string", field->type_name());
    }
    const auto& name = field->get_ref<const std::string&>();
    for (const StoredType& type : kTypes) {
      if (name == type.name) return type;
    }
    if (foreign_types_ == ForeignTypes::kList) {
      for (const StoredType& type : kForeignTypes) {
        if (name == type.name) return type;
      }
    }
    return Unsupported("has dtype {}, expected F32, F16 or BF16", Printable(name));
  }

  static Result<std::vector<uint64_t>> ReadNumbers(const Json& value, const char* key) {
    TARE_ASSIGN_OR_RETURN(const Json* field, Field(value, key));
    const auto is_number = [](const Json& each) { return each.is_number_unsigned(); };
    if (!field->is_array() || !std::all_of(field->begin(), field->end(), is_number)) {
      return CorruptFile("{} is {}, expected an array of whole numbers", key,
                         Printable(field->dump(-1, ' ', true)));
    }
    return field->get<std::vector<uint64_t>>();
  }

  static Result<Shape> ReadShape(const Json& value) {
    TARE_ASSIGN_OR_RETURN(const std::vector<uint64_t> dims, ReadNumbers(value, "shape"));
    if (dims.size() > kMaxRank) {
      return Unsupported("has {} dimensions, expected at most {}", dims.size(), kMaxRank);
    }
    return Shape(std::span<const size_t>(dims));
  }

  // The offset of the data within the file's data.
  Result<uint64_t> ReadRange(const Json& value, uint64_t bytes) const {
    TARE_ASSIGN_OR_RETURN(const std::vector<uint64_t> range, ReadNumbers(value, "data_offsets"));
    if (range.size() != 2 || range[0] > range[1]) {
      return CorruptFile("data_offsets is {}, expected [begin, end]",
                         Printable(value["data_offsets"].dump()));
    }
    if (range[1] > data_bytes_) {
      return CorruptFile("data_offsets ends at {}, but the file has {} of data; is it complete?",
                         range[1], CountText(data_bytes_, "byte"));
    }
    if (range[1] - range[0] != bytes) {
      return CorruptFile("data_offsets spans {}, expected {} for its shape and dtype",
                         CountText(range[1] - range[0], "byte"), bytes);
    }
    return range[0];
  }

  // The ranges must cover the data without gaps: no writer of this format leaves bytes between or
  // after them.
  Status CheckRanges() const {
    std::vector<const SafetensorsEntry*> by_offset;
    by_offset.reserve(entries_.size());
    for (const SafetensorsEntry& entry : entries_) by_offset.push_back(&entry);
    std::sort(by_offset.begin(), by_offset.end(), [](const auto* a, const auto* b) {
      return std::pair(a->file_offset, a->bytes) < std::pair(b->file_offset, b->bytes);
    });
    uint64_t end = data_begin_;
    for (const SafetensorsEntry* entry : by_offset) {
      if (entry->file_offset != end) {
        return CorruptFile("header: tensor {} begins at {}, expected {}: the data before it {}",
                           Quote(entry->name), entry->file_offset - data_begin_, end - data_begin_,
                           entry->file_offset < end ? "overlaps" : "leaves a gap");
      }
      end += entry->bytes;
    }
    if (end != data_begin_ + data_bytes_) {
      return CorruptFile("has {} of data, but its tensors have {}", CountText(data_bytes_, "byte"),
                         end - data_begin_);
    }
    return {};
  }

  const uint64_t data_begin_;
  const uint64_t data_bytes_;
  const ForeignTypes foreign_types_;
  std::vector<SafetensorsEntry> entries_;
  bool has_metadata_ = false;
  std::vector<std::pair<std::string, std::string>> metadata_;
};

}  // namespace

Result<std::vector<SafetensorsEntry>> ParseSafetensorsHeader(std::span<const std::byte> file,
                                                             ForeignTypes foreign_types) {
  if (file.size() < kLengthBytes) {
    return CorruptFile("is not a safetensors file: has {}, expected at least {}",
                       CountText(file.size(), "byte"), kLengthBytes);
  }
  const auto length = LoadLittleEndian<uint64_t>(file.data());
  const uint64_t rest = file.size() - kLengthBytes;
  if (length > kSafetensorsMaxHeader) {
    return CorruptFile(
        "is not a safetensors file: its header would have {}, expected at "
        "most {}",
        CountText(length, "byte"), kSafetensorsMaxHeader);
  }
  if (length > rest) {
    return CorruptFile("the header has {}, but only {} follow; is the file complete?",
                       CountText(length, "byte"), rest);
  }
  const auto* text = reinterpret_cast<const char*>(file.data() + kLengthBytes);
  const std::string_view header(text, length);
  if (!header.starts_with('{')) {
    return CorruptFile("is not a safetensors file: its header begins with {}, expected \"{{\"",
                       Quote(header.substr(0, 1)));
  }
  HeaderReader reader(kLengthBytes + length, rest - length, foreign_types);
  TARE_RETURN_IF_ERROR(reader.Read(header));
  return reader.Finish();
}

}  // namespace tare
