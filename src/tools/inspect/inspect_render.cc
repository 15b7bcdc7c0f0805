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
  explicit Lines(size_t columns) : columns_(columns) {}

  template <typename... Args>
  void Add(std::string_view label, fmt::format_string<Args...> format, Args&&... args) {
    std::string line = fmt::format("{:<{}}", label, kLabelWidth);
    fmt::format_to(std::back_inserter(line), format, std::forward<Args>(args)...);
    out_ += WrapText(line, columns_, kLabelWidth) + '\n';
  }
  std::string Take() { return std::move(out_); }

 private:
  static constexpr size_t kLabelWidth = 13;

  const size_t columns_;
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
  if (model.experts > 0) {
    lines.Add("experts", "{}, of which a token uses {}", model.experts, model.experts_used);
  }
  AddSize("vocabulary", model.vocabulary, lines);
  if (model.max_context > 0) lines.Add("context", "{}", CountText(model.max_context, "token"));
}

// What its family knows, where Tare has it, covers what the header says.
const ModelHeader& SizesOf(const Inspection& inspection) {
  return inspection.model ? *inspection.model : inspection.header;
}

uint64_t BytesPerToken(const Inspection& inspection) {
  return inspection.model ? inspection.model->bytes_per_token : inspection.header.token_read_bytes;
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
  lines.Add("per token", "{} of weights read", SizeText(BytesPerToken(inspection)));
  if (!inspection.model) lines.Add("native", "cannot run it: {}", inspection.refusal);
}

void AddTokenizer(const InspectedTokenizer& tokenizer, Lines& lines) {
  lines.Add("tokenizer", "{}, pre-tokenizer {}: {}, {}, {} chat template", Quote(tokenizer.kind),
            Quote(tokenizer.pre_tokenizer), CountText(tokenizer.tokens, "token"),
            CountText(tokenizer.merges, "merge"), tokenizer.has_chat_template ? "with" : "without");
  for (const InspectedToken& token : tokenizer.special) {
    lines.Add("", "{:<8} {:>7} {}", token.role, token.id, Quote(token.text));
  }
}

// The table of tensors, with or without their offsets.
class TensorLines {
 public:
  TensorLines(const std::vector<InspectedTensor>& tensors, const InspectionTextOptions& options)
      : tensors_(tensors) {
    for (const InspectedTensor& tensor : tensors) {
      name_width_ = std::max(name_width_, TextWidth(Printable(tensor.name)));
      shape_width_ = std::max(shape_width_, tensor.shape.ToString().size());
    }
    with_offset_ = options.wide || name_width_ + FiguresWidth(true) <= options.columns;
    if (options.wide) return;
    const size_t figures = FiguresWidth(with_offset_);
    name_width_ = std::min(name_width_, options.columns - std::min(options.columns, figures));
  }

  std::string Draw() const {
    std::string out = "\n" + Line("tensor", "type", "shape", "offset", "bytes");
    for (const InspectedTensor& tensor : tensors_) {
      out += Line(Printable(tensor.name), tensor.type, tensor.shape.ToString(),
                  std::to_string(tensor.file_offset), std::to_string(tensor.bytes));
    }
    return out;
  }

 private:
  static constexpr size_t kTypeWidth = 5;
  static constexpr size_t kNumberWidth = 14;

  size_t FiguresWidth(bool with_offset) const {
    return 2 + kTypeWidth + 2 + shape_width_ + (with_offset ? 2 + kNumberWidth : 0) + 2 +
           kNumberWidth;
  }
  std::string Line(const std::string& name, std::string_view type, std::string_view shape,
                   std::string_view offset, std::string_view bytes) const {
    const size_t width = TextWidth(name);
    std::string line = name;
    if (width > name_width_) line += '\n';
    line += std::string(width > name_width_ ? name_width_ : name_width_ - width, ' ');
    fmt::format_to(std::back_inserter(line), "  {:<{}}  {:>{}}", type, kTypeWidth, shape,
                   shape_width_);
    if (with_offset_) fmt::format_to(std::back_inserter(line), "  {:>{}}", offset, kNumberWidth);
    return line + fmt::format("  {:>{}}\n", bytes, kNumberWidth);
  }

  const std::vector<InspectedTensor>& tensors_;
  size_t name_width_ = 6;
  size_t shape_width_ = 5;
  bool with_offset_ = false;
};

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
               {"token_read_bytes", BytesPerToken(inspection)},
               {"file_bytes", FileBytes(model)}};
  if (model.experts > 0) {
    json["experts"] = model.experts;
    json["experts_used"] = model.experts_used;
  }
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

std::string InspectionToText(const Inspection& inspection, bool with_tensors,
                             const InspectionTextOptions& options) {
  Lines lines(options.columns);
  AddModel(inspection, lines);
  AddWeights(inspection, lines);
  if (inspection.tokenizer) AddTokenizer(*inspection.tokenizer, lines);
  std::string text = lines.Take();
  if (with_tensors) text += TensorLines(inspection.tensors, options).Draw();
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
