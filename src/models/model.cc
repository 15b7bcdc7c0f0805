#include "models/model.h"

#include <algorithm>
#include <optional>
#include <set>

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

// Bytes of the experts' matrices that a token does not read.
uint64_t UnreadExperts(const PartWeight& part, const ModelSizes& sizes) {
  uint64_t bytes = 0;
  for (const TensorView& matrix : part.experts) bytes += matrix.bytes();
  return bytes - bytes / sizes.experts * sizes.experts_used;
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

// The configuration of a Hugging Face folder's text model: a part of that of a model of more than
// text.
Result<JsonObject> TextConfig(const ModelFile& file) {
  constexpr char kPart[] = "text_config";
  if (!file.config().Has(kPart)) return file.config();
  return file.config().GetObject(kPart);
}

Result<const Family*> FamilyNamed(const ModelFile& file, std::string_view architecture,
                                  std::string_view where) {
  const auto [field, suffix, key] = NameIn(file.format());
  if (const Family* family = FindFamily(field, architecture, suffix)) return family;
  return Unsupported("{}: {} is {}, expected {}", where, key, Quote(architecture),
                     FamilyNames(field, suffix));
}

// That of a text model within another is run if the family is known to be itself there.
Result<const Family*> FamilyOf(const ModelFile& file) {
  const std::string& architecture = file.header().architecture;
  if (file.gguf() != nullptr) return FamilyNamed(file, architecture, file.path());
  const JsonObject& config = file.config();
  if (file.format() != ModelFormat::kHuggingFace || !config.Has("text_config")) {
    return FamilyNamed(file, architecture, config.name());
  }
  TARE_ASSIGN_OR_RETURN(const JsonObject text, TextConfig(file));
  TARE_ASSIGN_OR_RETURN(const std::string inner, text.GetString("model_type"));
  TARE_ASSIGN_OR_RETURN(const Family* const family, FamilyNamed(file, inner, text.name()));
  if (std::ranges::find(family->hugging_face_hosts, architecture) !=
      family->hugging_face_hosts.end()) {
    return family;
  }
  return Unsupported("{}: model_type is {}: its text model, {}, is not supported within it",
                     config.name(), Quote(architecture), Quote(inner));
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

}  // namespace

Result<std::unique_ptr<FamilyModel>> Model::ReadConfiguration() {
  TARE_ASSIGN_OR_RETURN(const Family* const family, FamilyOf(file_));
  info_.family = family->name;
  switch (file_.format()) {
    case ModelFormat::kGguf:
      return family->from_gguf(*family, *file_.gguf());
    case ModelFormat::kHuggingFace: {
      TARE_ASSIGN_OR_RETURN(const JsonObject config, TextConfig(file_));
      return family->from_hugging_face(*family, config);
    }
    case ModelFormat::kKeras:
      break;
  }
  return ReadPreset(*family, file_);
}

// Transformers would fill the output with random numbers.
Status Model::CheckTying() const {
  constexpr char kTied[] = "tie_word_embeddings";
  if (file_.format() != ModelFormat::kHuggingFace || !weights_.lacks_output()) return {};
  TARE_ASSIGN_OR_RETURN(const JsonObject text, TextConfig(file_));
  const JsonObject& where = file_.config().Has(kTied) ? file_.config() : text;
  TARE_ASSIGN_OR_RETURN(const bool is_tied, where.GetBoolOr(kTied, family().hugging_face_ties));
  if (is_tied) return {};
  return CorruptFile(
      "{}: {} is {}, but the output's tensor is missing; if the output is the token embedding, "
      "set it to true",
      where.name(), kTied,
      where.Has(kTied) ? "false"
                       : fmt::format("missing, which means false in {} models", info_.family));
}

// Transformers loads a checkpoint with tensors that it has no place for, and says so.
Status Model::FinishReading(const TensorReader& reader) {
  if (file_.format() != ModelFormat::kHuggingFace) return reader.Finish();
  TARE_RETURN_IF_ERROR(reader.FinishWithUnused(unused_));
  if (unused_.empty()) return {};
  notes_.push_back(fmt::format(
      "{}: {} not part of a {} model and not used, such as {}", info_.path,
      unused_.size() == 1 ? "1 tensor is" : fmt::format("{} tensors are", unused_.size()),
      info_.family, Printable(unused_.front())));
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
  info_.bytes_per_token = info_.weights_bytes - UnusedBytes();
  for (const TensorView& table : LookedUp(weights_)) info_.bytes_per_token -= UnreadRows(table);
  for (const PartWeight* part : weights_.OfExperts()) {
    info_.bytes_per_token -= UnreadExperts(*part, sizes);
  }
  return {};
}

std::vector<TensorView> Model::Unused() const {
  std::set<const std::byte*> used;
  for (const NamedTensor& tensor : tensors().tensors) {
    if (!std::ranges::binary_search(unused_, tensor.name)) used.insert(tensor.view.data);
  }
  std::vector<TensorView> views;
  for (const NamedTensor& tensor : tensors().tensors) {
    if (used.insert(tensor.view.data).second) views.push_back(tensor.view);
  }
  return views;
}

uint64_t Model::UnusedBytes() const {
  uint64_t bytes = 0;
  for (const TensorView& tensor : Unused()) bytes += tensor.bytes();
  return bytes;
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
  std::set<const std::byte*> others;  // where tensors begin that a token does not read whole
  for (const TensorView& table : LookedUp(weights_)) others.insert(table.data);
  for (const TensorView& tensor : Unused()) others.insert(tensor.data);
  for (const PartWeight* part : weights_.OfExperts()) {
    for (const TensorView& matrix : part->experts) others.insert(matrix.data);
  }
  std::vector<std::span<const std::byte>> streamed;
  for (const NamedTensor& tensor : tensors().tensors) {
    const TensorView& view = tensor.view;
    if (!others.contains(view.data)) streamed.emplace_back(view.data, view.bytes());
  }
  return streamed;
}

Result<Graph> Model::BuildGraph(LogitsFor logits) const {
  return family_model_->BuildGraph(weights_, logits == LogitsFor::kLastToken);
}

}  // namespace tare
