#include "models/model.h"

#include <algorithm>
#include <array>
#include <utility>

#include "format/quote.h"
#include "models/gguf_llama.h"

namespace tare {
namespace {

void CountTensors(const GgufFile& file, ModelInfo& info) {
  std::array<uint64_t, std::size(kAllDTypes)> elements = {};
  uint64_t begin = file.file_bytes();
  uint64_t end = 0;
  for (const GgufTensorInfo& tensor : file.tensors()) {
    elements[static_cast<size_t>(tensor.view.dtype)] += tensor.view.shape.elements();
    info.parameters += tensor.view.shape.elements();
    info.weights_bytes += tensor.view.bytes();
    begin = std::min(begin, tensor.file_offset);
    end = std::max(end, tensor.file_offset + tensor.view.bytes());
  }
  info.precision = static_cast<DType>(std::ranges::max_element(elements) - elements.begin());
  info.file_bytes = file.file_bytes();
  info.weights_offset = begin;
  info.weights_extent = end - begin;
}

ModelInfo InfoFrom(const GgufFile& file, const LlamaConfig& config, const LlamaWeights& weights) {
  ModelInfo info;
  info.path = file.path();
  info.format = "gguf";
  info.family = "llama";
  if (const GgufValue* name = file.FindValue("general.name"); name != nullptr) {
    if (Result<std::string_view> text = name->AsString(); text.ok()) info.name = *text;
  }
  info.layers = config.layers;
  info.width = config.width;
  info.inner_width = config.inner_width;
  info.heads = config.heads;
  info.kv_heads = config.kv_heads;
  info.head_size = config.head_size;
  info.vocabulary = config.vocabulary;
  info.max_context = config.max_context;
  info.tied_output = weights.output.tensor.data == weights.embedding.data;
  CountTensors(file, info);
  // All weights but the embedding, of which one row is read; a tied one is read whole for the
  // logits.
  info.bytes_per_token = info.weights_bytes;
  if (!info.tied_output) {
    info.bytes_per_token -= weights.embedding.bytes() / config.vocabulary * (config.vocabulary - 1);
  }
  return info;
}

}  // namespace

Result<Model> Model::Open(const std::string& path) {
  TARE_ASSIGN_OR_RETURN(GgufFile file, GgufFile::Open(path));
  TARE_ASSIGN_OR_RETURN(const std::string_view family, file.GetString("general.architecture"));
  if (family != "llama") {
    return Unsupported("{}: general.architecture is {}, expected \"llama\"", path, Quote(family));
  }
  Model model;
  model.gguf_ = std::make_unique<GgufFile>(std::move(file));
  TARE_ASSIGN_OR_RETURN(model.config_, LlamaConfigFromGguf(*model.gguf_));
  TARE_ASSIGN_OR_RETURN(model.weights_, LlamaWeightsFromGguf(*model.gguf_, model.config_));
  model.info_ = InfoFrom(*model.gguf_, model.config_, model.weights_);
  return model;
}

Graph Model::BuildGraph(LogitsFor logits) const {
  return BuildLlama(config_, weights_, logits == LogitsFor::kLastToken);
}

}  // namespace tare
