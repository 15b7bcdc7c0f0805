#include "models/model.h"

#include <algorithm>
#include <array>
#include <utility>

#include "format/quote.h"
#include "models/gguf_gpt2.h"
#include "models/gguf_llama.h"
#include "models/gguf_reader.h"
#include "models/gpt2_sources.h"
#include "models/llama_sources.h"

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

// Of a table that is looked up, a token reads one row.
uint64_t UnreadRows(const TensorView& table) {
  return table.bytes() / table.shape[0] * (table.shape[0] - 1);
}

}  // namespace

Status Model::ReadLlama() {
  Llama model;
  TARE_ASSIGN_OR_RETURN(model.config, LlamaConfigFromGguf(*gguf_));
  TensorReader reader(tensors_, info_.path, "llama");
  model.weights = LlamaWeightsFromGguf(reader, model.config);
  TARE_RETURN_IF_ERROR(reader.Finish());
  widened_ = reader.TakeWidened();
  const LlamaConfig& config = model.config;
  const LlamaWeights& weights = model.weights;
  info_.layers = config.layers;
  info_.width = config.width;
  info_.inner_width = config.inner_width;
  info_.heads = config.heads;
  info_.kv_heads = config.kv_heads;
  info_.head_size = config.head_size;
  info_.vocabulary = config.vocabulary;
  info_.max_context = config.max_context;
  info_.tied_output = weights.output.tensor.data == weights.embedding.data;
  info_.bytes_per_token = info_.weights_bytes;
  // A tied embedding is read whole for the logits.
  if (!info_.tied_output) info_.bytes_per_token -= UnreadRows(weights.embedding);
  family_ = std::move(model);
  return {};
}

Status Model::ReadGpt2() {
  Gpt2 model;
  TARE_ASSIGN_OR_RETURN(model.config, Gpt2ConfigFromGguf(*gguf_));
  TensorReader reader(tensors_, info_.path, "gpt2");
  model.weights = Gpt2WeightsFromGguf(reader, model.config);
  TARE_RETURN_IF_ERROR(reader.Finish());
  widened_ = reader.TakeWidened();
  const Gpt2Config& config = model.config;
  const Gpt2Weights& weights = model.weights;
  info_.layers = config.layers;
  info_.width = config.width;
  info_.inner_width = config.inner_width;
  info_.heads = info_.kv_heads = config.heads;
  info_.head_size = config.width / config.heads;
  info_.vocabulary = config.vocabulary;
  info_.max_context = config.max_context;
  info_.tied_output = weights.output.tensor.data == weights.token_embedding.data;
  info_.bytes_per_token = info_.weights_bytes - UnreadRows(weights.position_embedding);
  if (!info_.tied_output) info_.bytes_per_token -= UnreadRows(weights.token_embedding);
  family_ = std::move(model);
  return {};
}

Result<Model> Model::Open(const std::string& path) {
  TARE_ASSIGN_OR_RETURN(GgufFile file, GgufFile::Open(path));
  TARE_ASSIGN_OR_RETURN(const std::string_view family, file.GetString("general.architecture"));
  if (family != "llama" && family != "gpt2") {
    return Unsupported("{}: general.architecture is {}, expected \"llama\" or \"gpt2\"", path,
                       Quote(family));
  }
  Model model;
  model.info_.path = path;
  model.info_.format = "gguf";
  model.info_.family = family;
  if (const GgufValue* name = file.FindValue("general.name"); name != nullptr) {
    if (Result<std::string_view> text = name->AsString(); text.ok()) model.info_.name = *text;
  }
  CountTensors(file, model.info_);
  model.gguf_ = std::make_unique<GgufFile>(std::move(file));
  model.tensors_ = TensorsOf(*model.gguf_);
  TARE_RETURN_IF_ERROR(model.info_.family == "llama" ? model.ReadLlama() : model.ReadGpt2());
  return model;
}

Graph Model::BuildGraph(LogitsFor logits) const {
  const bool last_only = logits == LogitsFor::kLastToken;
  if (const Llama* llama = std::get_if<Llama>(&family_)) {
    return BuildLlama(llama->config, llama->weights, last_only);
  }
  const Gpt2& gpt2 = std::get<Gpt2>(family_);
  return BuildGpt2(gpt2.config, gpt2.weights, last_only);
}

}  // namespace tare
