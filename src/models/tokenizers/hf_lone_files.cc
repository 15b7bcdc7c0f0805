#include "models/tokenizers/hf_lone_files.h"

#include <utility>
#include <vector>

#include "base/error.h"
#include "base/mapped_file.h"
#include "format/quote.h"
#include "models/families/families.h"
#include "models/find_family.h"
#include "models/tokenizers/sentence_piece_model.h"
#include "models/tokenizers/vocabulary_files.h"

namespace tare {
namespace {

// "…Fast" is the same class; files have both names.
std::string_view WithoutFast(std::string_view name) {
  constexpr std::string_view kFast = "Fast";
  if (name.ends_with(kFast)) name.remove_suffix(kFast.size());
  return name;
}

const HuggingFaceTokenizerClass* FindClass(const HfFolder& folder) {
  for (const Family* family : Families()) {
    const HuggingFaceTokenizerClass& known = family->hugging_face_tokenizer;
    if (!known.name.empty() && known.name == WithoutFast(folder.tokenizer_class)) return &known;
  }
  const Family* const family = FindFamily(&Family::hugging_face_type, folder.model_type);
  if (family == nullptr || family->hugging_face_tokenizer.name.empty()) return nullptr;
  return &family->hugging_face_tokenizer;
}

Error UnknownClass(const HfFolder& folder) {
  std::string known;
  for (const Family* family : Families()) {
    const std::string_view name = family->hugging_face_tokenizer.name;
    if (name.empty() || known.find(name) != std::string::npos) continue;
    known += fmt::format("{}\"{}\"", known.empty() ? "" : " or ", name);
  }
  return Unsupported(
      "how text is split is not said by these two files, and not known for tokenizer_class {} and "
      "model_type {}; expected tokenizer_class {}, or a tokenizer.json",
      Quote(folder.tokenizer_class), Quote(folder.model_type), known);
}

// Adds what the files beside the vocabulary say, and then the tokens that have a role.
Status AddSpecials(const HfFolder& folder, VocabularyBuilder& builder,
                   std::vector<SpecialRule>& rules) {
  for (const AddedToken& token : folder.added) {
    TARE_RETURN_IF_ERROR(builder.MarkSpecial(token.text, token.id, token.is_special));
    AddRule(token, rules);
  }
  for (const std::string& text : {folder.bos, folder.eos, folder.padding, folder.unknown}) {
    if (text.empty() || builder.IsSpecial(text)) continue;
    const auto id = builder.Find(text);
    TARE_RETURN_IF_ERROR(
        builder.MarkSpecial(text, id ? static_cast<uint64_t>(*id) : builder.size(), true));
  }
  return {};
}

Result<Tokenizer> Build(const HuggingFaceTokenizerClass& known, HfFolder folder,
                        VocabularyBuilder& builder) {
  if (folder.bos.empty()) folder.bos = known.start;
  if (folder.eos.empty()) folder.eos = known.end;
  TokenizerVocabulary vocabulary;
  TARE_RETURN_IF_ERROR(AddSpecials(folder, builder, vocabulary.rules));
  vocabulary.pre_tokenizer = known.split;
  vocabulary.puts_into_nfc = known.puts_into_nfc;
  ApplyEnds(folder, builder, vocabulary);
  return builder.Build(std::move(vocabulary));
}

}  // namespace

Result<Tokenizer> LoadHfSentencePieces(const std::string& directory, const HfFolder& folder) {
  TARE_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(directory + "/tokenizer.model"));
  SentencePieceContext context;
  context.end_ids = folder.end_ids;
  context.added = folder.added;
  context.start = folder.bos;
  context.end = folder.eos;
  return MakeSentencePieceTokenizer(file.bytes(), file.path(), context);
}

Result<Tokenizer> LoadHfVocabulary(const std::string& directory, const HfFolder& folder) {
  const std::string path = directory + "/vocab.json";
  const HuggingFaceTokenizerClass* const known = FindClass(folder);
  if (known == nullptr) return UnknownClass(folder).In(path);
  VocabularyBuilder builder;
  TARE_RETURN_IF_ERROR(ReadVocabularyFile(path, builder));
  TARE_RETURN_IF_ERROR(ReadMergesFile(directory + "/merges.txt", builder));
  Result<Tokenizer> tokenizer = Build(*known, folder, builder);
  if (!tokenizer.ok()) return tokenizer.error().In(path);
  return tokenizer;
}

}  // namespace tare
