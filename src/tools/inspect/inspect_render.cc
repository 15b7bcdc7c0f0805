#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/count_text.h"
#include "format/quote.h"
#include "tools/inspect/inspect.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchemaVersion = 1;

std::string MiB(uint64_t bytes) {
  return fmt::format("{:.2f} MiB", static_cast<double>(bytes) / (1024.0 * 1024.0));
}

std::string SizeText(uint64_t bytes) { return fmt::format("{} ({} bytes)", MiB(bytes), bytes); }

// Collects the lines of a report: a label in a column of its own, then text.
class Lines {
 public:
  template <typename... Args>
  void Add(std::string_view label, fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), "{:<12} ", label);
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

uint64_t FileBytes(const ModelHeader& model) {
  uint64_t bytes = 0;
  for (const ModelHeader::WeightFile& file : model.weight_files) bytes += file.file_bytes;
  return bytes;
}

// A size, or nothing where the file does not say it.
void AddSize(std::string_view label, size_t size, Lines& lines) {
  if (size > 0) lines.Add(label, "{}", size);
}

void AddSizes(const ModelHeader& model, Lines& lines) {
  AddSize("layers", model.layers, lines);
  if (model.heads > 0) {
    lines.Add("heads", "{}, sharing {} key/value heads, of size {}", model.heads, model.kv_heads,
              model.head_size);
  }
  if (model.width > 0 && model.inner_width > 0) {
    lines.Add("width", "{}, inner {}", model.width, model.inner_width);
  } else {
    AddSize("width", model.width, lines);
  }
  AddSize("vocabulary", model.vocabulary, lines);
  if (model.max_context > 0) lines.Add("context", "{}", CountText(model.max_context, "token"));
}

// What its family knows, where Tare has it, covers what the header says.
const ModelHeader& SizesOf(const Inspection& inspection) {
  return inspection.model ? *inspection.model : inspection.header;
}

void AddModel(const Inspection& inspection, Lines& lines) {
  const ModelHeader& model = inspection.header;
  lines.Add("file", "{}, {}", model.path, SizeText(FileBytes(model)));
  if (inspection.format_version > 0) {
    lines.Add("format", "{} version {}", model.format, inspection.format_version);
  } else {
    lines.Add("format", "{}", model.format);
  }
  if (inspection.model) {
    lines.Add("family", "{}", inspection.model->family);
  } else {
    lines.Add("architecture", "{}", Printable(model.architecture));
  }
  if (!model.name.empty()) lines.Add("name", "{}", Printable(model.name));
  AddSizes(SizesOf(inspection), lines);
  if (inspection.model) {
    lines.Add("output", "{}",
              inspection.model->tied_output ? "tied to the embedding" : "has weights of its own");
  }
}

void AddWeights(const Inspection& inspection, Lines& lines) {
  const ModelHeader& model = inspection.header;
  lines.Add("parameters", "{}", model.parameters);
  lines.Add("weights", "{} in {}", SizeText(model.weights_bytes),
            CountText(inspection.tensors.size(), "tensor"));
  for (const InspectedPrecision& precision : inspection.precisions) {
    lines.Add("", "{:<5} {:>5} tensors {:>15} parameters  {:>12}", precision.type,
              precision.tensors, precision.parameters, MiB(precision.bytes));
  }
  if (inspection.model) {
    lines.Add("per token", "{} of weights read", SizeText(inspection.model->bytes_per_token));
  } else {
    lines.Add("native", "cannot run it: {}", inspection.refusal);
  }
}

void AddTokenizer(const InspectedTokenizer& tokenizer, Lines& lines) {
  lines.Add("tokenizer", "{}, pre-tokenizer {}: {}, {}, {} chat template", Quote(tokenizer.kind),
            Quote(tokenizer.pre_tokenizer), CountText(tokenizer.tokens, "token"),
            CountText(tokenizer.merges, "merge"), tokenizer.has_chat_template ? "with" : "without");
  for (const InspectedToken& token : tokenizer.special) {
    lines.Add("", "{:<8} {:>7} {}", token.role, token.id, Quote(token.text));
  }
}

