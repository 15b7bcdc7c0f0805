#include "models/model.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <type_traits>
#include <utility>

#include "format/quote.h"
#include "models/find_family.h"
#include "models/gguf_keys.h"
#include "models/keras_extras.h"
#include "models/model_folder.h"

namespace tare {
namespace {

// Of a table that is looked up, a token reads one row.
uint64_t UnreadRows(const TensorView& table) {
  return table.bytes() / table.shape[0] * (table.shape[0] - 1);
}

// Tables that a token reads one row of. A tied embedding is read whole, for the logits.
std::vector<TensorView> LookedUp(const ModelWeights& weights) {
  std::vector<TensorView> tables;
  if (weights.Has(ModelPart::kPositionEmbedding)) {
    tables.push_back(weights.Tensor(ModelPart::kPositionEmbedding));
  }
  if (!weights.is_tied()) tables.push_back(weights.Tensor(ModelPart::kTokenEmbedding));
  return tables;
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

Status Model::Take(std::unique_ptr<FamilyModel> family_model, ModelFormat format) {
  TensorReader reader(tensors_, info_.path, info_.family);
  const ModelSizes sizes = family_model->sizes();
  weights_ = ReadWeights(reader, family_model->family().tensors, sizes, format);
  family_model->ReadExtras(reader, format);
  TARE_RETURN_IF_ERROR(reader.Finish());
  widened_ = reader.TakeWidened();
  family_model_ = std::move(family_model);
  info_.layers = sizes.layers;
  info_.width = sizes.width;
  info_.inner_width = sizes.inner_width;
  info_.heads = sizes.heads;
  info_.kv_heads = sizes.kv_heads;
  info_.head_size = sizes.head_size;
  info_.vocabulary = sizes.vocabulary;
  info_.max_context = sizes.max_context;
  info_.tied_output = weights_.is_tied();
  info_.bytes_per_token = info_.weights_bytes;
  for (const TensorView& table : LookedUp(weights_)) info_.bytes_per_token -= UnreadRows(table);
  return {};
}

Status Model::OpenGguf(const std::string& path) {
  TARE_ASSIGN_OR_RETURN(GgufFile opened, GgufFile::Open(path));
  auto owned = std::make_unique<GgufFile>(std::move(opened));
  const GgufFile& file = *owned;
  source_ = std::move(owned);
  tensors_ = TensorsOf(file);
  info_.format = "gguf";
  TARE_ASSIGN_OR_RETURN(const std::string_view architecture,
                        file.GetString("general.architecture"));
  if (const GgufValue* name = file.FindValue("general.name"); name != nullptr) {
    if (Result<std::string_view> text = name->AsString(); text.ok()) info_.name = *text;
  }
  TARE_RETURN_IF_ERROR(CountTensors());
  const Family* const family = FindFamily(&Family::gguf_architecture, architecture);
  if (family == nullptr) {
    return Unsupported("{}: general.architecture is {}, expected {}", path, Quote(architecture),
                       FamilyNames(&Family::gguf_architecture));
  }
  info_.family = family->name;
  TARE_ASSIGN_OR_RETURN(auto family_model, family->from_gguf(file));
  return Take(std::move(family_model), ModelFormat::kGguf);
}

Status Model::OpenKeras(const std::string& path, const JsonObject& config) {
  constexpr std::string_view kBackbone = "Backbone";
  TARE_ASSIGN_OR_RETURN(const std::string class_name, config.GetString("class_name"));
  TARE_ASSIGN_OR_RETURN(const JsonObject sizes, config.GetObject("config"));
  const Family* const family = FindFamily(&Family::keras_classes, class_name, kBackbone);
  if (family == nullptr) {
    return Unsupported("{}: class_name is {}, expected {}", config.name(), Quote(class_name),
                       FamilyNames(&Family::keras_classes, kBackbone));
  }
  TARE_ASSIGN_OR_RETURN(KerasWeights weights, KerasWeights::Open(path));
  auto owned = std::make_unique<KerasWeights>(std::move(weights));
  tensors_ = owned->tensors();
  source_ = std::move(owned);
  info_.format = "keras";
  info_.family = family->name;
  TARE_ASSIGN_OR_RETURN(info_.name, sizes.GetStringOr("name", ""));
  TARE_RETURN_IF_ERROR(CountTensors());
  std::optional<size_t> context;
  if (!family->keras_names_context) {
    TARE_ASSIGN_OR_RETURN(const KerasExtras extras, ReadKerasExtras(path));
    context = extras.context_length;
  }
  TARE_ASSIGN_OR_RETURN(auto family_model, family->from_keras(sizes, context));
  return Take(std::move(family_model), ModelFormat::kKeras);
}

Status Model::OpenHuggingFace(const std::string& path, const JsonObject& config) {
  TARE_ASSIGN_OR_RETURN(const std::string type, config.GetString("model_type"));
  const Family* const family = FindFamily(&Family::hugging_face_type, type);
  if (family == nullptr) {
    return Unsupported("{}: model_type is {}, expected {}", config.name(), Quote(type),
                       FamilyNames(&Family::hugging_face_type));
  }
  TARE_ASSIGN_OR_RETURN(SafetensorsModel weights, SafetensorsModel::Open(path));
  auto owned = std::make_unique<SafetensorsModel>(std::move(weights));
  tensors_ = owned->tensors();
  source_ = std::move(owned);
  info_.format = "safetensors";
  info_.family = family->name;
  TARE_ASSIGN_OR_RETURN(info_.name, config.GetStringOr("_name_or_path", ""));
  TARE_RETURN_IF_ERROR(CountTensors());
  TARE_ASSIGN_OR_RETURN(auto family_model, family->from_hugging_face(config));
  return Take(std::move(family_model), ModelFormat::kHuggingFace);
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
  const std::vector<TensorView> looked_up = LookedUp(weights_);
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
  return family_model_->BuildGraph(weights_, logits == LogitsFor::kLastToken);
}

}  // namespace tare
