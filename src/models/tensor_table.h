#ifndef TARE_MODELS_TENSOR_TABLE_H_
#define TARE_MODELS_TENSOR_TABLE_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "describe/model_format.h"
#include "models/model_part.h"
#include "tensor/layout.h"
#include "tensor/shape.h"

namespace tare {

// What each format calls a part of a family: a tensor without ".weight" and ".bias", and without
// what stands before every name of a layer; of a preset, the path of a layer or of a part of one.
// Empty where the format has no such tensor.
struct PartNames {
  ModelPart part = ModelPart::kTokenEmbedding;
  std::string_view gguf;
  std::string_view hugging_face;
  std::string_view keras;
  bool has_bias = false;  // of a norm: beta
};

// The names of all of a family's tensors, each said once: what reads a model, what writes one and
// what synthesises one go over this table. Parts are in the order in which they are written. Where
// neighbours have one name, they lie side by side in one tensor; in a preset they are the
// variables of one layer, one after another.
struct TensorTable {
  std::span<const PartNames> parts;
  // Before every Hugging Face name but the output's. A checkpoint of the decoder alone lacks it.
  std::string_view hugging_face_prefix;                     // "model."
  std::string_view hugging_face_layers;                     // "layers.", then the index
  WeightLayout hugging_face_layout = WeightLayout::kOutIn;  // of its projections
  // Tensors of a layer that carry no weight: masks and frequencies in old checkpoints.
  std::span<const std::string_view> hugging_face_ignored;
  std::string_view keras_layers;  // the class of a layer, in snake case
};

// One tensor of a model in one format.
struct TensorSpec {
  std::string name;
  Shape shape;  // as the file has it
  WeightLayout layout = WeightLayout::kOutIn;
  size_t outputs = 0;  // of all its parts
  size_t inputs = 0;   // 1 for a vector
  std::vector<ModelPart> parts;
  bool is_bias = false;
  size_t layer = 0;  // where the parts are a layer's

  bool is_vector() const { return is_bias || KindOf(parts.front()) == PartKind::kVector; }
};

// Every tensor of a model in a format, in the order in which it is written; without its output
// where that is `tied`, the token embedding.
std::vector<TensorSpec> ListTensors(const TensorTable& table, const ModelSizes& sizes,
                                    ModelFormat format, bool tied);

// Whether the format has a tensor for the part.
bool HasName(const TensorTable& table, ModelFormat format, ModelPart part);

// What stands before the name of a layer's Hugging Face tensors: "model.layers.3.".
std::string HuggingFaceLayer(const TensorTable& table, size_t layer);

}  // namespace tare

#endif  // TARE_MODELS_TENSOR_TABLE_H_
