#include <algorithm>
#include <cctype>
#include <limits>
#include <utility>

#include "base/error.h"
#include "format/quote.h"
#include "models/tokenizers/load_tokenizer.h"
#include "tokenizer/stop_tokens.h"
#include "tokenizer/token_types.h"

namespace tare {
namespace {

Result<std::optional<int32_t>> ReadTokenId(const GgufFile& file, std::string_view name) {
  const std::string key = fmt::format("tokenizer.ggml.{}_token_id", name);
  if (file.FindValue(key) == nullptr) return std::optional<int32_t>();
  TARE_ASSIGN_OR_RETURN(const uint64_t id, file.GetUint(key));
  if (id > static_cast<uint64_t>(std::numeric_limits<int32_t>::max())) {
    return CorruptFile("{}: {} is {}, expected a token id", file.path(), key, id);
  }
  return std::optional<int32_t>(static_cast<int32_t>(id));
}

// The numbers of an array that may be missing.
template <typename T, typename Values>
Sequence<T> NumbersOf(Values values) {
  return {values.size(), [values, i = size_t{0}]() mutable { return static_cast<T>(values[i++]); }};
}

Result<Sequence<int32_t>> ReadTokenTypes(const GgufFile& file) {
  const GgufValue* value = file.FindValue("tokenizer.ggml.token_type");
  if (value == nullptr) return Sequence<int32_t>();
  const auto types = value->AsI32Array();
  if (!types.ok()) return types.error().In(file.path());
  return NumbersOf<int32_t>(*types);
}

// The types, with every user-defined token that is named like an end made a control token, as
// llama.cpp does: else a stranger's text could end a generation.
Result<std::vector<int32_t>> ReadTypesWithEnds(const GgufFile& file) {
  TARE_ASSIGN_OR_RETURN(Sequence<int32_t> types, ReadTokenTypes(file));
  TARE_ASSIGN_OR_RETURN(const GgufStrings tokens, file.GetStrings("tokenizer.ggml.tokens"));
  std::vector<int32_t> read(types.count);
  for (int32_t& type : read) type = types.next();
  size_t i = 0;
  for (const std::string_view token : tokens) {
    if (i == read.size()) break;
    if (read[i] == kUserDefinedType && IsStopName(token)) read[i] = kControlType;
    ++i;
  }
  return read;
}

// Some converters write scores as integers.
Result<Sequence<float>> ReadScores(const GgufFile& file) {
  constexpr std::string_view kKey = "tokenizer.ggml.scores";
  const GgufValue* value = file.FindValue(kKey);
  if (value == nullptr) return CorruptFile("{}: has no {}", file.path(), kKey);
  if (const auto integers = value->AsI32Array(); integers.ok()) return NumbersOf<float>(*integers);
  const auto scores = value->AsF32Array();
  if (!scores.ok()) return scores.error().In(file.path());
  return NumbersOf<float>(*scores);
}

constexpr std::string_view Model(TokenizerKind kind) {
  switch (kind) {
    case TokenizerKind::kByteBpe:
      return kGgufByteLevelBpe;
    case TokenizerKind::kUnigram:
      return "t5";
    case TokenizerKind::kScoredBpe:
    case TokenizerKind::kRankedBpe:
      break;
  }
  return kGgufScoredBpe;
}

Result<TokenizerKind> ReadKind(const GgufFile& file) {
  constexpr std::string_view kKey = "tokenizer.ggml.model";
  if (file.FindValue(kKey) == nullptr) {
    return CorruptFile("{}: has no tokenizer ({} is missing); use --ids instead of text",
                       file.path(), kKey);
  }
  TARE_ASSIGN_OR_RETURN(const std::string_view model, file.GetString(kKey));
  for (const TokenizerKind kind :
       {TokenizerKind::kByteBpe, TokenizerKind::kScoredBpe, TokenizerKind::kUnigram}) {
    if (Model(kind) == model) return kind;
  }
  return Unsupported(
      "{}: tokenizer.ggml.model is {}, expected \"{}\" (byte-level BPE), \"{}\" (SentencePiece) or "
      "\"{}\" (Unigram)",
      file.path(), Quote(model), kGgufByteLevelBpe, kGgufScoredBpe, Model(TokenizerKind::kUnigram));
}

// The file's pages outlive the sequence; it is the strings' cursor that must.
Result<Sequence<std::string_view>> ReadStrings(const GgufFile& file, std::string_view key) {
  TARE_ASSIGN_OR_RETURN(const GgufStrings strings, file.GetStrings(key));
  return SequenceOf<std::string_view>(strings);
}

// Adds what the kind's absent keys stand for in llama.cpp.
struct Defaults {
  bool adds_bos = false;
  bool adds_eos = false;
  std::optional<int32_t> bos, eos, unknown;
};

Result<Defaults> ReadByteBpe(const GgufFile& file, TokenizerVocabulary& vocabulary) {
  constexpr std::string_view kKey = "tokenizer.ggml.pre";
  TARE_ASSIGN_OR_RETURN(const std::string_view name, file.GetStringOr(kKey, "default"));
  const Result<NamedPreTokenizer> pre = FindPreTokenizer(name);
  if (!pre.ok()) return pre.error().In(fmt::format("{}: {}", file.path(), kKey));
  vocabulary.pre_tokenizer = pre->split;
  vocabulary.ignores_merges = pre->ignores_merges;
  if (file.FindValue(kKey) == nullptr) {
    vocabulary.notes.push_back(fmt::format(
        "the file has no {}, so texts are split in llama.cpp's default way, which may differ from "
        "the model's own",
        kKey));
  } else if (!pre->is_known) {
    vocabulary.notes.push_back(fmt::format(
        "{} is {}, which is not known, so texts are split in llama.cpp's default way, which may "
        "differ from the model's own",
        kKey, Quote(name)));
  }
  TARE_ASSIGN_OR_RETURN(vocabulary.merges, ReadStrings(file, "tokenizer.ggml.merges"));
  Defaults defaults;
  defaults.adds_bos = pre->adds_bos;
  return defaults;
}

Result<Defaults> ReadSentencePiece(const GgufFile& file, TokenizerVocabulary& vocabulary) {
  if (file.FindValue("tokenizer.ggml.precompiled_charsmap") != nullptr) {
    return Unsupported(
        "{}: tokenizer.ggml.precompiled_charsmap is set: the tokenizer normalises text, which is "
        "not supported",
        file.path());
  }
  const bool is_unigram = vocabulary.kind == TokenizerKind::kUnigram;
  TARE_ASSIGN_OR_RETURN(vocabulary.scores, ReadScores(file));
  TARE_ASSIGN_OR_RETURN(const bool prefix, file.GetBoolOr("tokenizer.ggml.add_space_prefix", true));
  if (prefix) vocabulary.space_prefix = SpacePrefix::kAfterSpecial;
  // llama.cpp reads these two for Unigram only, and has no byte fallback there.
  TARE_ASSIGN_OR_RETURN(const bool removes,
                        file.GetBoolOr("tokenizer.ggml.remove_extra_whitespaces", false));
  vocabulary.collapses_spaces = is_unigram && removes;
  vocabulary.byte_fallback = !is_unigram;
  Defaults defaults;
  defaults.adds_bos = !is_unigram;
  if (is_unigram) {
    defaults.adds_eos = true;
    defaults.eos = 1;
    defaults.unknown = 2;
  } else {
    defaults.bos = 1;
    defaults.eos = 2;
    defaults.unknown = 0;
  }
  return defaults;
}

Status ReadIds(const GgufFile& file, const Defaults& defaults, int32_t size,
               TokenizerVocabulary& vocabulary) {
  const auto or_default = [&](std::optional<int32_t> id, std::optional<int32_t> other) {
    return id || !other || *other >= size ? id : other;
  };
  TARE_ASSIGN_OR_RETURN(const auto bos, ReadTokenId(file, "bos"));
  TARE_ASSIGN_OR_RETURN(const auto eos, ReadTokenId(file, "eos"));
  TARE_ASSIGN_OR_RETURN(const auto unknown, ReadTokenId(file, "unknown"));
  vocabulary.bos_id = or_default(bos, defaults.bos);
  vocabulary.eos_id = or_default(eos, defaults.eos);
  if (vocabulary.kind != TokenizerKind::kByteBpe) {
    vocabulary.unknown_id = or_default(unknown, defaults.unknown);
  }
  for (const char* name : {"eot", "eom"}) {
    TARE_ASSIGN_OR_RETURN(const auto id, ReadTokenId(file, name));
    if (id) vocabulary.other_end_ids.push_back(*id);
  }
  TARE_ASSIGN_OR_RETURN(vocabulary.adds_bos,
                        file.GetBoolOr("tokenizer.ggml.add_bos_token",
                                       defaults.adds_bos && vocabulary.bos_id.has_value()));
  vocabulary.adds_bos = vocabulary.adds_bos && vocabulary.bos_id.has_value();
  TARE_ASSIGN_OR_RETURN(vocabulary.adds_eos,
                        file.GetBoolOr("tokenizer.ggml.add_eos_token", defaults.adds_eos));
  return {};
}

// What llama.cpp does to the spaces beside tokens, for which GGUF has no field: it goes by the name
// of the model or of its way to split texts.
struct NamedRule {
  std::string_view key;
  std::string_view words;   // separated by spaces; one of them is in the key's value
  std::string_view token;   // empty: all that are not plain text, but `others`
  std::string_view others;  // separated by spaces
  bool before = false;      // lstrip
};
constexpr std::string_view kPlainTokens = "<unk> <s> <|endoftext|>";
constexpr NamedRule kNamedRules[] = {
    {"general.name", "phi-3", "", kPlainTokens, false},
    {"general.name", "phi3", "", kPlainTokens, false},
    {"tokenizer.ggml.pre", "jina-v2-de jina-v2-es jina-v2-code", "<mask>", "", true},
    {"tokenizer.ggml.pre", "modern-bert", "[MASK]", "", true},
};

// Calls visit(word) for each word until one returns true; says whether one did.
template <typename Visit>
bool AnyWord(std::string_view words, Visit visit) {
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    if (visit(word)) return true;
    words.remove_prefix(std::min(word.size() + 1, words.size()));
  }
  return false;
}

Result<const NamedRule*> FindNamedRule(const GgufFile& file) {
  for (const NamedRule& rule : kNamedRules) {
    TARE_ASSIGN_OR_RETURN(const std::string_view value, file.GetStringOr(rule.key, ""));
    std::string lower(value);
    std::ranges::transform(lower, lower.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto is_in = [&](std::string_view word) { return lower.find(word) != std::string::npos; };
    if (AnyWord(rule.words, is_in)) return &rule;
  }
  return nullptr;
}

Result<std::vector<SpecialRule>> RulesByName(const GgufFile& file,
                                             const std::vector<int32_t>& types) {
  std::vector<SpecialRule> rules;
  TARE_ASSIGN_OR_RETURN(const NamedRule* const rule, FindNamedRule(file));
  if (rule == nullptr) return rules;
  TARE_ASSIGN_OR_RETURN(const GgufStrings tokens, file.GetStrings("tokenizer.ggml.tokens"));
  size_t id = 0;
  for (const std::string_view token : tokens) {
    if (id == types.size()) break;
    const bool is_special = types[id] == kControlType || types[id] == kUserDefinedType;
    const auto is_token = [&](std::string_view word) { return token == word; };
    const bool is_meant =
        rule->token.empty() ? is_special && !AnyWord(rule->others, is_token) : token == rule->token;
    if (is_meant) {
      rules.push_back({.id = static_cast<int32_t>(id),
                       .takes_spaces_before = rule->before,
                       .takes_spaces_after = !rule->before});
    }
    ++id;
  }
  return rules;
}

}  // namespace

std::string_view GgufTokenizerModel(TokenizerKind kind) { return Model(kind); }

Result<Tokenizer> LoadTokenizer(const GgufFile& file) {
  TokenizerVocabulary vocabulary;
  TARE_ASSIGN_OR_RETURN(vocabulary.kind, ReadKind(file));
  TARE_ASSIGN_OR_RETURN(const Defaults defaults, vocabulary.kind == TokenizerKind::kByteBpe
                                                     ? ReadByteBpe(file, vocabulary)
                                                     : ReadSentencePiece(file, vocabulary));
  TARE_ASSIGN_OR_RETURN(vocabulary.tokens, ReadStrings(file, "tokenizer.ggml.tokens"));
  TARE_ASSIGN_OR_RETURN(const std::vector<int32_t> types, ReadTypesWithEnds(file));
  vocabulary.token_types = SequenceOf<int32_t>(types);
  TARE_ASSIGN_OR_RETURN(vocabulary.rules, RulesByName(file, types));
  TARE_RETURN_IF_ERROR(
      ReadIds(file, defaults, static_cast<int32_t>(vocabulary.tokens.count), vocabulary));
  Result<Tokenizer> tokenizer = Tokenizer::Create(std::move(vocabulary));
  if (!tokenizer.ok()) return tokenizer.error().In(file.path());
  return tokenizer;
}

}  // namespace tare
