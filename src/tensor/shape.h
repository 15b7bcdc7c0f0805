#ifndef TARE_TENSOR_SHAPE_H_
#define TARE_TENSOR_SHAPE_H_

#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>

#include "tensor/dtype.h"

namespace tare {

inline constexpr size_t kMaxRank = 8;

// Up to kMaxRank dimensions, outermost first. Rank 0 is a scalar of one element.
class Shape {
 public:
  Shape() = default;
  // Precondition: at most kMaxRank dimensions.
  Shape(std::initializer_list<size_t> dims);
  explicit Shape(std::span<const size_t> dims);

  size_t rank() const { return rank_; }
  size_t operator[](size_t axis) const { return dims_[axis]; }
  size_t& operator[](size_t axis) { return dims_[axis]; }
  std::span<const size_t> dims() const { return {dims_.data(), rank_}; }
  const size_t* begin() const { return dims_.data(); }
  const size_t* end() const { return dims_.data() + rank_; }

  // Product of the dimensions. Precondition: it fits size_t, as CheckedElements tells.
  size_t elements() const;
  // nullopt if the product overflows.
  std::optional<size_t> CheckedElements() const;

  bool operator==(const Shape& other) const;
  std::string ToString() const;  // "[2, 3, 5]"

 private:
  std::array<size_t, kMaxRank> dims_ = {};
  size_t rank_ = 0;
};

// Bytes of a contiguous row-major tensor. nullopt if the size overflows, or if the last dimension
// is not a multiple of the type's block size.
std::optional<size_t> ByteSize(DType type, const Shape& shape);

}  // namespace tare

#endif  // TARE_TENSOR_SHAPE_H_
