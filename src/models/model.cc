#include "models/model.h"

#include <utility>

#include "models/gguf_llama.h"

namespace tare {
namespace {

uint64_t Elements(const GgufFile& file) {
  uint64_t total = 0;
  for (const GgufTensorInfo& tensor : file.tensors()) total += tensor.view.shape.elements();
  return total;
}

uint64_t Bytes(const GgufFile& file) {
  uint64_t total = 0;
  for (const GgufTensorInfo& tensor : file.tensors()) total += tensor.view.bytes();
  return total;
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
  info.tied_output = weights.output.data == weights.embedding.data;
  info.parameters = Elements(file);
  info.weights_bytes = Bytes(file);
  // All weights but the embedding, of which one row is read; a tied one is read whole for the
  // logits.
  info.bytes_per_token = info.weights_bytes;
  if (!info.tied_output) {
    info.bytes_per_token -=
        weights.embedding.bytes() / config.vocabulary * (config.vocabulary - 1);
  }
  return info;
}

}  // namespace

Result<Model> Model::Open(const std::string& path) {
  TARE_ASSIGN_OR_RETURN(GgufFile file, GgufFile::Open(path));
  TARE_ASSIGN_OR_RETURN(const std::string_view family, file.GetString("general.architecture"));
  if (family != "llama") {
    return Unsupported("{}: general.architecture is \"{}\", expected \"llama\"", path, family);
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
