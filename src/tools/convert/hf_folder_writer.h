#ifndef TARE_TOOLS_CONVERT_HF_FOLDER_WRITER_H_
#define TARE_TOOLS_CONVERT_HF_FOLDER_WRITER_H_

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/atomic_folder.h"
#include "base/error.h"
#include "format/safetensors/safetensors_writer.h"
#include "models/family.h"
#include "tools/convert/convert_hf_tokenizer.h"

namespace tare {

// The text of config.json. `type`: of most weights, f32, f16 or bf16.
//   Errors  Unsupported for what the format cannot express.
Result<std::string> HuggingFaceConfigText(const FamilyModel& model, bool tied,
                                          const Tokenizer& tokenizer, DType type);

// Writes a Hugging Face folder: config.json, the tokenizer's files and model.safetensors. Call
// Create, then append the data of every tensor in the order of their declarations and in pieces of
// any size (AppendData), then call Finish. Only then does the folder appear. If the writer is
// dropped or anything fails, nothing remains, and an older folder stays as it was.
class HuggingFaceFolderWriter {
 public:
  // Writes everything except the weights. Declare tensors of wider types first, so that all are
  // aligned; only their names, types and shapes are read.
  //   Errors  InvalidInput (a folder that must stay, see AtomicFolder; a type that safetensors
  //           lacks); those of WriteHuggingFaceTokenizer; Io.
  static Result<HuggingFaceFolderWriter> Create(const std::string& folder, OldFolder old,
                                                const std::string& config,
                                                const HuggingFaceTokenizer& tokenizer,
                                                std::span<const TensorDeclaration> tensors);

  // As SafetensorsWriter::AppendTensorData.
  Status AppendData(std::string_view name, std::span<const std::byte> bytes) {
    return weights_.AppendTensorData(name, bytes);
  }

  // Makes the folder durable and gives it its name. Do not use the writer after that.
  Status Finish();

 private:
  // In this order, so that the weights' temporary file is removed before its folder.
  HuggingFaceFolderWriter(AtomicFolder folder, SafetensorsWriter weights)
      : folder_(std::move(folder)), weights_(std::move(weights)) {}

  AtomicFolder folder_;
  SafetensorsWriter weights_;
};

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_HF_FOLDER_WRITER_H_
