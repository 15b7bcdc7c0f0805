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

// What the file says, and what its family knows beyond that; what `tare inspect` and the bench's
// hello message show.
struct ModelInfo : ModelHeader {
  std::string family;  // Family::name
  bool tied_output = false;
  uint64_t bytes_per_token = 0;  // weight bytes that one decoded token must read
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
  // The same of a file that is open.
  static Result<Model> Read(ModelFile file);

  const ModelInfo& info() const { return info_; }
  const FamilyModel& family_model() const { return *family_model_; }
  const Family& family() const { return family_model_->family(); }
  const ModelWeights& weights() const { return weights_; }
  // The open GGUF file; nullptr for another format.
  const GgufFile* gguf() const { return file_.gguf(); }
  ModelFormat format() const { return file_.format(); }
  const NamedTensors& tensors() const { return file_.tensors(); }
  // The weights that every token reads whole: all but the tables that it looks a row up in.
  std::vector<std::span<const std::byte>> StreamedWeights() const;
  // Gives the memory of `data` back until it is next read, where it lies in a mapped file: for a
  // caller who is done with a part of a tensor.
  void DropPages(std::span<const std::byte> data) const { file_.DropPages(data); }
  // A line each on weights that could not be used where they lie, and why.
  std::vector<std::string> notes() const { return file_.notes(); }

  // token ids [1, T] -> logits f32 [1, 1 or T, V]. Errors: OutOfMemory.
  Result<Graph> BuildGraph(LogitsFor logits) const;

 private:
  explicit Model(ModelFile file) : file_(std::move(file)) {}

  // The configuration, by the family that the file names. Sets info's family.
  Result<std::unique_ptr<FamilyModel>> ReadConfiguration();
  Status ReadModel();

  ModelFile file_;                // Tensors and weights borrow from it.
  std::vector<Storage> widened_;  // small vectors that the file keeps narrower than f32
  std::unique_ptr<FamilyModel> family_model_;
  ModelWeights weights_;
  ModelInfo info_;
};

}  // namespace tare

#endif  // TARE_MODELS_MODEL_H_
