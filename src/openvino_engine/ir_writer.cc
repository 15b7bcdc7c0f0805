#include "openvino_engine/ir_writer.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "base/check.h"

namespace tare {
namespace {

std::string ShapeText(std::span<const int64_t> shape) {
  std::string text;
  for (const int64_t length : shape) {
    if (!text.empty()) text += ',';
    text += length < 0 ? "?" : fmt::format("{}", length);
  }
  return text;
}

template <typename T>
std::vector<std::byte> BytesOf(std::span<const T> values) {
  std::vector<std::byte> bytes(values.size_bytes());
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

// The name of a type in a port; attributes of layers use another name.
std::string_view PortPrecision(std::string_view type) {
  if (type == "i32") return "I32";
  if (type == "i64") return "I64";
  if (type == "f16") return "FP16";
  return type == "bf16" ? "BF16" : "FP32";
}

}  // namespace

IrWriter::LayerId IrWriter::Add(Written layer) {
  layers_.push_back(std::move(layer));
  return static_cast<LayerId>(layers_.size() - 1);
}

IrWriter::LayerId IrWriter::Parameter(std::string_view precision, std::span<const int64_t> shape) {
  const std::string attributes =
      fmt::format("shape=\"{}\" element_type=\"{}\"", ShapeText(shape), precision);
  return Add({"Parameter", "opset1", attributes, {}, PortPrecision(precision)});
}

IrWriter::LayerId IrWriter::ConstantAt(const std::byte* data, size_t bytes, std::string_view type,
                                       std::string_view precision, const std::string& shape) {
  if (first_ == nullptr || Address(data) < Address(first_)) first_ = data;
  if (end_ == nullptr || Address(data + bytes) > Address(end_)) end_ = data + bytes;
  const std::string attributes =
      fmt::format("element_type=\"{}\" shape=\"{}\" size=\"{}\"", type, shape, bytes);
  return Add({"Const", "opset1", attributes, {}, precision, data});
}

IrWriter::LayerId IrWriter::Constant(const TensorView& tensor) {
  TARE_CHECK(!IsBlockQuantized(tensor.dtype));
  std::vector<int64_t> shape;
  for (size_t i = 0; i < tensor.shape.rank(); ++i) {
    shape.push_back(static_cast<int64_t>(tensor.shape[i]));
  }
  const std::string_view type = DTypeName(tensor.dtype);
  return ConstantAt(tensor.data, tensor.bytes(), type, PortPrecision(type), ShapeText(shape));
}

IrWriter::LayerId IrWriter::CopiedConstant(const TensorView& tensor) {
  const std::vector<std::byte>& bytes =
      owned_.emplace_back(tensor.data, tensor.data + tensor.bytes());
  return Constant(TensorView{tensor.dtype, tensor.shape, bytes.data()});
}

IrWriter::LayerId IrWriter::Constant(std::span<const int64_t> values) {
  const std::vector<std::byte>& bytes = owned_.emplace_back(BytesOf(values));
  return ConstantAt(bytes.data(), bytes.size(), "i64", "I64", fmt::format("{}", values.size()));
}

IrWriter::LayerId IrWriter::Scalar(float value) {
  const std::vector<std::byte>& bytes =
      owned_.emplace_back(BytesOf(std::span<const float>(&value, 1)));
  return ConstantAt(bytes.data(), bytes.size(), "f32", "FP32", "1");
}

IrWriter::LayerId IrWriter::Layer(std::string_view type, std::string_view version,
                                  std::string_view attributes,
                                  std::initializer_list<LayerId> inputs) {
  return Add({type, version, std::string(attributes), inputs});
}

void IrWriter::Output(LayerId value) { Add({"Result", "opset1", "", {value}}); }

void IrWriter::Assign(LayerId value, std::string_view variable, std::string_view shape) {
  Add({"Assign",
       "opset6",
       fmt::format(R"(variable_id="{}" variable_type="f32" variable_shape="{}")", variable, shape),
       {value}});
}

std::string IrWriter::LayerText(LayerId id) const {
  const Written& layer = layers_[id];
  std::string text = fmt::format("<layer id=\"{}\" name=\"{}_{}\" type=\"{}\" version=\"{}\">", id,
                                 layer.type, id, layer.type, layer.version);
  std::string attributes = layer.attributes;
  if (layer.data != nullptr) {
    attributes += fmt::format(" offset=\"{}\"", Address(layer.data) - Address(first_));
  }
  if (!attributes.empty()) text += fmt::format("<data {}/>", attributes);
  if (!layer.inputs.empty()) {
    text += "<input>";
    for (size_t i = 0; i < layer.inputs.size(); ++i) text += fmt::format("<port id=\"{}\"/>", i);
    text += "</input>";
  }
  if (layer.type != "Result") {
    text += fmt::format("<output><port id=\"{}\" precision=\"{}\"/></output>", layer.inputs.size(),
                        layer.precision);
  }
  return text + "</layer>\n";
}

std::string IrWriter::Finish() const {
  std::string layers;
  std::string edges;
  for (LayerId id = 0; id < layers_.size(); ++id) {
    layers += LayerText(id);
    for (size_t i = 0; i < layers_[id].inputs.size(); ++i) {
      const LayerId from = layers_[id].inputs[i];
      edges +=
          fmt::format("<edge from-layer=\"{}\" from-port=\"{}\" to-layer=\"{}\" to-port=\"{}\"/>\n",
                      from, layers_[from].inputs.size(), id, i);
    }
  }
  return fmt::format(
      "<?xml version=\"1.0\"?>\n<net name=\"tare\" version=\"11\">\n<layers>\n{}</layers>\n"
      "<edges>\n{}</edges>\n</net>\n",
      layers, edges);
}

}  // namespace tare
