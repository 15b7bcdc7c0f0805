#ifndef TARE_DESCRIBE_MODEL_HEADER_H_
#define TARE_DESCRIBE_MODEL_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "format/gguf/gguf.h"
#include "format/json/json_file.h"
#include "format/named_tensors.h"
#include "tensor/dtype.h"

namespace tare {

// What the header of a model file says, whatever its architecture. A size that it does not say, or
// not in a way that all architectures share, is 0.
struct ModelHeader {
  std::string path;
  std::string format;        // "gguf", "keras", "safetensors"
  std::string architecture;  // as the file calls it: "mamba", "BloomBackbone"
  std::string name;          // as the file calls itself; may be empty
  size_t layers = 0;
  size_t width = 0;
  size_t inner_width = 0;
  size_t heads = 0;
  size_t kv_heads = 0;
  size_t head_size = 0;
  size_t vocabulary = 0;
  size_t max_context = 0;         // tokens
  size_t experts = 0;             // in each layer that has them; 0: none
  size_t experts_used = 0;        // of these, by a token
  DType precision = DType::kF32;  // the type that most parameters are stored in
  std::string main_type;          // its name, also where Tare cannot read it: "q4_0", "IQ3_S"
  uint64_t parameters = 0;        // a tied tensor counts once
  uint64_t weights_bytes = 0;     // as stored; a tied tensor counts once
  uint64_t token_read_bytes =
      0;  // of weights, that decoding one token must read; see token_reads.h
  // The files that the weights lie in, and where: the smallest range of each that holds them all.
  struct WeightFile {
    std::string path;
    uint64_t file_bytes = 0;
    uint64_t offset = 0;
    uint64_t bytes = 0;  // padding between tensors included
  };
  std::vector<WeightFile> weight_files;
};

// Each sets architecture, name and sizes. Errors: those of the getters, for the architecture alone.
Status AddGgufHeader(const GgufFile& file, ModelHeader& header);
// A Hugging Face model's config.json.
Status AddHuggingFaceHeader(const JsonObject& config, ModelHeader& header);
// A KerasHub preset's config.json, and the context of kKerasExtrasFile where that names none.
Status AddKerasHeader(const JsonObject& config, ModelHeader& header);

// What a preset has no word for lies in a file of Tare's own beside the others
// (models/keras_extras.h).
inline constexpr char kKerasExtrasFile[] = "tare.json";
inline constexpr char kKerasContextKey[] = "context_length";

// Sets types, parameters, bytes and files. Errors: Io.
Status AddTensors(const NamedTensors& tensors, std::span<const ForeignTensor> foreign,
                  ModelHeader& header);

}  // namespace tare

#endif  // TARE_DESCRIBE_MODEL_HEADER_H_
