#ifndef TARE_TOOLS_CONVERT_KERAS_PRESET_VARIABLES_H_
#define TARE_TOOLS_CONVERT_KERAS_PRESET_VARIABLES_H_

#include <string>
#include <variant>
#include <vector>

#include "models/families/gpt2/gpt2.h"
#include "models/families/llama/llama.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace tare {

// What a variable is for, in both families.
enum class ModelPart {
  kTokenEmbedding,
  kPositionEmbedding,  // GPT-2
  kOutput,             // where it is not the token embedding
  kOutputNorm,
  kAttentionNorm,
  kQuery,
  kKey,
  kValue,
  kAttentionOut,
  kMlpNorm,
  kGate,  // Llama
  kUp,
  kDown,
};

struct KerasVariableSpec {
  std::string name;  // the path of its dataset, "layers/reversible_embedding/vars/0"
  Shape shape;
  DType dtype = DType::kF32;  // f32, f16 or bf16
  ModelPart part = ModelPart::kTokenEmbedding;
  bool is_bias = false;  // of GPT-2's dense layers; beta, of its norms
  size_t layer = 0;      // where the part is a layer's
};

// GPT2Backbone, or Llama3Backbone whose output is the token embedding (`tied`) or its own.
struct KerasBackbone {
  std::variant<Gpt2Config, LlamaConfig> config;
  bool tied = true;  // GPT-2's is always
};

// Every variable of the backbone's model.weights.h5 (docs/formats.md), in the order in which Tare
// writes them, all of `dtype`.
std::vector<KerasVariableSpec> KerasVariables(const KerasBackbone& backbone, DType dtype);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_KERAS_PRESET_VARIABLES_H_
