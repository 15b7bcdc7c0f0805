#include "models/model.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <type_traits>
#include <utility>

#include "format/quote.h"
#include "models/families/gpt2/gguf_gpt2.h"
#include "models/families/gpt2/gpt2_sources.h"
#include "models/families/llama/gguf_llama.h"
#include "models/families/llama/llama_sources.h"
#include "models/gguf_keys.h"
#include "models/json_configs.h"
#include "models/keras_extras.h"
#include "models/model_folder.h"

namespace tare {
namespace {

// Of a table that is looked up, a token reads one row.
uint64_t UnreadRows(const TensorView& table) {
  return table.bytes() / table.shape[0] * (table.shape[0] - 1);
}

bool IsTied(const LinearWeight& output, const TensorView& embedding) {
  return output.tensor.data == embedding.data;
}

// Tables that a token reads one row of. A tied embedding is read whole, for the logits.
std::vector<TensorView> LookedUp(const LlamaModel& model) {
  if (IsTied(model.weights.output, model.weights.embedding)) return {};
  return {model.weights.embedding};
}

std::vector<TensorView> LookedUp(const Gpt2Model& model) {
  const Gpt2Weights& weights = model.weights;
  if (IsTied(weights.output, weights.token_embedding)) return {weights.position_embedding};
  return {weights.position_embedding, weights.token_embedding};
}

void Describe(const LlamaModel& model, ModelInfo& info) {
  info.kv_heads = model.config.kv_heads;
  info.head_size = model.config.head_size;
  info.tied_output = IsTied(model.weights.output, model.weights.embedding);
}

void Describe(const Gpt2Model& model, ModelInfo& info) {
  info.kv_heads = model.config.heads;
  info.head_size = model.config.width / model.config.heads;
  info.tied_output = IsTied(model.weights.output, model.weights.token_embedding);
}

}  // namespace

Status Model::CountTensors() {
  std::array<uint64_t, std::size(kAllDTypes)> elements = {};
  for (const std::string& path : tensors_.files) {
    std::error_code error;
    const uint64_t size = std::filesystem::file_size(path, error);
    if (error) return ErrnoError(error.value(), path);
    info_.weight_files.push_back({path, size, size, 0});
  }
  for (const NamedTensor& tensor : tensors_.tensors) {
    elements[static_cast<size_t>(tensor.view.dtype)] += tensor.view.shape.elements();
    info_.parameters += tensor.view.shape.elements();
    info_.weights_bytes += tensor.view.bytes();
    ModelInfo::WeightFile& file = info_.weight_files[tensor.file];
    const uint64_t end =
        std::max(file.offset + file.bytes, tensor.file_offset + tensor.view.bytes());
    file.offset = std::min(file.offset, tensor.file_offset);
    file.bytes = end - file.offset;
  }
  info_.precision = static_cast<DType>(std::ranges::max_element(elements) - elements.begin());
  return {};
}

template <typename Family, typename Config, typename Read>
Status Model::Take(const Config& config, Read read) {
  TensorReader reader(tensors_, info_.path, info_.family);
  Family family = {config, read(reader, config)};
  TARE_RETURN_IF_ERROR(reader.Finish());
  widened_ = reader.TakeWidened();
  info_.layers = config.layers;
  info_.width = config.width;
  info_.inner_width = config.inner_width;
  info_.heads = config.heads;
  info_.vocabulary = config.vocabulary;
  info_.max_context = config.max_context;
  Describe(family, info_);
  info_.bytes_per_token = info_.weights_bytes;
  for (const TensorView& table : LookedUp(family)) info_.bytes_per_token -= UnreadRows(table);
  family_ = std::move(family);
  return {};
}

Status Model::OpenGguf(const std::string& path) {
  TARE_ASSIGN_OR_RETURN(GgufFile opened, GgufFile::Open(path));
  auto owned = std::make_unique<GgufFile>(std::move(opened));
  const GgufFile& file = *owned;
  source_ = std::move(owned);
  tensors_ = TensorsOf(file);
  info_.format = "gguf";
  TARE_ASSIGN_OR_RETURN(info_.family, file.GetString("general.architecture"));
  if (const GgufValue* name = file.FindValue("general.name"); name != nullptr) {
    if (Result<std::string_view> text = name->AsString(); text.ok()) info_.name = *text;
  }
  TARE_RETURN_IF_ERROR(CountTensors());
  if (info_.family == "llama") {
    TARE_ASSIGN_OR_RETURN(const LlamaConfig config, LlamaConfigFromGguf(file));
    return Take<LlamaModel>(config, LlamaWeightsFromGguf);
  }
  if (info_.family == "gpt2") {
    TARE_ASSIGN_OR_RETURN(const Gpt2Config config, Gpt2ConfigFromGguf(file));
    return Take<Gpt2Model>(config, Gpt2WeightsFromGguf);
  }
  return Unsupported("{}: general.architecture is {}, expected \"llama\" or \"gpt2\"", path,
                     Quote(info_.family));
}

Status Model::OpenKeras(const std::string& path, const JsonObject& config) {
  TARE_ASSIGN_OR_RETURN(const std::string backbone, config.GetString("class_name"));
  TARE_ASSIGN_OR_RETURN(const JsonObject sizes, config.GetObject("config"));
  if (backbone != "GPT2Backbone" && backbone != "Llama3Backbone") {
    return Unsupported("{}: class_name is {}, expected \"GPT2Backbone\" or \"Llama3Backbone\"",
                       config.name(), Quote(backbone));
  }
  TARE_ASSIGN_OR_RETURN(KerasWeights weights, KerasWeights::Open(path));
  auto owned = std::make_unique<KerasWeights>(std::move(weights));
  tensors_ = owned->tensors();
  source_ = std::move(owned);
  info_.format = "keras";
  info_.family = backbone == "GPT2Backbone" ? "gpt2" : "llama";
  TARE_ASSIGN_OR_RETURN(info_.name, sizes.GetStringOr("name", ""));
  TARE_RETURN_IF_ERROR(CountTensors());
  if (info_.family == "gpt2") {
    TARE_ASSIGN_OR_RETURN(const Gpt2Config gpt2, Gpt2ConfigFromKeras(sizes));
    return Take<Gpt2Model>(gpt2, Gpt2WeightsFromKeras);
  }
  TARE_ASSIGN_OR_RETURN(LlamaConfig llama, LlamaConfigFromKeras(sizes));
  TARE_ASSIGN_OR_RETURN(const KerasExtras extras, ReadKerasExtras(path));
  llama.max_context = extras.context_length.value_or(llama.max_context);
  return Take<LlamaModel>(llama, LlamaWeightsFromKeras);
}

Status Model::OpenHuggingFace(const std::string& path, const JsonObject& config) {
  TARE_ASSIGN_OR_RETURN(info_.family, config.GetString("model_type"));
  if (info_.family != "gpt2" && info_.family != "llama") {
    return Unsupported("{}: model_type is {}, expected \"gpt2\" or \"llama\"", config.name(),
                       Quote(info_.family));
  }
  TARE_ASSIGN_OR_RETURN(SafetensorsModel weights, SafetensorsModel::Open(path));
  auto owned = std::make_unique<SafetensorsModel>(std::move(weights));
  tensors_ = owned->tensors();
  source_ = std::move(owned);
  info_.format = "safetensors";
  TARE_ASSIGN_OR_RETURN(info_.name, config.GetStringOr("_name_or_path", ""));
  TARE_RETURN_IF_ERROR(CountTensors());
  if (info_.family == "gpt2") {
    TARE_ASSIGN_OR_RETURN(const Gpt2Config gpt2, Gpt2ConfigFromHuggingFace(config));
    return Take<Gpt2Model>(gpt2, Gpt2WeightsFromHuggingFace);
  }
  TARE_ASSIGN_OR_RETURN(const LlamaConfig llama, LlamaConfigFromHuggingFace(config));
  return Take<LlamaModel>(llama, LlamaWeightsFromHuggingFace);
}

Result<Model> Model::Open(const std::string& path) {
  Model model;
  model.info_.path = path;
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    TARE_RETURN_IF_ERROR(model.OpenGguf(path));
    return model;
  }
  TARE_RETURN_IF_ERROR(ExpectInModelFolder(path, "config.json"));
  TARE_ASSIGN_OR_RETURN(const JsonObject config, JsonObject::Open(path + "/config.json"));
  if (config.Has("class_name")) {
    TARE_RETURN_IF_ERROR(model.OpenKeras(path, config));
  } else if (config.Has("model_type")) {
    TARE_RETURN_IF_ERROR(model.OpenHuggingFace(path, config));
  } else {
    return Unsupported(
        "{}: has neither \"class_name\" (a KerasHub preset) nor \"model_type\" (a Hugging Face "
        "model)",
        config.name());
  }
  return model;
}

