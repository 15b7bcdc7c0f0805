#include "models/tensor_reader.h"

#include <algorithm>
#include <utility>

#include "format/quote.h"
#include "tensor/dequantize.h"

namespace tare {

void TensorReader::Fail(Error error) {
  if (status_.ok()) status_ = std::move(error);
}

TensorView TensorReader::Get(const std::string& name, const Shape& shape) {
  const NamedTensor* tensor = tensors_.Find(name);
  if (tensor == nullptr) {
    Fail(CorruptFile("{}: tensor {} is missing; expected {}", where_, name, shape.ToString()));
    return {};
  }
  used_.insert(name);
  if (tensor->view.shape != shape) {
    Fail(CorruptFile("{}: tensor {} has shape {}, expected {} from the model's own configuration",
                     where_, name, tensor->view.shape.ToString(), shape.ToString()));
    return {};
  }
  if (!IsWeightType(tensor->view.dtype)) {
    Fail(Unsupported("{}: tensor {} is {}, expected floating-point or quantised numbers", where_,
                     name, DTypeName(tensor->view.dtype)));
    return {};
  }
  return tensor->view;
}

TensorView TensorReader::GetF32(const std::string& name, const Shape& shape) {
  const TensorView tensor = Get(name, shape);
  if (tensor.dtype == DType::kF32 || tensor.data == nullptr) return tensor;
  if (IsBlockQuantized(tensor.dtype)) {
    Fail(Unsupported("{}: tensor {} is {}, expected f32, f16 or bf16", where_, name,
                     DTypeName(tensor.dtype)));
    return {};
  }
  Result<Storage> widened = Storage::Allocate(DType::kF32, shape);
  if (!widened.ok()) {
    Fail(widened.error().In(name));
    return {};
  }
  DequantizeRow(tensor.dtype, tensor.data, shape.elements(), widened->f32());
  widened_.push_back(*std::move(widened));
  return widened_.back().view();
}

LinearWeight TensorReader::GetLinear(const std::string& name, WeightLayout layout, size_t outputs,
                                     size_t inputs) {
  const Shape shape =
      layout == WeightLayout::kOutIn ? Shape{outputs, inputs} : Shape{inputs, outputs};
  return GetLinear(name, layout, outputs, inputs, shape);
}

LinearWeight TensorReader::GetLinear(const std::string& name, WeightLayout layout, size_t outputs,
                                     size_t inputs, const Shape& shape) {
  TensorView tensor = Get(name, shape);
  tensor.shape = layout == WeightLayout::kOutIn ? Shape{outputs, inputs} : Shape{inputs, outputs};
  if (layout == WeightLayout::kInOut && IsBlockQuantized(tensor.dtype)) {
    Fail(Unsupported("{}: tensor {} is {}, whose blocks must run along a projection's inputs",
                     where_, name, DTypeName(tensor.dtype)));
  }
  return {tensor, layout, {}};
}

namespace {

// Buffers that carry no weight.
bool IsBuffer(std::string_view name) {
  constexpr std::string_view kBuffers[] = {"rotary_emb.inv_freq", "attn.bias", "attn.masked_bias"};
  return std::ranges::any_of(kBuffers, [name](std::string_view buffer) {
    if (!name.ends_with(buffer)) return false;
    return name.size() == buffer.size() || name[name.size() - buffer.size() - 1] == '.';
  });
}

}  // namespace

Status TensorReader::FinishWithUnused(std::vector<std::string>& unused) const {
  for (const NamedTensor& tensor : tensors_.tensors) {
    if (!used_.contains(tensor.name) && !IsBuffer(tensor.name)) unused.push_back(tensor.name);
  }
  return status_;
}

Status TensorReader::Finish() const {
  if (!status_.ok()) return status_;
  for (const NamedTensor& tensor : tensors_.tensors) {
    if (used_.contains(tensor.name)) continue;
    return CorruptFile("{}: tensor {} does not belong to a {} model", where_,
                       Printable(tensor.name), family_);
  }
  return {};
}

}  // namespace tare
