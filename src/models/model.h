#ifndef TARE_MODELS_MODEL_H_
#define TARE_MODELS_MODEL_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "format/gguf/gguf.h"
#include "format/hdf5/keras_weights.h"
#include "format/json/json_file.h"
#include "format/named_tensors.h"
#include "format/safetensors/safetensors.h"
#include "graph/graph.h"
#include "models/family.h"
#include "models/model_weights.h"
#include "tensor/storage.h"

namespace tare {

// Sizes and names that every family has; what `tare inspect` and the bench's hello message show.
struct ModelInfo {
  std::string path;
  std::string format;  // "gguf", "keras", "safetensors"
  std::string family;  // Family::name
  std::string name;    // as the file calls itself; may be empty
  size_t layers = 0;
  size_t width = 0;
  size_t inner_width = 0;
  size_t heads = 0;
  size_t kv_heads = 0;
  size_t head_size = 0;
  size_t vocabulary = 0;
  size_t max_context = 0;  // tokens
  bool tied_output = false;
  DType precision = DType::kF32;  // the type that most parameters are stored in
  uint64_t parameters = 0;        // a tied tensor counts once
  uint64_t weights_bytes = 0;     // as stored; a tied tensor counts once
  uint64_t bytes_per_token = 0;   // weight bytes that one decoded token must read
  // The files that the weights lie in, and where: the smallest range of each that holds them all.
  struct WeightFile {
    std::string path;
    uint64_t file_bytes = 0;
    uint64_t offset = 0;
    uint64_t bytes = 0;  // padding between tensors included
  };
  std::vector<WeightFile> weight_files;
};

// Which positions of a step the logits are computed for.
enum class LogitsFor { kLastToken, kAllTokens };

// An opened model: its file stays mapped as long as the Model lives, and graphs borrow from it.
class Model {
 public:
  // Finds out format and family by content, and checks every tensor's name, shape and type.
  //   Errors   Io, CorruptFile, Unsupported (unknown format or family: the message lists the known
  //   ones).
  static Result<Model> Open(const std::string& path);

  const ModelInfo& info() const { return info_; }
  const FamilyModel& family_model() const { return *family_model_; }
  const Family& family() const { return family_model_->family(); }
  const ModelWeights& weights() const { return weights_; }
  // The open GGUF file; nullptr for another format.
  const GgufFile* gguf() const;
  const NamedTensors& tensors() const { return tensors_; }
  // The weights that every token reads whole: all but the tables that it looks a row up in.
  std::vector<std::span<const std::byte>> StreamedWeights() const;
  // Gives the memory of `data` back until it is next read, where it lies in a mapped file: for a
  // caller who is done with a part of a tensor.
  void DropPages(std::span<const std::byte> data) const;
  // A line each on weights that could not be used where they lie, and why.
  std::vector<std::string> notes() const;

  // token ids [1, T] -> logits f32 [1, 1 or T, V]. Errors: OutOfMemory.
  Result<Graph> BuildGraph(LogitsFor logits) const;

 private:
  using Source = std::variant<std::monostate, std::unique_ptr<GgufFile>,
                              std::unique_ptr<KerasWeights>, std::unique_ptr<SafetensorsModel>>;

  Status OpenGguf(const std::string& path);
  Status OpenKeras(const std::string& path, const JsonObject& config);
  Status OpenHuggingFace(const std::string& path, const JsonObject& config);
  // Reads the weights, and fills info in.
  Status Take(std::unique_ptr<FamilyModel> family_model, ModelFormat format);
  Status CountTensors();

  Source source_;  // Behind pointers: tensors and weights borrow from it.
  NamedTensors tensors_;
  std::vector<Storage> widened_;  // small vectors that the file keeps narrower than f32
  std::unique_ptr<FamilyModel> family_model_;
  ModelWeights weights_;
  ModelInfo info_;
};

}  // namespace tare

#endif  // TARE_MODELS_MODEL_H_
