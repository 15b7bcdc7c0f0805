#ifndef TARE_FORMAT_HDF5_HDF5_WIRE_H_
#define TARE_FORMAT_HDF5_HDF5_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "tensor/little_endian.h"

// The protocol between the reader and its helper program, over one socket. Numbers are
// little-endian.
//
//   helper list FILE   the helper sends kDataset records, then kEnd
//   helper read FILE   the reader sends kWant records, then kEnd; the helper sends each dataset's
//                      elements in kData records, in the same order, then kEnd
//
// The helper may send kProblem instead of any record; that is then its last one.
//   kDataset  u8 kind, u8 element, u8 place, text name, u8 rank, u64 dims…, u64 offset, u64 bytes
//   kWant     u8 kind, text name, u64 bytes
//   kData     u8 kind, u32 size, size bytes
//   kProblem  u8 kind, u8 problem, text name, text detail
//   kEnd      u8 kind, u32 count           count of kDataset or kWant records before it
//   text      u16 size, size bytes
namespace tare {

enum class Hdf5Record : uint8_t { kDataset = 1, kWant, kData, kProblem, kEnd };

// The type of the elements: as stored if Hdf5Place is kMapped, else after conversion.
enum class Hdf5Element : uint8_t { kF32 = 1, kF16, kBF16, kI32, kOther };

// Whether a dataset can be used in place, or why not.
enum class Hdf5Place : uint8_t {
  kMapped = 1,
  kChunked,   // in pieces
  kFiltered,  // compressed
  kBigEndian,
  kCompact,     // within the metadata
  kF64,         // rounded to f32
  kMisaligned,  // set by the reader, never by the helper
};

enum class Hdf5Problem : uint8_t {
  kNotHdf5 = 1,
  kUnreadable,
  kUserBlock,
  kSoftLink,
  kExternalLink,
  kOtherLink,
  kReachedTwice,
  kNamedType,
  kTooDeep,
  kTooMany,
  kBadName,
  kNotNumbers,
  kNoSpace,
  kEmpty,
  kRank,
  kVirtual,
  kExternalFile,
  kNeverWritten,
  kBomb,
  kHugeChunk,
  kFilter,
  kLimit,
};

inline constexpr size_t kHdf5MaxDatasets = 1'000'000;
inline constexpr size_t kHdf5MaxDepth = 32;
inline constexpr size_t kHdf5MaxName = 1024;
inline constexpr size_t kHdf5MaxData = size_t{1} << 20;  // bytes of a kData record
// The best ratio of deflate is 1032 to 1.
inline constexpr uint64_t kHdf5MaxExpansion = 1100;

// Collects the bytes of a record.
class Hdf5WireWriter {
 public:
  template <typename T>
  Hdf5WireWriter& Put(T value) {
    if constexpr (std::is_enum_v<T>) {
      return Put(static_cast<std::underlying_type_t<T>>(value));
    } else {
      const size_t at = bytes_.size();
      bytes_.resize(at + sizeof(T));
      std::memcpy(bytes_.data() + at, &value, sizeof(T));
      return *this;
    }
  }
  // Precondition: text is shorter than 64 KiB.
  Hdf5WireWriter& Text(std::string_view text) {
    Put(static_cast<uint16_t>(text.size()));
    bytes_.append(text);
    return *this;
  }
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(bytes_)); }

 private:
  std::string bytes_;
};

// Parses records. Every Get returns nullopt if the bytes end too early.
class Hdf5WireReader {
 public:
  explicit Hdf5WireReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <typename T>
  std::optional<T> Get() {
    if constexpr (std::is_enum_v<T>) {
      const auto value = Get<std::underlying_type_t<T>>();
      if (!value) return std::nullopt;
      return static_cast<T>(*value);
    } else {
      if (bytes_.size() < sizeof(T)) return std::nullopt;
      const T value = LoadLittleEndian<T>(bytes_.data());
      bytes_ = bytes_.subspan(sizeof(T));
      return value;
    }
  }
  std::optional<std::string_view> Text() {
    const auto size = Get<uint16_t>();
    if (!size || bytes_.size() < *size) return std::nullopt;
    const std::string_view text(reinterpret_cast<const char*>(bytes_.data()), *size);
    bytes_ = bytes_.subspan(*size);
    return text;
  }
  bool empty() const { return bytes_.empty(); }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_HDF5_WIRE_H_
