#ifndef TARE_MODELS_FAMILIES_LLAMA_LLAMA_SOURCES_H_
#define TARE_MODELS_FAMILIES_LLAMA_LLAMA_SOURCES_H_

#include "models/families/llama/llama.h"
#include "models/tensor_reader.h"

namespace tare {

// A llama's weights by the names that each format gives them. Errors stay with the reader
// (TensorReader::Finish).

// GGUF: [out, in]; query and key rows permuted for interleaved rotation.
LlamaWeights LlamaWeightsFromGguf(TensorReader& reader, const LlamaConfig& config);
// KerasHub's Llama3Backbone (docs/formats.md): kernels [in, out], heads as axes; the output is tied
// where the embedding has no second variable.
LlamaWeights LlamaWeightsFromKeras(TensorReader& reader, const LlamaConfig& config);
// Hugging Face's LlamaForCausalLM: [out, in]; the output is tied where lm_head.weight is missing.
LlamaWeights LlamaWeightsFromHuggingFace(TensorReader& reader, const LlamaConfig& config);

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_LLAMA_LLAMA_SOURCES_H_
