#include "models/model.h"

#include <algorithm>
#include <optional>

#include "format/quote.h"
#include "models/find_family.h"
#include "models/keras_extras.h"

namespace tare {
namespace {

constexpr std::string_view kBackbone = "Backbone";

// Bytes of a look-up table that a token does not read: all rows except one.
uint64_t UnreadRows(const TensorView& table) {
  return table.bytes() / table.shape[0] * (table.shape[0] - 1);
}

// Tables that a token reads one row of. A tied embedding is read whole, for the logits.
std::vector<TensorView> LookedUp(const ModelWeights& weights) {
  std::vector<TensorView> tables;
  if (weights.Has(ModelPart::kPositionEmbedding)) {
    tables.push_back(weights.Tensor(ModelPart::kPositionEmbedding));
  }
  if (!weights.is_tied()) tables.push_back(weights.Tensor(ModelPart::kTokenEmbedding));
  return tables;
}

// How a format names architectures: the field of a Family, what follows it there, and where.
struct NameOfFamily {
  std::string_view Family::*field;
  std::string_view suffix;
  std::string_view key;
};

NameOfFamily NameIn(ModelFormat format) {
  switch (format) {
    case ModelFormat::kGguf:
      return {&Family::gguf_architecture, "", "general.architecture"};
    case ModelFormat::kHuggingFace:
      return {&Family::hugging_face_type, "", "model_type"};
    case ModelFormat::kKeras:
      return {&Family::keras_classes, kBackbone, "class_name"};
  }
  return {};
}

Result<const Family*> FamilyOf(const ModelFile& file) {
  const auto [field, suffix, key] = NameIn(file.format());
  const std::string& architecture = file.header().architecture;
  if (const Family* family = FindFamily(field, architecture, suffix)) return family;
  const std::string& where = file.gguf() == nullptr ? file.config().name() : file.path();
  return Unsupported("{}: {} is {}, expected {}", where, key, Quote(architecture),
                     FamilyNames(field, suffix));
}

Result<std::unique_ptr<FamilyModel>> ReadPreset(const Family& family, const ModelFile& file) {
  TARE_ASSIGN_OR_RETURN(const JsonObject sizes, file.config().GetObject("config"));
  std::optional<size_t> context;
  if (!family.keras_names_context) {
    TARE_ASSIGN_OR_RETURN(const KerasExtras extras, ReadKerasExtras(file.path()));
    context = extras.context_length;
  }
  return family.from_keras(family, sizes, context);
}

// Folders whose weights are packed in a way of another library's own.
Status RefuseQuantized(const JsonObject& config) {
  std::string method;
  if (config.Has("quantization_config")) {
    TARE_ASSIGN_OR_RETURN(const JsonObject settings, config.GetObject("quantization_config"));
    TARE_ASSIGN_OR_RETURN(method, settings.GetStringOr("quant_method", "an unnamed method"));
  } else if (config.Has("quantization")) {
    method = "MLX";
  } else {
    return {};
  }
  return Unsupported(
      "{}: the weights are quantised ({}), which is not supported in this format; use the model "
      "from before, or a GGUF file of it",
      config.name(), Printable(method));
}

}  // namespace

Result<std::unique_ptr<FamilyModel>> Model::ReadConfiguration() {
  TARE_ASSIGN_OR_RETURN(const Family* const family, FamilyOf(file_));
  info_.family = family->name;
  switch (file_.format()) {
    case ModelFormat::kGguf:
      return family->from_gguf(*family, *file_.gguf());
    case ModelFormat::kHuggingFace:
      TARE_RETURN_IF_ERROR(RefuseQuantized(file_.config()));
      return family->from_hugging_face(*family, file_.config());
    case ModelFormat::kKeras:
      break;
  }
  return ReadPreset(*family, file_);
}

// Transformers would fill the output with random numbers.
Status Model::CheckTying() const {
  constexpr char kTied[] = "tie_word_embeddings";
  if (file_.format() != ModelFormat::kHuggingFace || !weights_.is_tied()) return {};
  TARE_ASSIGN_OR_RETURN(const bool says_tied, file_.config().GetBoolOr(kTied, true));
  if (says_tied) return {};
  return CorruptFile(
      "{}: {} is false, but the output's tensor is missing; if the output is the token embedding, "
      "set it to true",
      file_.config().name(), kTied);
}

// Transformers loads a checkpoint with tensors that it has no place for, and says so.
Status Model::FinishReading(const TensorReader& reader) {
  if (file_.format() != ModelFormat::kHuggingFace) return reader.Finish();
  std::vector<std::string> unused;
  TARE_RETURN_IF_ERROR(reader.FinishWithUnused(unused));
  if (unused.empty()) return {};
  notes_.push_back(
      fmt::format("{}: {} not part of a {} model and not used, such as {}", info_.path,
                  unused.size() == 1 ? "1 tensor is" : fmt::format("{} tensors are", unused.size()),
                  info_.family, Printable(unused.front())));
  return {};
}

std::vector<std::string> Model::notes() const {
  std::vector<std::string> notes = file_.notes();
  notes.insert(notes.end(), notes_.begin(), notes_.end());
  return notes;
}

Status Model::ReadModel() {
  static_cast<ModelHeader&>(info_) = file_.header();
  TARE_ASSIGN_OR_RETURN(family_model_, ReadConfiguration());
  const ModelSizes sizes = family_model_->sizes();
  TensorReader reader(file_.tensors(), info_.path, info_.family);
  weights_ = ReadWeights(reader, family().tensors, sizes, file_.format());
  family_model_->ReadExtras(reader, file_.format());
  TARE_RETURN_IF_ERROR(CheckTying());
  TARE_RETURN_IF_ERROR(FinishReading(reader));
  widened_ = reader.TakeWidened();
  info_.layers = sizes.layers;
  info_.width = sizes.width;
  info_.inner_width = sizes.inner_width;
  info_.heads = sizes.heads;
  info_.kv_heads = sizes.kv_heads;
  info_.head_size = sizes.head_size;
  info_.vocabulary = sizes.vocabulary;
  info_.max_context = sizes.max_context;
  info_.tied_output = weights_.is_tied();
  info_.bytes_per_token = info_.weights_bytes;
  for (const TensorView& table : LookedUp(weights_)) info_.bytes_per_token -= UnreadRows(table);
  return {};
}

Result<Model> Model::Read(ModelFile file) {
  Model model(std::move(file));
  TARE_RETURN_IF_ERROR(model.ReadModel());
  return model;
}

Result<Model> Model::Open(const std::string& path) {
  TARE_ASSIGN_OR_RETURN(ModelFile file, ModelFile::Open(path));
  return Read(std::move(file));
}

std::vector<std::span<const std::byte>> Model::StreamedWeights() const {
  const std::vector<TensorView> looked_up = LookedUp(weights_);
  std::vector<std::span<const std::byte>> streamed;
  for (const NamedTensor& tensor : tensors().tensors) {
    const TensorView& view = tensor.view;
    const auto is_this = [&view](const TensorView& table) { return table.data == view.data; };
    if (!std::ranges::any_of(looked_up, is_this)) streamed.emplace_back(view.data, view.bytes());
  }
  return streamed;
}

Result<Graph> Model::BuildGraph(LogitsFor logits) const {
  return family_model_->BuildGraph(weights_, logits == LogitsFor::kLastToken);
}

}  // namespace tare
