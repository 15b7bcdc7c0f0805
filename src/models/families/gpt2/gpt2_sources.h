#ifndef TARE_MODELS_FAMILIES_GPT2_GPT2_SOURCES_H_
#define TARE_MODELS_FAMILIES_GPT2_GPT2_SOURCES_H_

#include "models/families/gpt2/gpt2.h"
#include "models/tensor_reader.h"

namespace tare {

// GPT-2's weights by the names that each format gives them. Errors stay with the reader
// (TensorReader::Finish).

// GGUF keeps query, key and value in one [3 C, C] tensor, of which each is a view.
Gpt2Weights Gpt2WeightsFromGguf(TensorReader& reader, const Gpt2Config& config);
// KerasHub's GPT2Backbone (docs/formats.md): kernels [in, out], heads as axes.
Gpt2Weights Gpt2WeightsFromKeras(TensorReader& reader, const Gpt2Config& config);
// Hugging Face's GPT2LMHeadModel, names with or without "transformer.": kernels [in, out] (Conv1D),
// query, key and value side by side in one.
Gpt2Weights Gpt2WeightsFromHuggingFace(TensorReader& reader, const Gpt2Config& config);

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_GPT2_GPT2_SOURCES_H_
