#include "tensor/shape.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/check.h"
#include "base/checked_math.h"

namespace tare {

Shape::Shape(std::initializer_list<size_t> dims)
    : Shape(std::span<const size_t>(dims.begin(), dims.size())) {}

Shape::Shape(std::span<const size_t> dims) : rank_(dims.size()) {
  TARE_CHECK_LE(dims.size(), kMaxRank);
  std::copy(dims.begin(), dims.end(), dims_.begin());
}

size_t Shape::elements() const {
  size_t product = 1;
  for (size_t dim : dims()) product *= dim;
  return product;
}

std::optional<size_t> Shape::CheckedElements() const {
  size_t product = 1;
  for (size_t dim : dims()) {
    const auto next = CheckedMul(product, dim);
    if (!next) return std::nullopt;
    product = *next;
  }
  return product;
}

bool Shape::operator==(const Shape& other) const {
  return std::ranges::equal(dims(), other.dims());
}

std::string Shape::ToString() const { return fmt::format("[{}]", fmt::join(dims(), ", ")); }

std::optional<size_t> ByteSize(DType type, const Shape& shape) {
  const size_t block = BlockElements(type);
  const size_t last = shape.rank() == 0 ? 1 : shape[shape.rank() - 1];
  if (last % block != 0) return std::nullopt;
  const auto elements = shape.CheckedElements();
  if (!elements) return std::nullopt;
  return CheckedMul(*elements / block, BlockBytes(type));
}

}  // namespace tare
