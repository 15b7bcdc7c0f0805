#include "describe/model_file.h"

#include <algorithm>
#include <filesystem>
#include <type_traits>
#include <utility>

#include "describe/model_folder.h"
#include "describe/quantized_folder.h"

namespace tare {
namespace {

NamedTensors TensorsOf(const GgufFile& file) {
  NamedTensors named;
  named.files = file.paths();
  named.tensors.reserve(file.tensors().size());
  for (const GgufTensorInfo& tensor : file.tensors()) {
    named.tensors.push_back(
        {std::string(tensor.name), tensor.view, tensor.file, tensor.file_offset});
  }
  std::ranges::sort(named.tensors, {}, &NamedTensor::name);
  return named;
}

}  // namespace

Status ModelFile::OpenGguf(ForeignTypes foreign_types) {
  TARE_ASSIGN_OR_RETURN(GgufFile opened, GgufFile::Open(header_.path, foreign_types));
  auto file = std::make_unique<GgufFile>(std::move(opened));
  tensors_ = TensorsOf(*file);
  format_ = ModelFormat::kGguf;
  header_.format = "gguf";
  TARE_RETURN_IF_ERROR(AddGgufHeader(*file, header_));
  source_ = std::move(file);
  return {};
}

Status ModelFile::OpenFolder(ForeignTypes foreign_types) {
  TARE_RETURN_IF_ERROR(ExpectInModelFolder(header_.path, "config.json"));
  TARE_ASSIGN_OR_RETURN(config_, JsonObject::Open(header_.path + "/config.json"));
  if (config_->Has("class_name")) {
    format_ = ModelFormat::kKeras;
    header_.format = "keras";
    TARE_RETURN_IF_ERROR(AddKerasHeader(*config_, header_));
  } else if (config_->Has("model_type")) {
    format_ = ModelFormat::kHuggingFace;
    header_.format = "safetensors";
    TARE_RETURN_IF_ERROR(AddHuggingFaceHeader(*config_, header_));
  } else {
    return Unsupported(
        "{}: has neither \"class_name\" (a KerasHub preset) nor \"model_type\" (a Hugging Face "
        "model)",
        config_->name());
  }
  // Its tensors would be missed by their names.
  if (foreign_types == ForeignTypes::kRefuse) TARE_RETURN_IF_ERROR(CheckNotQuantized(*config_));
  return OpenWeights(foreign_types);
}

Status ModelFile::OpenWeights(ForeignTypes foreign_types) {
  if (format_ == ModelFormat::kKeras) {
    TARE_ASSIGN_OR_RETURN(KerasWeights opened, KerasWeights::Open(header_.path));
    tensors_ = opened.tensors();
    source_ = std::make_unique<KerasWeights>(std::move(opened));
  } else {
    TARE_ASSIGN_OR_RETURN(SafetensorsModel opened,
                          SafetensorsModel::Open(header_.path, foreign_types));
    tensors_ = opened.tensors();
    source_ = std::make_unique<SafetensorsModel>(std::move(opened));
  }
  return {};
}

Result<ModelFile> ModelFile::Open(const std::string& path, ForeignTypes foreign_types) {
  ModelFile file;
  file.header_.path = path;
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(path, ignored);
  TARE_RETURN_IF_ERROR(is_folder ? file.OpenFolder(foreign_types) : file.OpenGguf(foreign_types));
  TARE_RETURN_IF_ERROR(AddTensors(file.tensors_, file.foreign(), file.header_));
  return file;
}

const GgufFile* ModelFile::gguf() const {
  const auto* file = std::get_if<std::unique_ptr<GgufFile>>(&source_);
  return file == nullptr ? nullptr : file->get();
}

std::span<const ForeignTensor> ModelFile::foreign() const {
  if (const GgufFile* file = gguf()) return file->foreign();
  const auto* hf = std::get_if<std::unique_ptr<SafetensorsModel>>(&source_);
  return hf == nullptr ? std::span<const ForeignTensor>() : (*hf)->foreign();
}

void ModelFile::DropPages(std::span<const std::byte> data) const {
  std::visit(
      [data](const auto& source) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(source)>, std::monostate>) {
          source->DropPages(data);
        }
      },
      source_);
}

std::vector<std::string> ModelFile::notes() const {
  if (const auto* keras = std::get_if<std::unique_ptr<KerasWeights>>(&source_)) {
    return {(*keras)->notes().begin(), (*keras)->notes().end()};
  }
  if (const auto* hf = std::get_if<std::unique_ptr<SafetensorsModel>>(&source_)) {
    return {(*hf)->notes().begin(), (*hf)->notes().end()};
  }
  return {};
}

Result<ModelHeader> DescribeModel(const std::string& path) {
  TARE_ASSIGN_OR_RETURN(const ModelFile file, ModelFile::Open(path, ForeignTypes::kList));
  return file.header();
}

}  // namespace tare
