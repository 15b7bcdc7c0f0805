#include "models/tokenizers/load_tokenizer_keras.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/mapped_file.h"
#include "format/json/json_file.h"
#include "format/quote.h"
#include "models/find_family.h"
#include "models/keras_extras.h"
#include "models/tokenizers/sentence_piece_model.h"
#include "models/tokenizers/vocabulary_builder.h"
#include "models/tokenizers/vocabulary_files.h"

namespace tare {
namespace {

constexpr std::string_view kTokenizer = "Tokenizer";  // ends the names of its classes

// The special tokens that a KerasHub tokenizer class uses by default.
struct SpecialTokens {
  std::string start;               // empty: none
  std::vector<std::string> ends;   // the first is the end token
  std::vector<std::string> other;  // must be in the vocabulary too
};

Result<SpecialTokens> SpecialTokensOf(const std::string& class_name, const JsonObject& config) {
  if (class_name == "BytePairTokenizer") return SpecialTokens();
  const Family* const family = FindFamily(&Family::keras_classes, class_name, kTokenizer);
  if (family == nullptr) {
    return Unsupported("{}: class_name is {}, expected {} or \"BytePairTokenizer\"", config.name(),
                       Quote(class_name), FamilyNames(&Family::keras_classes, kTokenizer));
  }
  const KerasTokenizerClass& known = family->keras_tokenizer;
  if (class_name != fmt::format("{}{}", family->keras_classes, kTokenizer)) {
    return CorruptFile("{}: {} has vocabulary.spm, which is not there", config.name(),
                       Quote(class_name));
  }
  std::string start(known.start);
  std::string end(known.end);
  if (known.names_ends) {
    TARE_ASSIGN_OR_RETURN(start, config.GetStringOr("bos_token", std::move(start)));
    TARE_ASSIGN_OR_RETURN(end, config.GetStringOr("eos_token", std::move(end)));
  }
  SpecialTokens tokens{std::move(start), {end}, {known.demanded.begin(), known.demanded.end()}};
  // KerasHub cannot tell base from instruct models, and ends at both.
  if (!known.second_end.empty() && end == known.end) tokens.ends.emplace_back(known.second_end);
  return tokens;
}

Status CheckConfig(const JsonObject& config) {
  TARE_ASSIGN_OR_RETURN(const bool prefix, config.GetBoolOr("add_prefix_space", false));
  if (prefix) return Unsupported("{}: add_prefix_space is true, expected false", config.name());
  if (config.Has("sequence_length")) {
    return Unsupported("{}: sequence_length is set, expected null: prompts are not padded",
                       config.name());
  }
  return {};
}

Result<int32_t> FindRequired(const VocabularyBuilder& builder, const std::string& token) {
  const auto id = builder.Find(token);
  if (!id) return CorruptFile("special token {} is not in the vocabulary", Quote(token));
  return *id;
}

// Marks the special tokens and says which of them begin and end a text.
Status AddSpecialTokens(const SpecialTokens& special, std::vector<std::string> unsplittable,
                        VocabularyBuilder& builder, TokenizerVocabulary& vocabulary) {
  if (!special.start.empty()) {
    TARE_ASSIGN_OR_RETURN(vocabulary.bos_id, FindRequired(builder, special.start));
    vocabulary.adds_bos = true;
  }
  for (const std::string& end : special.ends) {
    TARE_ASSIGN_OR_RETURN(const int32_t id, FindRequired(builder, end));
    vocabulary.other_end_ids.push_back(id);
  }
  if (!special.ends.empty()) vocabulary.eos_id = vocabulary.other_end_ids.front();
  for (const std::string& token : special.other) {
    TARE_RETURN_IF_ERROR(FindRequired(builder, token));
  }
  std::sort(unsplittable.begin(), unsplittable.end());
  unsplittable.erase(std::unique(unsplittable.begin(), unsplittable.end()), unsplittable.end());
  for (const std::string& token : unsplittable) {
    TARE_ASSIGN_OR_RETURN(const int32_t id, FindRequired(builder, token));
    TARE_RETURN_IF_ERROR(builder.MarkSpecial(token, static_cast<uint64_t>(id), true));
  }
  return {};
}

// A class of a family begins and ends texts with its own tokens, any other with those of the model.
Result<Tokenizer> LoadSentencePieces(const std::string& folder, const std::string& class_name,
                                     const std::string& path) {
  TARE_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  TARE_ASSIGN_OR_RETURN(const KerasExtras extras, ReadKerasExtras(folder));
  SentencePieceContext context;
  context.control_ids = extras.control_ids;
  if (const Family* family = FindFamily(&Family::keras_classes, class_name, kTokenizer)) {
    const KerasTokenizerClass known = KerasClassesOf(*family, true).tokenizer;
    context.start = known.start;
    context.end = known.end;
  }
  return MakeSentencePieceTokenizer(file.bytes(), path, context);
}

}  // namespace

Result<Tokenizer> LoadKerasTokenizer(const std::string& preset_directory) {
  const std::string folder = preset_directory + "/assets/tokenizer/";
  TARE_ASSIGN_OR_RETURN(const JsonObject json,
                        JsonObject::Open(preset_directory + "/tokenizer.json"));
  TARE_ASSIGN_OR_RETURN(const std::string class_name, json.GetString("class_name"));
  std::error_code ignored;
  if (const std::string pieces = folder + "vocabulary.spm";
      std::filesystem::exists(pieces, ignored)) {
    return LoadSentencePieces(preset_directory, class_name, pieces);
  }
  TARE_ASSIGN_OR_RETURN(const JsonObject config, json.GetObject("config"));
  TARE_ASSIGN_OR_RETURN(const SpecialTokens special, SpecialTokensOf(class_name, config));
  TARE_RETURN_IF_ERROR(CheckConfig(config));
  std::vector<std::string> unsplittable = special.other;
  unsplittable.insert(unsplittable.end(), special.ends.begin(), special.ends.end());
  if (!special.start.empty()) unsplittable.push_back(special.start);
  if (config.Has("unsplittable_tokens")) {
    TARE_ASSIGN_OR_RETURN(unsplittable, config.GetStrings("unsplittable_tokens"));
  }

  VocabularyBuilder builder;
  TARE_RETURN_IF_ERROR(ReadVocabularyFile(folder + "vocabulary.json", builder));
  TARE_RETURN_IF_ERROR(ReadMergesFile(folder + "merges.txt", builder));
  TokenizerVocabulary vocabulary;
  vocabulary.pre_tokenizer = PreTokenizer::kWhole;
  const Status added = AddSpecialTokens(special, std::move(unsplittable), builder, vocabulary);
  if (!added.ok()) return added.error().In(folder + "vocabulary.json");
  Result<Tokenizer> tokenizer = builder.Build(std::move(vocabulary));
  if (!tokenizer.ok()) return tokenizer.error().In(folder);
  return tokenizer;
}

}  // namespace tare
