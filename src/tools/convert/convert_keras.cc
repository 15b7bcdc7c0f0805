#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "models/keras_extras.h"
#include "models/tokenizers/sentence_piece_writer.h"
#include "tokenizer/token_table.h"
#include "tokenizer/token_types.h"
#include "tools/convert/convert_plan.h"
#include "tools/convert/convert_targets.h"
#include "tools/convert/convert_types.h"
#include "tools/convert/keras_preset_writer.h"

namespace tare {
namespace {

// As in KerasHub's own presets, so that generate() without a length does not fill the context.
constexpr size_t kSequenceLength = 1024;

// Whether a separately stored output is a copy of the embedding.
bool IsCopy(const Model& model, const TensorView& a, const TensorView& b) {
  if (a.dtype != b.dtype || a.shape.elements() != b.shape.elements()) return false;
  constexpr size_t kPiece = 4 << 20;
  for (size_t at = 0; at < a.bytes(); at += kPiece) {
    const size_t size = std::min(kPiece, a.bytes() - at);
    const bool same = std::memcmp(a.data + at, b.data + at, size) == 0;
    model.DropPages({a.data + at, size});
    model.DropPages({b.data + at, size});
    if (!same) return false;
  }
  return true;
}

// Whether the output is the embedding in a preset. If the backbone has no output matrix, a copy of
// the embedding counts too.
bool IsTiedInKeras(const Model& model) {
  if (model.info().tied_output) return true;
  if (HasName(model.family().tensors, ModelFormat::kKeras, ModelPart::kOutput)) return false;
  const LinearWeight& output = model.weights().Get(ModelPart::kOutput).stored;
  return output.layout == WeightLayout::kOutIn &&
         IsCopy(model, output.tensor, model.weights().Tensor(ModelPart::kTokenEmbedding));
}

Result<ModelShape> BackboneOf(const Model& model) {
  auto backbone = model.family_model().ForKeras();
  if (!backbone.ok()) return backbone.error().In(model.info().path);
  return ModelShape{*std::move(backbone), IsTiedInKeras(model)};
}

// Control tokens that a vocabulary.spm has as user-defined ones. SentencePiece never finds control
// tokens in a text, and KerasHub has no other way to prompt with one. Those that it adds itself,
// and those without a meaning in a prompt, stay what they are.
std::vector<uint64_t> ControlsToFind(const ConvertSource& source, const FittedVocabulary& fitted) {
  const KerasTokenizerClass known = KerasClassesOf(source.model.family(), true).tokenizer;
  std::vector<uint64_t> ids;
  for (size_t i = 0; i < fitted.tokens.size(); ++i) {
    const auto id = static_cast<int32_t>(i);
    const std::string_view text = fitted.tokens[i];
    const bool is_own = text == known.start || text == known.end || id == source.padding_id ||
                        std::ranges::find(known.demanded, text) != known.demanded.end() ||
                        id == source.tokenizer.bos_id() || id == source.tokenizer.unknown_id();
    const bool is_idle = text.find("unused") != std::string_view::npos;
    if (fitted.types[i] == kControlType && !is_own && !is_idle) ids.push_back(i);
  }
  return ids;
}

// The vocabulary as a SentencePiece model.
std::string SentencePieceOf(const ConvertSource& source, FittedVocabulary fitted) {
  const Tokenizer& tokenizer = source.tokenizer;
  for (const uint64_t id : ControlsToFind(source, fitted)) fitted.types[id] = kUserDefinedType;
  // The library wants one unknown token.
  std::ranges::replace(fitted.types, kUnknownType, kControlType);
  // And byte tokens only where they are in use.
  if (!tokenizer.byte_fallback()) std::ranges::replace(fitted.types, kByteType, kUnusedType);
  const int32_t unknown = tokenizer.unknown_id().value_or(0);
  if (static_cast<size_t>(unknown) < fitted.types.size()) fitted.types[unknown] = kUnknownType;
  std::vector<std::string> texts;
  for (size_t id = 0; id < fitted.tokens.size(); ++id) {
    std::string& text = texts.emplace_back();
    for (const char c : fitted.tokens[id]) {
      const bool is_space = c == ' ' && fitted.types[id] == kUserDefinedType;
      text.append(is_space ? kSpaceMark : std::string_view(&c, 1));
    }
  }
  SentencePieceModel model;
  for (size_t id = 0; id < texts.size(); ++id) {
    model.pieces.push_back({texts[id], fitted.scores[id], fitted.types[id]});
  }
  model.model_type = tokenizer.kind() == TokenizerKind::kUnigram ? 1 : 2;
  model.byte_fallback = tokenizer.byte_fallback();
  model.unknown_id = unknown;
  model.bos_id = tokenizer.bos_id();
  model.eos_id = tokenizer.eos_id();
  model.adds_prefix = tokenizer.space_prefix() != SpacePrefix::kNone;
  model.collapses_spaces = tokenizer.collapses_spaces();
  return SentencePieceModelBytes(model);
}

KerasTokenizer TokenizerOf(const ConvertSource& source) {
  const Tokenizer& tokenizer = source.tokenizer;
  const FittedVocabulary fitted = FitVocabulary(tokenizer, source.model.info().vocabulary);
  KerasTokenizer keras;
  keras.tokens.assign(fitted.tokens.begin(), fitted.tokens.end());
  keras.merges.reserve(fitted.merges.size());
  for (const Tokenizer::MergedPair& merge : fitted.merges) {
    std::string& text = keras.merges.emplace_back(keras.tokens[static_cast<size_t>(merge.left)]);
    text.append(" ").append(keras.tokens[static_cast<size_t>(merge.right)]);
  }
  for (size_t id = 0; id < fitted.tokens.size(); ++id) {
    if (fitted.types[id] != 1) keras.special_tokens.emplace_back(fitted.tokens[id]);
  }
  if (tokenizer.kind() != TokenizerKind::kByteBpe) {
    keras.merges.clear();
    keras.sentence_piece = SentencePieceOf(source, fitted);
  }
  // KerasHub puts a start token before every prompt; without one, the end token has to do.
  const auto end = tokenizer.eos_id() ? tokenizer.eos_id() : tokenizer.bos_id();
  const auto begin = tokenizer.bos_id() ? tokenizer.bos_id() : end;
  if (begin) keras.bos = tokenizer.TokenText(*begin);
  if (end) keras.eos = tokenizer.TokenText(*end);
  return keras;
}

void AddNotes(const ConvertSource& source, const KerasTokenizer& tokenizer,
              std::vector<std::string>& notes) {
  const bool is_byte_level = source.tokenizer.kind() == TokenizerKind::kByteBpe;
  if (is_byte_level && source.tokenizer.pre_tokenizer() != PreTokenizer::kWhole) {
    notes.push_back("KerasHub does not split texts before it merges, so a few texts get other ids");
  }
  if (source.tokenizer.prefix_is_optional() ||
      source.tokenizer.space_prefix() == SpacePrefix::kAfterSpecial) {
    notes.push_back(
        "SentencePiece puts a space before every text and nowhere else; texts that begin with a "
        "space, or have special tokens inside, may get other ids");
  }
  if (source.tokenizer.kind() == TokenizerKind::kRankedBpe) {
    notes.push_back(
        "a SentencePiece model stores scores of tokens instead of the source's merges; a few texts "
        "may get other ids");
  }
  if (!source.adds_bos) {
    notes.push_back(fmt::format("KerasHub begins every prompt with {}, but the source does not",
                                tokenizer.bos));
  }
  const size_t ends = source.tokenizer.end_ids().size();
  const KerasTokenizerClass known = KerasClassesOf(source.model.family(), !is_byte_level).tokenizer;
  const bool has_second = !known.second_end.empty() && tokenizer.eos == known.end;
  if (ends > (has_second ? 2 : 1)) {
    notes.push_back(
        fmt::format("{} tokens end a text; a preset can store only {}", ends, tokenizer.eos));
  }
}

KerasExtras ExtrasOf(const ConvertSource& source) {
  KerasExtras extras;
  if (!source.model.family().keras_names_context) {
    extras.context_length = source.model.info().max_context;
  }
  const bool is_byte_level = source.tokenizer.kind() == TokenizerKind::kByteBpe;
  if (is_byte_level && source.pre_tokenizer != PreTokenizer::kWhole) {
    extras.pre_tokenizer = source.pre_tokenizer;
    extras.ignores_merges = source.ignores_merges;
  }
  if (!is_byte_level) {
    const size_t rows = source.model.info().vocabulary;
    extras.control_ids = ControlsToFind(source, FitVocabulary(source.tokenizer, rows));
  }
  if (!source.adds_bos) extras.adds_bos = false;
  extras.chat_template = source.chat_template;
  return extras;
}

}  // namespace

Status ConvertToKeras(const ConvertSource& source, const std::string& out,
                      const ConvertOptions& options, ConvertSummary& summary) {
  const Model& model = source.model;
  const TensorConverter::Drop drop = [&](std::span<const std::byte> bytes) {
    model.DropPages(bytes);
  };
  TARE_ASSIGN_OR_RETURN(const DType main, MainType(options, model.info().precision));
  KerasPreset preset;
  preset.dtype = main;
  preset.sequence_length = std::min(model.info().max_context, kSequenceLength);
  TARE_ASSIGN_OR_RETURN(preset.backbone, BackboneOf(model));
  preset.tokenizer = TokenizerOf(source);
  AddNotes(source, preset.tokenizer, summary.notes);
  preset.variables = KerasVariables(preset.backbone, main);
  std::vector<PlannedTensor> tensors =
      PlanTensors(model, ModelFormat::kKeras, preset.backbone.tied);
  ChooseTypes(options, model.family_model().sizes(), main, drop, tensors, summary.notes);
  for (size_t i = 0; i < tensors.size(); ++i) preset.variables[i].dtype = tensors[i].dtype;
  preset.extras = ExtrasOf(source);

  const OldFolder old = options.replace ? OldFolder::kReplace : OldFolder::kKeep;
  TARE_ASSIGN_OR_RETURN(KerasPresetWriter writer, KerasPresetWriter::Create(out, old, preset));
  const auto sink = [&](std::string_view name, std::span<const std::byte> bytes) {
    return writer.AppendData(name, bytes);
  };
  TARE_RETURN_IF_ERROR(StreamTensors(source, tensors, sink, summary));
  return writer.Finish();
}

}  // namespace tare
