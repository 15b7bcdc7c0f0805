#ifndef TARE_DESCRIBE_MODEL_FILE_H_
#define TARE_DESCRIBE_MODEL_FILE_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "describe/model_format.h"
#include "describe/model_header.h"
#include "format/gguf/gguf.h"
#include "format/hdf5/keras_weights.h"
#include "format/json/json_file.h"
#include "format/named_tensors.h"
#include "format/safetensors/safetensors.h"

namespace tare {

// A model in any form, opened and described without knowing its architecture: what a file is needs
// no engine. Files stay mapped, and views stay valid, as long as this lives; it may be moved.
class ModelFile {
 public:
  // Finds out the format by content. Reads headers; no tensor data.
  //   foreign_types  whether weights of a type that Tare cannot read are an error.
  //   Errors  Io, those of the format's reader; InvalidInput for a folder that holds no model;
  //           Unsupported for a config.json of neither library.
  static Result<ModelFile> Open(const std::string& path,
                                ForeignTypes foreign_types = ForeignTypes::kRefuse);

  const std::string& path() const { return header_.path; }
  ModelFormat format() const { return format_; }
  const ModelHeader& header() const { return header_; }
  const NamedTensors& tensors() const { return tensors_; }
  // Tensors of types that Tare cannot read, where they were asked for.
  std::span<const ForeignTensor> foreign() const;
  // The open GGUF file; nullptr for another format.
  const GgufFile* gguf() const;
  // config.json of a folder. Precondition: not GGUF.
  const JsonObject& config() const { return *config_; }

  // Gives the memory of `data` back until it is next read, where it lies in a mapped file.
  void DropPages(std::span<const std::byte> data) const;
  // A line each on weights that could not be used where they lie, and why.
  std::vector<std::string> notes() const;

 private:
  using Source = std::variant<std::monostate, std::unique_ptr<GgufFile>,
                              std::unique_ptr<KerasWeights>, std::unique_ptr<SafetensorsModel>>;

  Status OpenGguf(ForeignTypes foreign_types);
  Status OpenFolder(ForeignTypes foreign_types);
  Status OpenWeights(ForeignTypes foreign_types);

  Source source_;  // Behind pointers: tensors borrow from it.
  ModelFormat format_ = ModelFormat::kGguf;
  std::optional<JsonObject> config_;
  NamedTensors tensors_;
  ModelHeader header_;
};

// Bytes, parameters, sizes, context and vocabulary of any well-formed file, of any types.
//   Errors  those of ModelFile::Open.
Result<ModelHeader> DescribeModel(const std::string& path);

}  // namespace tare

#endif  // TARE_DESCRIBE_MODEL_FILE_H_
