#include "tools/convert/keras_preset_writer.h"

#include <algorithm>
#include <set>
#include <unordered_set>
#include <utility>

#include "base/atomic_file.h"
#include "base/count_text.h"
#include "format/quote.h"
#include "tools/convert/keras_preset_json.h"

namespace tare {
namespace {

Status CheckTokenizerSize(const KerasPreset& preset) {
  const size_t vocabulary = preset.backbone.model->sizes().vocabulary;
  if (preset.tokenizer.tokens.size() <= vocabulary) return {};
  return InvalidInput("the tokenizer has {}, but the model's vocabulary is {}",
                      CountText(preset.tokenizer.tokens.size(), "token"), vocabulary);
}

// Fills in what the tokenizer's class takes for granted.
Status CompleteTokenizer(const Family& family, KerasTokenizer& tokenizer) {
  const KerasClasses classes = KerasClassesOf(family, !tokenizer.sentence_piece.empty());
  const KerasTokenizerClass& wanted = classes.tokenizer;
  if (wanted.is_sentence_piece != !tokenizer.sentence_piece.empty()) {
    const auto name = [](bool is) { return is ? "SentencePiece" : "byte-level BPE"; };
    return Unsupported("{}Tokenizer of KerasHub is {}, but the source's tokenizer is {}",
                       classes.classes, name(wanted.is_sentence_piece),
                       name(!wanted.is_sentence_piece));
  }
  std::unordered_set<std::string_view> known(tokenizer.tokens.begin(), tokenizer.tokens.end());
  if (!wanted.names_ends) {
    tokenizer.bos = wanted.start;
    tokenizer.eos = wanted.end;
  }
  for (const std::string& token : {tokenizer.bos, tokenizer.eos}) {
    const bool has_none = token.empty() && !wanted.names_ends;
    if (!has_none && !known.contains(token)) {
      return InvalidInput(
          "the tokenizer has no token {}, which {} begins or ends with", Quote(token),
          wanted.names_ends ? "a prompt" : fmt::format("{}Tokenizer", classes.classes));
    }
  }
  std::set<std::string> special(tokenizer.special_tokens.begin(), tokenizer.special_tokens.end());
  for (const std::string& token : {tokenizer.bos, tokenizer.eos}) {
    if (!token.empty()) special.insert(token);
  }
  std::vector<std::string> demanded(wanted.demanded.begin(), wanted.demanded.end());
  if (!wanted.second_end.empty() && tokenizer.eos == wanted.end) {
    demanded.emplace_back(wanted.second_end);
  }
  const bool is_fixed = !tokenizer.sentence_piece.empty();
  for (std::string& token : demanded) {
    special.insert(token);
    if (is_fixed && !known.contains(token)) {
      return InvalidInput("the tokenizer has no token {}, which {}Tokenizer needs", Quote(token),
                          classes.classes);
    }
    if (!known.contains(token)) tokenizer.tokens.push_back(std::move(token));
  }
  tokenizer.special_tokens.assign(special.begin(), special.end());
  return {};
}

Status WriteText(const AtomicFolder& folder, const std::string& name, std::string_view text) {
  TARE_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(folder.temporary() + "/" + name));
  return file.CommitText(text);
}

Status WriteTexts(const AtomicFolder& folder, const KerasPreset& preset) {
  const KerasPresetTexts texts = DescribeKerasPreset(preset);
  TARE_RETURN_IF_ERROR(WriteText(folder, "config.json", texts.config));
  TARE_RETURN_IF_ERROR(WriteText(folder, "task.json", texts.task));
  TARE_RETURN_IF_ERROR(WriteText(folder, "preprocessor.json", texts.preprocessor));
  TARE_RETURN_IF_ERROR(WriteText(folder, "tokenizer.json", texts.tokenizer));
  TARE_RETURN_IF_ERROR(WriteText(folder, "metadata.json", texts.metadata));
  if (!preset.extras.empty()) {
    TARE_RETURN_IF_ERROR(WriteText(folder, kKerasExtrasFile, KerasExtrasText(preset.extras)));
  }
  TARE_RETURN_IF_ERROR(folder.MakeFolder("assets/tokenizer"));
  if (!preset.tokenizer.sentence_piece.empty()) {
    return WriteText(folder, "assets/tokenizer/vocabulary.spm", preset.tokenizer.sentence_piece);
  }
  TARE_RETURN_IF_ERROR(
      WriteText(folder, "assets/tokenizer/vocabulary.json", KerasVocabularyText(preset.tokenizer)));
  return WriteText(folder, "assets/tokenizer/merges.txt", KerasMergesText(preset.tokenizer));
}

}  // namespace

Result<KerasPresetWriter> KerasPresetWriter::Create(const std::string& folder, OldFolder old,
                                                    const KerasPreset& preset) {
  TARE_RETURN_IF_ERROR(preset.backbone.model->CheckKeras(preset.backbone.tied));
  TARE_RETURN_IF_ERROR(CheckTokenizerSize(preset));
  KerasPreset complete = preset;
  TARE_RETURN_IF_ERROR(CompleteTokenizer(preset.backbone.model->family(), complete.tokenizer));
  TARE_ASSIGN_OR_RETURN(AtomicFolder target, AtomicFolder::Create(folder, old, "config.json"));
  TARE_RETURN_IF_ERROR(WriteTexts(target, complete));
  TARE_ASSIGN_OR_RETURN(Hdf5Writer weights,
                        Hdf5Writer::Create(target.temporary() + "/model.weights.h5"));
  for (const KerasVariableSpec& variable : preset.variables) {
    TARE_RETURN_IF_ERROR(weights.DeclareTensor(variable.name, variable.dtype, variable.shape));
  }
  std::vector<NamedNumbers> extras = preset.backbone.model->MakeKerasExtras();
  for (const auto& [name, numbers] : extras) {
    TARE_RETURN_IF_ERROR(weights.DeclareTensor(name, DType::kF32, Shape{numbers.size()}));
  }
  return KerasPresetWriter(std::move(target), std::move(weights), std::move(extras));
}

Status KerasPresetWriter::Finish() {
  for (const auto& [name, numbers] : extras_) {
    TARE_RETURN_IF_ERROR(weights_.AppendTensorData(name, std::as_bytes(std::span(numbers))));
  }
  TARE_RETURN_IF_ERROR(weights_.Finish());
  return folder_.Commit();
}

}  // namespace tare
