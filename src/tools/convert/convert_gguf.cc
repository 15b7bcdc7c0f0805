#include <filesystem>
#include <string>
#include <vector>

#include "format/gguf/gguf_writer.h"
#include "models/gguf_keys.h"
#include "models/tokenizers/load_tokenizer.h"
#include "tokenizer/token_types.h"
#include "tools/convert/convert_plan.h"
#include "tools/convert/convert_targets.h"
#include "tools/convert/convert_types.h"

namespace tare {
namespace {

constexpr float kAddedScore = -1000;  // as llama.cpp's converter has it

// main: the type of most matrices.
Status AddModelKeys(const ConvertSource& source, const std::string& out, DType main,
                    uint32_t file_type, GgufWriter& writer) {
  const ModelInfo& info = source.model.info();
  const std::string architecture(source.model.family().gguf_architecture);
  GgufKeyWriter general(writer, "general.");
  general.String("architecture", architecture);
  const bool is_named = !info.name.empty() && info.format != "keras";  // KerasHub's mean nothing
  general.String("name", is_named ? info.name : std::filesystem::path(out).stem().string());
  general.Uint("file_type", file_type);
  if (IsBlockQuantized(main)) general.Uint("quantization_version", 2);
  TARE_RETURN_IF_ERROR(general.status());
  GgufKeyWriter keys(writer, architecture + ".");
  AddGgufSizes(source.model.family_model().sizes(), keys);
  TARE_RETURN_IF_ERROR(source.model.family_model().AddGgufKeys(keys));
  return keys.status();
}

Status AddVocabulary(const Tokenizer& tokenizer, const FittedVocabulary& fitted,
                     GgufWriter& writer) {
  std::vector<std::string_view> tokens = fitted.tokens;
  std::vector<int32_t> types = fitted.types;
  // Every row needs a token; llama.cpp's own converter names those that have none so.
  std::vector<std::string> padding;
  for (size_t i = 0; i < fitted.missing; ++i) {
    padding.push_back(fmt::format("[PAD{}]", fitted.tokens.size() + i));
  }
  tokens.insert(tokens.end(), padding.begin(), padding.end());
  types.resize(tokens.size(), kUnusedType);
  TARE_RETURN_IF_ERROR(writer.AddStrings("tokenizer.ggml.tokens", tokens));
  TARE_RETURN_IF_ERROR(
      writer.AddArray<int32_t>("tokenizer.ggml.token_type", std::span<const int32_t>(types)));
  if (tokenizer.kind() != TokenizerKind::kByteBpe) {
    std::vector<float> scores = fitted.scores;
    scores.resize(tokens.size(), kAddedScore);
    return writer.AddArray<float>("tokenizer.ggml.scores", std::span<const float>(scores));
  }
  std::string text;  // of all merges
  std::vector<size_t> ends;
  for (const Tokenizer::MergedPair& merge : fitted.merges) {
    text.append(fitted.tokens[static_cast<size_t>(merge.left)]).append(" ");
    text.append(fitted.tokens[static_cast<size_t>(merge.right)]);
    ends.push_back(text.size());
  }
  std::vector<std::string_view> merges;
  for (size_t i = 0; i < ends.size(); ++i) {
    const size_t begin = i == 0 ? 0 : ends[i - 1];
    merges.push_back(std::string_view(text).substr(begin, ends[i] - begin));
  }
  return writer.AddStrings("tokenizer.ggml.merges", merges);
}

// The name of how the source splits texts.
std::string_view GgufPreTokenizer(const ConvertSource& source, std::vector<std::string>& notes) {
  if (source.pre_tokenizer == PreTokenizer::kWhole) {
    const std::string_view name = source.model.family().pre_tokenizer;
    notes.push_back(
        fmt::format("the source's tokenizer does not split texts before it merges, and GGUF has no "
                    "name for that; wrote {} instead, so a few texts get other ids",
                    name));
    return name;
  }
  if (source.tokenizer.puts_into_nfc()) {
    notes.push_back(
        "the source's tokenizer puts text into Unicode's form NFC, which GGUF cannot express; text "
        "in another form gets other ids");
  }
  const std::string_view name = PreTokenizerName(source.pre_tokenizer, source.ignores_merges);
  if (const auto named = FindPreTokenizer(name);
      named.ok() && named->ignores_merges != source.ignores_merges) {
    notes.push_back(
        "GGUF cannot express whether a piece that is itself a token skips the merges; a few texts "
        "may get other ids");
  }
  return name;
}

void AddSentencePieceNotes(const Tokenizer& tokenizer, std::vector<std::string>& notes) {
  if (tokenizer.kind() == TokenizerKind::kRankedBpe) {
    notes.push_back(
        "GGUF stores scores of tokens instead of the source's merges; a few texts may get other "
        "ids");
  }
  if (tokenizer.byte_fallback() && tokenizer.kind() == TokenizerKind::kUnigram) {
    notes.push_back(
        "readers of GGUF make no byte tokens in Unigram; characters without a token become "
        "unknown");
  }
  if (tokenizer.collapses_spaces() && tokenizer.kind() != TokenizerKind::kUnigram) {
    notes.push_back(
        "the source's tokenizer makes one space of several, which readers of GGUF do only for "
        "Unigram; texts with several spaces get other ids");
  }
  if (tokenizer.prefix_is_optional()) {
    notes.push_back(
        "readers of GGUF put a space before a text that begins with one too; such texts get other "
        "ids");
  }
  if (tokenizer.space_prefix() == SpacePrefix::kFirst ||
      tokenizer.space_prefix() == SpacePrefix::kBeforeAll) {
    notes.push_back(
        "readers of GGUF put a space after special tokens too, and not only before a text; texts "
        "with special tokens may get other ids");
  }
}

Status AddTokenizer(const ConvertSource& source, GgufWriter& writer,
                    std::vector<std::string>& notes) {
  const Tokenizer& tokenizer = source.tokenizer;
  const FittedVocabulary fitted = FitVocabulary(tokenizer, source.model.info().vocabulary);
  GgufKeyWriter keys(writer, "tokenizer.ggml.");
  keys.String("model", GgufTokenizerModel(tokenizer.kind()));
  if (tokenizer.kind() == TokenizerKind::kByteBpe) {
    keys.String("pre", GgufPreTokenizer(source, notes));
  } else {
    keys.String("pre", PreTokenizerName(PreTokenizer::kDefault));
    keys.Bool("add_space_prefix", tokenizer.space_prefix() != SpacePrefix::kNone);
    if (tokenizer.collapses_spaces()) keys.Bool("remove_extra_whitespaces", true);
    AddSentencePieceNotes(tokenizer, notes);
  }
  if (!tokenizer.rules().empty()) {
    notes.push_back(
        "some special tokens take the spaces beside them or want to stand alone, which GGUF cannot "
        "express; texts with them may get other ids");
  }
  const auto add_id = [&](const std::string& key, std::optional<int32_t> id) {
    if (id && static_cast<size_t>(*id) < fitted.tokens.size()) {
      keys.Uint(key, static_cast<size_t>(*id));
    }
  };
  add_id("bos_token_id", tokenizer.bos_id());
  add_id("eos_token_id", tokenizer.eos_id());
  const auto ends = tokenizer.end_ids();
  if (ends.size() > 1) add_id("eot_token_id", ends[1]);
  if (ends.size() > 2) {
    notes.push_back(fmt::format("{} tokens end a text; GGUF can store two of them", ends.size()));
  }
  add_id("padding_token_id", source.padding_id);
  add_id("unknown_token_id", source.unknown_id ? source.unknown_id : tokenizer.unknown_id());
  keys.Bool("add_bos_token", source.adds_bos);
  // Unigram's readers assume it.
  if (tokenizer.adds_eos() || tokenizer.kind() == TokenizerKind::kUnigram) {
    keys.Bool("add_eos_token", tokenizer.adds_eos());
  }
  TARE_RETURN_IF_ERROR(keys.status());
  TARE_RETURN_IF_ERROR(AddVocabulary(tokenizer, fitted, writer));
  if (source.chat_template.empty()) return {};
  return writer.AddString("tokenizer.chat_template", source.chat_template);
}

}  // namespace

Status ConvertToGguf(const ConvertSource& source, const std::string& out,
                     const ConvertOptions& options, ConvertSummary& summary) {
  const Model& model = source.model;
  const TensorConverter::Drop drop = [&](std::span<const std::byte> bytes) {
    model.DropPages(bytes);
  };
  TARE_ASSIGN_OR_RETURN(const DType main, MainType(options, model.info().precision));
  std::vector<PlannedTensor> tensors =
      PlanTensors(model, ModelFormat::kGguf, model.info().tied_output);
  ChooseTypes(options, model.family_model().sizes(), main, drop, tensors, summary.notes);
  TARE_ASSIGN_OR_RETURN(GgufWriter writer, GgufWriter::Create(out));
  const uint32_t file_type =
      options.type != nullptr ? options.type->file_type : *RowOf(main).gguf_file_type;
  TARE_RETURN_IF_ERROR(AddModelKeys(source, out, main, file_type, writer));
  TARE_RETURN_IF_ERROR(AddTokenizer(source, writer, summary.notes));
  const GgufExtras extras = model.family_model().MakeGgufExtras();
  for (const NamedNumbers& key : extras.keys) {
    TARE_RETURN_IF_ERROR(writer.AddArray<float>(key.name, std::span<const float>(key.numbers)));
  }
  for (const NamedNumbers& tensor : extras.tensors) {
    TARE_RETURN_IF_ERROR(writer.DeclareTensor(tensor.name, DType::kF32, {tensor.numbers.size()}));
  }
  for (const PlannedTensor& tensor : tensors) {
    TARE_RETURN_IF_ERROR(writer.DeclareTensor(tensor.name, tensor.dtype, tensor.shape));
  }
  for (const NamedNumbers& tensor : extras.tensors) {
    TARE_RETURN_IF_ERROR(
        writer.AppendTensorData(tensor.name, std::as_bytes(std::span(tensor.numbers))));
  }
  const auto sink = [&](std::string_view name, std::span<const std::byte> bytes) {
    return writer.AppendTensorData(name, bytes);
  };
  TARE_RETURN_IF_ERROR(StreamTensors(source, tensors, sink, summary));
  return writer.Finish();
}

}  // namespace tare
