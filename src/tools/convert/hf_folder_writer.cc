#include "tools/convert/hf_folder_writer.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/atomic_file.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

const char* TorchType(DType type) {
  if (type == DType::kF16) return "float16";
  return type == DType::kBF16 ? "bfloat16" : "float32";
}

Status WriteConfigText(const std::string& text, const std::string& folder) {
  TARE_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(folder + "/config.json"));
  return file.CommitText(text);
}

}  // namespace

Result<std::string> HuggingFaceConfigText(const FamilyModel& model, bool tied,
                                          const Tokenizer& tokenizer, DType type) {
  const Family& family = model.family();
  Json config = {{"architectures", Json::array({family.hugging_face_class})},
                 {"model_type", family.hugging_face_type}};
  TARE_RETURN_IF_ERROR(model.AddHuggingFaceConfig(config));
  config["tie_word_embeddings"] = tied;
  // Null if there is none: Transformers' own ids of the class stand in otherwise.
  const auto id_or_null = [](std::optional<int32_t> id) { return id ? Json(*id) : Json(); };
  config["bos_token_id"] = id_or_null(tokenizer.bos_id());
  config["eos_token_id"] = id_or_null(tokenizer.eos_id());
  config["torch_dtype"] = TorchType(type);
  return config.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<HuggingFaceFolderWriter> HuggingFaceFolderWriter::Create(
    const std::string& folder, OldFolder old, const std::string& config,
    const HuggingFaceTokenizer& tokenizer, std::span<const TensorDeclaration> tensors) {
  TARE_ASSIGN_OR_RETURN(AtomicFolder target, AtomicFolder::Create(folder, old, "config.json"));
  TARE_RETURN_IF_ERROR(WriteConfigText(config, target.temporary()));
  TARE_RETURN_IF_ERROR(WriteHuggingFaceTokenizer(tokenizer, target.temporary()));
  TARE_ASSIGN_OR_RETURN(SafetensorsWriter weights,
                        SafetensorsWriter::Create(target.temporary() + "/model.safetensors"));
  TARE_RETURN_IF_ERROR(weights.AddMetadata("format", "pt"));
  for (const TensorDeclaration& tensor : tensors) {
    TARE_RETURN_IF_ERROR(weights.DeclareTensor(tensor.name, tensor.dtype, tensor.shape));
  }
  return HuggingFaceFolderWriter(std::move(target), std::move(weights));
}

Status HuggingFaceFolderWriter::Finish() {
  TARE_RETURN_IF_ERROR(weights_.Finish());
  return folder_.Commit();
}

}  // namespace tare
