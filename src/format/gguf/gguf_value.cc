#include "format/gguf/gguf_value.h"

#include <cmath>
#include <limits>

#include "base/count_text.h"
#include "format/quote.h"

namespace tare {

GgufStrings::Iterator& GgufStrings::Iterator::operator++() {
  at_ += sizeof(uint64_t) + StringAt(at_).size();
  ++index_;
  return *this;
}

GgufStrings::Iterator GgufStrings::Iterator::operator++(int) {
  Iterator before = *this;
  ++*this;
  return before;
}

Result<std::vector<uint32_t>> GgufStrings::Offsets() const {
  std::vector<uint32_t> offsets;
  offsets.reserve(count_);
  size_t offset = 0;
  for (const std::string_view text : *this) {
    if (offset > std::numeric_limits<uint32_t>::max()) {
      return Unsupported("an array of {} strings is larger than 4 GiB", count_);
    }
    offsets.push_back(static_cast<uint32_t>(offset));
    offset += sizeof(uint64_t) + text.size();
  }
  return offsets;
}

std::string GgufValue::TypeName() const {
  if (!is_array()) return std::string(GgufValueTypeName(type_));
  return fmt::format("array of {} {}", count_, GgufValueTypeName(element_type_));
}

Error GgufValue::Mistyped(std::string_view expected) const {
  return CorruptFile("metadata key {}: is {}, expected {}", Quote(key_), TypeName(), expected);
}

std::span<const std::byte> GgufValue::stored() const {
  if (element_type_ != GgufValueType::kString)
    return {data_, count_ * GgufFixedBytes(element_type_)};
  const std::byte* end = data_;
  for (uint64_t i = 0; i < count_; ++i) {
    end += sizeof(uint64_t) + LoadLittleEndian<uint64_t>(end);
  }
  return {data_, end};
}

Result<uint64_t> GgufValue::AsU64() const {
  if (type_ == GgufValueType::kU64) return LoadLittleEndian<uint64_t>(data_);
  TARE_ASSIGN_OR_RETURN(const int64_t value, AsI64());
  if (value < 0) {
    return CorruptFile("metadata key {}: is {}, expected a number that is not negative",
                       Quote(key_), value);
  }
  return static_cast<uint64_t>(value);
}

Result<uint32_t> GgufValue::AsU32() const {
  TARE_ASSIGN_OR_RETURN(const uint64_t value, AsU64());
  if (value > std::numeric_limits<uint32_t>::max()) {
    return CorruptFile("metadata key {}: is {}, expected at most {}", Quote(key_), value,
                       std::numeric_limits<uint32_t>::max());
  }
  return static_cast<uint32_t>(value);
}

Result<int64_t> GgufValue::AsI64() const {
  switch (type_) {
    case GgufValueType::kU8:
      return LoadLittleEndian<uint8_t>(data_);
    case GgufValueType::kI8:
      return LoadLittleEndian<int8_t>(data_);
    case GgufValueType::kU16:
      return LoadLittleEndian<uint16_t>(data_);
    case GgufValueType::kI16:
      return LoadLittleEndian<int16_t>(data_);
    case GgufValueType::kU32:
      return LoadLittleEndian<uint32_t>(data_);
    case GgufValueType::kI32:
      return LoadLittleEndian<int32_t>(data_);
    case GgufValueType::kI64:
      return LoadLittleEndian<int64_t>(data_);
    case GgufValueType::kU64: {
      const auto value = LoadLittleEndian<uint64_t>(data_);
      if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
        return CorruptFile("metadata key {}: is {}, expected at most {}", Quote(key_), value,
                           std::numeric_limits<int64_t>::max());
      }
      return static_cast<int64_t>(value);
    }
    default:
      return Mistyped("an integer");
  }
}

Result<float> GgufValue::AsF32() const {
  if (type_ == GgufValueType::kF32) return LoadLittleEndian<float>(data_);
  if (type_ != GgufValueType::kF64) return Mistyped("a floating-point number");
  const auto value = LoadLittleEndian<double>(data_);
  if (std::isfinite(value) && std::abs(value) > std::numeric_limits<float>::max()) {
    return CorruptFile("metadata key {}: is {}, which does not fit f32", Quote(key_), value);
  }
  return static_cast<float>(value);
}

Result<bool> GgufValue::AsBool() const {
  if (type_ != GgufValueType::kBool) return Mistyped("a bool");
  return LoadLittleEndian<uint8_t>(data_) != 0;
}

Result<std::string_view> GgufValue::AsString() const {
  if (type_ != GgufValueType::kString) return Mistyped("a string");
  return *GgufStrings(data_, 1).begin();
}

Status GgufValue::ExpectArrayOf(GgufValueType element_type) const {
  if (is_array() && element_type_ == element_type) return {};
  return Mistyped(fmt::format("an array of {}", GgufValueTypeName(element_type)));
}

Result<GgufStrings> GgufValue::AsStrings() const {
  TARE_RETURN_IF_ERROR(ExpectArrayOf(GgufValueType::kString));
  return GgufStrings(data_, count_);
}

Result<GgufNumbers<int32_t>> GgufValue::AsI32Array() const {
  TARE_RETURN_IF_ERROR(ExpectArrayOf(GgufValueType::kI32));
  return GgufNumbers<int32_t>(data_, count_);
}

Result<GgufNumbers<uint32_t>> GgufValue::AsU32Array() const {
  TARE_RETURN_IF_ERROR(ExpectArrayOf(GgufValueType::kU32));
  return GgufNumbers<uint32_t>(data_, count_);
}

Result<GgufNumbers<float>> GgufValue::AsF32Array() const {
  TARE_RETURN_IF_ERROR(ExpectArrayOf(GgufValueType::kF32));
  return GgufNumbers<float>(data_, count_);
}

Result<GgufValue> GgufValue::At(size_t index) const {
  const size_t stride = GgufFixedBytes(element_type_);
  if (!is_array() || stride == 0) return Mistyped("an array of numbers");
  if (index >= count_) {
    return InvalidInput("metadata key {}: has {}, but element {} was requested", Quote(key_),
                        CountText(count_, "element"), index);
  }
  return GgufValue(key_, element_type_, data_ + index * stride);
}

}  // namespace tare