std::string TensorLines(const std::vector<InspectedTensor>& tensors) {
  size_t name_width = 6;
  size_t shape_width = 5;
  for (const InspectedTensor& tensor : tensors) {
    name_width = std::max(name_width, Printable(tensor.name).size());
    shape_width = std::max(shape_width, tensor.shape.ToString().size());
  }
  std::string out = fmt::format("\n{:<{}}  {:<5}  {:>{}}  {:>14}  {:>14}\n", "tensor", name_width,
                                "type", "shape", shape_width, "offset", "bytes");
  for (const InspectedTensor& tensor : tensors) {
    fmt::format_to(std::back_inserter(out), "{:<{}}  {:<5}  {:>{}}  {:>14}  {:>14}\n",
                   Printable(tensor.name), name_width, tensor.type, tensor.shape.ToString(),
                   shape_width, tensor.file_offset, tensor.bytes);
  }
  return out;
}

// Null where the file does not say it.
Json SizeJson(size_t size) { return size > 0 ? Json(size) : Json(); }

Json ModelJson(const Inspection& inspection) {
  const ModelHeader& model = SizesOf(inspection);
  const std::optional<ModelInfo>& known = inspection.model;
  Json json = {{"path", model.path},
               {"format", model.format},
               {"format_version", inspection.format_version},
               {"family", known ? known->family : model.architecture},
               {"name", model.name},
               {"layers", SizeJson(model.layers)},
               {"width", SizeJson(model.width)},
               {"inner_width", SizeJson(model.inner_width)},
               {"heads", SizeJson(model.heads)},
               {"kv_heads", SizeJson(model.kv_heads)},
               {"head_size", SizeJson(model.head_size)},
               {"vocabulary", SizeJson(model.vocabulary)},
               {"max_context", SizeJson(model.max_context)},
               {"tied_output", known ? Json(known->tied_output) : Json()},
               {"parameters", model.parameters},
               {"weights_bytes", model.weights_bytes},
               {"token_read_bytes", known ? Json(known->bytes_per_token) : Json()},
               {"file_bytes", FileBytes(model)}};
  if (!known) json["refused_by_native"] = inspection.refusal;
  return json;
}

Json PrecisionsJson(const std::vector<InspectedPrecision>& precisions) {
  Json list = Json::array();
  for (const InspectedPrecision& precision : precisions) {
    list.push_back({{"type", precision.type},
                    {"tensors", precision.tensors},
                    {"parameters", precision.parameters},
                    {"bytes", precision.bytes}});
  }
  return list;
}

Json TokenizerJson(const InspectedTokenizer& tokenizer) {
  Json special = Json::object();
  for (const InspectedToken& token : tokenizer.special) {
    special[token.role] = {{"id", token.id}, {"text", token.text}};
  }
  return {{"kind", tokenizer.kind},        {"pre_tokenizer", tokenizer.pre_tokenizer},
          {"tokens", tokenizer.tokens},    {"merges", tokenizer.merges},
          {"special", std::move(special)}, {"chat_template", tokenizer.has_chat_template}};
}

Json TensorsJson(const std::vector<InspectedTensor>& tensors) {
  Json list = Json::array();
  for (const InspectedTensor& tensor : tensors) {
    list.push_back({{"name", tensor.name},
                    {"type", tensor.type},
                    {"shape", tensor.shape.dims()},
                    {"offset_bytes", tensor.file_offset},
                    {"bytes", tensor.bytes}});
  }
  return list;
}

}  // namespace

std::string InspectionToText(const Inspection& inspection, bool with_tensors) {
  Lines lines;
  AddModel(inspection, lines);
  AddWeights(inspection, lines);
  if (inspection.tokenizer) AddTokenizer(*inspection.tokenizer, lines);
  std::string text = lines.Take();
  if (with_tensors) text += TensorLines(inspection.tensors);
  return text;
}

std::string InspectionToJson(const Inspection& inspection, bool with_tensors) {
  Json json = {{"schema_version", kSchemaVersion},
               {"model", ModelJson(inspection)},
               {"precisions", PrecisionsJson(inspection.precisions)},
               {"tokenizer", inspection.tokenizer ? TokenizerJson(*inspection.tokenizer) : Json()}};
  if (with_tensors) json["tensors"] = TensorsJson(inspection.tensors);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tare
