#ifndef TARE_FORMAT_GGUF_GGUF_VALUE_H_
#define TARE_FORMAT_GGUF_GGUF_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "format/gguf/gguf_types.h"
#include "tensor/little_endian.h"

namespace tare {

// An array of strings, read in place. A forward range, because the place of each string follows
// from the one before it. Borrows the file.
class GgufStrings {
 public:
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using pointer = const std::string_view*;
    using reference = std::string_view;

    Iterator() = default;
    Iterator(const std::byte* at, size_t index) : at_(at), index_(index) {}
    std::string_view operator*() const { return StringAt(at_); }
    Iterator& operator++();
    Iterator operator++(int);
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    const std::byte* at_ = nullptr;
    size_t index_ = 0;
  };

  // `data`: `count` strings whose lengths have been checked against the file.
  GgufStrings(const std::byte* data, size_t count) : data_(data), count_(count) {}

  size_t size() const { return count_; }
  Iterator begin() const { return {data_, 0}; }
  Iterator end() const { return {nullptr, count_}; }

  // For random access: AtOffset(Offsets()[i]) is string i. Costs 4 bytes per string.
  //   Errors  Unsupported if the array is larger than 4 GiB.
  Result<std::vector<uint32_t>> Offsets() const;
  std::string_view AtOffset(uint32_t offset) const { return StringAt(data_ + offset); }

 private:
  static std::string_view StringAt(const std::byte* at) {
    return {reinterpret_cast<const char*>(at) + sizeof(uint64_t), LoadLittleEndian<uint64_t>(at)};
  }

  const std::byte* data_;
  size_t count_;
};

// An array of numbers, read in place at any alignment. Borrows the file.
template <typename T>
class GgufNumbers {
 public:
  GgufNumbers(const std::byte* data, size_t count) : data_(data), count_(count) {}
  size_t size() const { return count_; }
  T operator[](size_t index) const { return LoadLittleEndian<T>(data_ + index * sizeof(T)); }

 private:
  const std::byte* data_;
  size_t count_;
};

// One metadata value. Borrows from the file, which must outlive it. Every accessor's error is
// CorruptFile and names the key, the actual value or type, and the expected one.
class GgufValue {
 public:
  // A number, a bool or a string. `data` points at the number, or at the string's length.
  GgufValue(std::string_view key, GgufValueType type, const std::byte* data)
      : key_(key), data_(data), type_(type), element_type_(type) {}
  // An array; `data` points at its first element.
  GgufValue(std::string_view key, GgufValueType element_type, uint64_t count, const std::byte* data)
      : key_(key),
        data_(data),
        count_(count),
        type_(GgufValueType::kArray),
        element_type_(element_type) {}

  std::string_view key() const { return key_; }
  GgufValueType type() const { return type_; }
  bool is_array() const { return type_ == GgufValueType::kArray; }
  // Size and element type of an array; otherwise 1 and type().
  size_t size() const { return count_; }
  GgufValueType element_type() const { return element_type_; }
  std::string TypeName() const;  // "u32", "array of 49152 string"
  // As stored: the number, the string with its length, or an array's elements.
  std::span<const std::byte> stored() const;

  Result<uint64_t> AsU64() const;  // any integer type that holds a value >= 0
  Result<uint32_t> AsU32() const;  // the same, if the value fits
  Result<int64_t> AsI64() const;   // any integer type, if the value fits
  Result<float> AsF32() const;     // f32, or f64 rounded to f32
  Result<bool> AsBool() const;
  Result<std::string_view> AsString() const;  // bytes: not necessarily UTF-8

  Result<GgufStrings> AsStrings() const;
  // The element type must be exactly T's.
  Result<GgufNumbers<int32_t>> AsI32Array() const;
  Result<GgufNumbers<uint32_t>> AsU32Array() const;
  Result<GgufNumbers<float>> AsF32Array() const;
  // Element `index` of an array of numbers or bools, as a value of its own.
  Result<GgufValue> At(size_t index) const;

 private:
  Error Mistyped(std::string_view expected) const;
  Status ExpectArrayOf(GgufValueType element_type) const;

  std::string_view key_;
  const std::byte* data_;
  uint64_t count_ = 1;
  GgufValueType type_;
  GgufValueType element_type_;
};

}  // namespace tare

#endif  // TARE_FORMAT_GGUF_GGUF_VALUE_H_
