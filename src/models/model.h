#ifndef TARE_MODELS_MODEL_H_
#define TARE_MODELS_MODEL_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "describe/model_file.h"
#include "graph/graph.h"
#include "models/family.h"
#include "models/model_weights.h"
#include "tensor/storage.h"

namespace tare {

// What the file says, and what its family adds to that. `tare inspect` and the bench's hello
// message show it.
struct ModelInfo : ModelHeader {
  std::string family;  // Family::name
  bool tied_output = false;
  uint64_t bytes_per_token = 0;  // bytes of weights that decoding one token must read
};

// For which positions of a step logits are computed.
enum class LogitsFor { kLastToken, kAllTokens };

// An open model. Its file stays mapped as long as the Model lives; graphs borrow from it.
class Model {
 public:
  // Detects format and family from the content, and checks every tensor's name, shape and type.
  //   Errors   Io, CorruptFile, Unsupported (unknown format or family; the message lists the known
  //            ones).
  static Result<Model> Open(const std::string& path);
  // The same for an open file.
  static Result<Model> Read(ModelFile file);

  const ModelInfo& info() const { return info_; }
  const FamilyModel& family_model() const { return *family_model_; }
  const Family& family() const { return family_model_->family(); }
  const ModelWeights& weights() const { return weights_; }
  // The open GGUF file; nullptr for another format.
  const GgufFile* gguf() const { return file_.gguf(); }
  ModelFormat format() const { return file_.format(); }
  const NamedTensors& tensors() const { return file_.tensors(); }
  // The weights that every token reads completely: all except tables in which it looks up one row,
  // and experts.
  std::vector<std::span<const std::byte>> StreamedWeights() const;
  // Gives the memory of `data` back to the kernel until it is next read, if it is in a mapped file.
  // Call it once a part of a tensor is no longer needed.
  void DropPages(std::span<const std::byte> data) const { file_.DropPages(data); }
  // Weights that could not be used in place, and why; one line each.
  // The same for tensors that the model does not use.
  std::vector<std::string> notes() const;

  // token ids [1, T] -> logits f32 [1, 1 or T, V]. Errors: OutOfMemory.
  Result<Graph> BuildGraph(LogitsFor logits) const;

 private:
  explicit Model(ModelFile file) : file_(std::move(file)) {}

  // Reads the configuration with the family that the file names. Sets info's family.
  Result<std::unique_ptr<FamilyModel>> ReadConfiguration();
  Status CheckTying() const;
  Status FinishReading(const TensorReader& reader);
  Status ReadModel();
  // Tensors that the model uses under none of their names, each once.
  std::vector<TensorView> Unused() const;
  uint64_t UnusedBytes() const;

  ModelFile file_;                   // Tensors and weights borrow from it.
  std::vector<std::string> unused_;  // names of tensors that the family has no place for
  std::vector<std::string> notes_;
  std::vector<Storage> widened_;  // small vectors that the file stores in a narrower type than f32
  std::unique_ptr<FamilyModel> family_model_;
  ModelWeights weights_;
  ModelInfo info_;
};

}  // namespace tare

#endif  // TARE_MODELS_MODEL_H_
