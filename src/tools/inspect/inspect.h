#ifndef TARE_TOOLS_INSPECT_INSPECT_H_
#define TARE_TOOLS_INSPECT_INSPECT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/wrap_text.h"
#include "describe/model_header.h"
#include "models/model.h"
#include "tensor/shape.h"

namespace tare {

// What a model file is, without running it: what `tare inspect` shows. All of it owned.

// The tensors that are stored in one type.
struct InspectedPrecision {
  std::string type;  // "q4_0"; as ggml spells it where Tare cannot read it: "IQ3_S"
  size_t tensors = 0;
  uint64_t parameters = 0;
  uint64_t bytes = 0;
};

struct InspectedTensor {
  std::string name;
  std::string type;
  Shape shape;               // row-major, outermost first
  uint64_t file_offset = 0;  // bytes from the start of the file
  uint64_t bytes = 0;
};

struct InspectedToken {
  std::string role;  // "bos", "eos", …
  uint64_t id = 0;
  std::string text;
};

struct InspectedTokenizer {
  std::string kind;           // as GGUF calls it
  std::string pre_tokenizer;  // empty where the file names none
  uint64_t tokens = 0;
  uint64_t merges = 0;
  std::vector<InspectedToken> special;
  bool has_chat_template = false;
};

struct Inspection {
  ModelHeader header;
  // What its family knows beyond that. None where Tare's own engine cannot run the model.
  std::optional<ModelInfo> model;
  std::string refusal;                          // why not, where it cannot
  uint32_t format_version = 0;                  // 0 where the format has none
  std::vector<InspectedPrecision> precisions;   // in the order of DType, then by name; that occur
  std::vector<InspectedTensor> tensors;         // in file order
  std::optional<InspectedTokenizer> tokenizer;  // where the weights' file holds one: GGUF
};

// Opens and checks a model and lists what it holds, also one of an architecture or of types that
// Tare's own engine does not have. Reads no tensor data.
//   Errors  those of Model::Open, but for Unsupported, which `refusal` says; InvalidInput where a
//           tokenizer key is missing or mistyped; CorruptFile where a special token's id is outside
//           the vocabulary.
Result<Inspection> InspectModel(const std::string& path);

struct InspectionTextOptions {
  size_t columns = kTextColumns;  // that lines are wrapped to; a longer word stands out
  bool wide = false;              // the tensors' table has all columns, as wide as they are
};
// For a person: ends in a newline. With `with_tensors`, one more line a tensor; a name for which
// there is no room has a line of its own.
std::string InspectionToText(const Inspection& inspection, bool with_tensors,
                             const InspectionTextOptions& options = {});

// One JSON object with a "schema_version", indented, ends in a newline. Bytes that are not UTF-8
// are replaced by U+FFFD.
std::string InspectionToJson(const Inspection& inspection, bool with_tensors);

}  // namespace tare

#endif  // TARE_TOOLS_INSPECT_INSPECT_H_
