#include "format/hdf5/helper/element_type.h"

#include <array>
#include <string>
#include <string_view>

#include "format/hdf5/helper/handle.h"

namespace tare {
namespace {

struct FloatLayout {
  size_t size, sign, exponent, exponent_bits, mantissa_bits, bias;
  Hdf5Element element;
  bool f64;

  bool Describes(hid_t type) const {
    size_t s = 0, e = 0, e_bits = 0, m = 0, m_bits = 0;
    return H5Tget_size(type) == size && H5Tget_precision(type) == size * 8 &&
           H5Tget_offset(type) == 0 && H5Tget_fields(type, &s, &e, &e_bits, &m, &m_bits) >= 0 &&
           s == sign && e == exponent && e_bits == exponent_bits && m == 0 &&
           m_bits == mantissa_bits && H5Tget_ebias(type) == bias &&
           H5Tget_norm(type) == H5T_NORM_IMPLIED;
  }
};

constexpr auto kFloatLayouts = std::to_array<FloatLayout>({
    {4, 31, 23, 8, 23, 127, Hdf5Element::kF32, false},
    {2, 15, 10, 5, 10, 15, Hdf5Element::kF16, false},
    {2, 15, 7, 8, 7, 127, Hdf5Element::kBF16, false},
    {8, 63, 52, 11, 52, 1023, Hdf5Element::kF32, true},
});

// The text of a scalar string attribute; empty if there is none of that kind.
std::string TextAttribute(hid_t dataset, const char* name) {
  if (H5Aexists(dataset, name) <= 0) return {};
  const Hdf5Handle attribute(H5Aopen(dataset, name, H5P_DEFAULT), H5Aclose);
  const Hdf5Handle type(H5Aget_type(attribute.get()), H5Tclose);
  const Hdf5Handle space(H5Aget_space(attribute.get()), H5Sclose);
  if (!space.ok() || !type.ok() || H5Sget_simple_extent_npoints(space.get()) != 1 ||
      H5Tget_class(type.get()) != H5T_STRING) {
    return {};
  }
  if (H5Tis_variable_str(type.get()) > 0) {
    char* text = nullptr;
    if (H5Aread(attribute.get(), type.get(), &text) < 0 || text == nullptr) return {};
    std::string copy(text);
    H5free_memory(text);
    return copy;
  }
  std::array<char, 64> text = {};
  if (H5Tget_size(type.get()) >= text.size() ||
      H5Aread(attribute.get(), type.get(), text.data()) < 0) {
    return {};
  }
  return text.data();
}

bool SaysBFloat16(hid_t dataset) { return TextAttribute(dataset, "dtype") == "bfloat16"; }

ElementType ClassifyFloat(hid_t type, size_t size) {
  for (const FloatLayout& layout : kFloatLayouts) {
    if (layout.Describes(type)) return {layout.element, false, layout.f64, size};
  }
  return {Hdf5Element::kOther, false, false, size};
}

ElementType ClassifyInteger(hid_t dataset, hid_t type, size_t size) {
  const bool is_signed = H5Tget_sign(type) == H5T_SGN_2;
  const bool is_whole = H5Tget_precision(type) == size * 8;
  Hdf5Element element = Hdf5Element::kOther;
  if (is_whole && is_signed && size == 4) element = Hdf5Element::kI32;
  if (is_whole && !is_signed && size == 2 && SaysBFloat16(dataset)) element = Hdf5Element::kBF16;
  return {element, false, false, size};
}

}  // namespace

std::optional<ElementType> ClassifyElements(hid_t dataset, hid_t type) {
  const size_t size = H5Tget_size(type);
  if (size == 0) return std::nullopt;
  ElementType found;
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      found = ClassifyFloat(type, size);
      break;
    case H5T_INTEGER:
      found = ClassifyInteger(dataset, type, size);
      break;
    case H5T_OPAQUE:
      if (size != 2 || !SaysBFloat16(dataset)) return std::nullopt;
      return ElementType{Hdf5Element::kBF16, false, false, size};
    case H5T_ENUM:  // h5py's booleans
    case H5T_BITFIELD:
      return ElementType{Hdf5Element::kOther, false, false, size};
    default:
      return std::nullopt;
  }
  const H5T_order_t order = H5Tget_order(type);
  if (order != H5T_ORDER_LE && order != H5T_ORDER_BE) found.element = Hdf5Element::kOther;
  found.big_endian = order == H5T_ORDER_BE;
  return found;
}

}  // namespace tare