const GgufFile* Model::gguf() const {
  const auto* file = std::get_if<std::unique_ptr<GgufFile>>(&source_);
  return file == nullptr ? nullptr : file->get();
}

std::vector<std::span<const std::byte>> Model::StreamedWeights() const {
  const std::vector<TensorView> looked_up =
      std::visit([](const auto& family) { return LookedUp(family); }, family_);
  std::vector<std::span<const std::byte>> streamed;
  for (const NamedTensor& tensor : tensors_.tensors) {
    const TensorView& view = tensor.view;
    const auto is_this = [&view](const TensorView& table) { return table.data == view.data; };
    if (!std::ranges::any_of(looked_up, is_this)) streamed.emplace_back(view.data, view.bytes());
  }
  return streamed;
}

void Model::DropPages(std::span<const std::byte> data) const {
  std::visit(
      [data](const auto& source) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(source)>, std::monostate>) {
          source->DropPages(data);
        }
      },
      source_);
}

std::vector<std::string> Model::notes() const {
  if (const auto* keras = std::get_if<std::unique_ptr<KerasWeights>>(&source_)) {
    return {(*keras)->notes().begin(), (*keras)->notes().end()};
  }
  if (const auto* hf = std::get_if<std::unique_ptr<SafetensorsModel>>(&source_)) {
    return {(*hf)->notes().begin(), (*hf)->notes().end()};
  }
  return {};
}

Result<Graph> Model::BuildGraph(LogitsFor logits) const {
  const bool last_only = logits == LogitsFor::kLastToken;
  if (const LlamaModel* llama = std::get_if<LlamaModel>(&family_)) {
    return BuildLlama(llama->config, llama->weights, last_only);
  }
  const Gpt2Model& gpt2 = std::get<Gpt2Model>(family_);
  return BuildGpt2(gpt2.config, gpt2.weights, last_only);
}

}  // namespace tare
