#ifndef TARE_MODELS_TENSOR_TABLE_H_
#define TARE_MODELS_TENSOR_TABLE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "describe/model_format.h"
#include "models/model_part.h"
#include "tensor/layout.h"
#include "tensor/shape.h"

namespace tare {

// Whether a part has a bias; a norm's is its beta. kOfSome: if ModelSizes::has_attention_bias.
enum class PartBias : uint8_t { kNone, kAlways, kOfSome };

// The name of a part in each format: a tensor's name without ".weight" and ".bias" and without the
// prefix of a layer; in a preset, the path of a layer or of a part of one. Empty if the format has
// no such tensor. A part of experts has one tensor for all of them in GGUF, [E, outputs, inputs],
// and one for each in Hugging Face's format, whose name has a "*" in place of the index.
struct PartNames {
  ModelPart part = ModelPart::kTokenEmbedding;
  std::string_view gguf;
  std::string_view hugging_face;
  std::string_view keras;
  PartBias bias = PartBias::kNone;
};

// The names of all tensors of a family. Reading, writing and synthesising models all use this
// table. Parts are in the order in which they are written. Neighbours with the same name are stored
// side by side in one tensor; in a preset they are the variables of one layer, one after another.
struct TensorTable {
  std::span<const PartNames> parts;
  // Prefix of every Hugging Face name except the output's. A checkpoint of only the decoder lacks
  // it.
  std::string_view hugging_face_prefix;                     // "model."
  std::string_view hugging_face_layers;                     // "layers.", then the index
  WeightLayout hugging_face_layout = WeightLayout::kOutIn;  // of its projections
  // Tensors of a layer that are not weights: masks and frequencies in old checkpoints.
  std::span<const std::string_view> hugging_face_ignored;
  // Tensors of a layer, beside those by expert, that a checkpoint may have in their place: gate and
  // up of every expert [E, 2 F, C], and down [E, C, F]. Empty: none.
  std::string_view hugging_face_stacked_gate_up = {};
  std::string_view hugging_face_stacked_down = {};
  std::string_view keras_layers;  // the class of a layer, in snake case
  // Whether a preset's query, key and value are [inputs, outputs], without an axis for heads.
  bool keras_flat_heads = false;
  // Whether they are [heads, inputs, head size]: a matrix of each head's own after another.
  bool keras_heads_first = false;
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
  bool heads_first = false;  // [heads, inputs, head size]
  size_t layer = 0;          // if the parts belong to a layer
  size_t stacked = 1;        // experts whose matrices of `outputs` lie one after another
  size_t expert = 0;         // the one, where each has a tensor

  bool is_vector() const { return is_bias || KindOf(parts.front()) == PartKind::kVector; }
};

// Every tensor of a model in a format, in the order in which it is written. If `tied`, without the
// output, which is the token embedding.
std::vector<TensorSpec> ListTensors(const TensorTable& table, const ModelSizes& sizes,
                                    ModelFormat format, bool tied);

// Whether the format has a tensor for the part.
bool HasName(const TensorTable& table, ModelFormat format, ModelPart part);

// Whether some models of the family have biases that others have not.
bool HasOptionalBias(const TensorTable& table);

}  // namespace tare

#endif  // TARE_MODELS_TENSOR_TABLE_H_
