#include "tokenizer/pre_tokenizers.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "tokenizer/token_table.h"

namespace tare {
namespace {

constexpr std::string_view kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwen35Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}|)"
    R"( ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kGpt4oPattern =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kTekkenPattern =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|)"
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kDeepSeekV3Pattern =
    R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|)"
    R"([^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
// clang-format off
constexpr std::string_view kCasedLetters =  // DeepSeek LLM's
    "\\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-"
    "ᲺᲽ-"
    "Ჿᴀ-"
    "ᴫᵫ-ᵷᵹ-ᶚḀ-ἕ"
    "Ἐ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-\u1F7Dᾀ-ᾴᾶ-ᾼ\u1FBEῂ-ῄῆ-ῌῐ-\u1FD3ῖ-\u1FDBῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤ\u2126ℨ\u212A-ℭℯ-"
    "ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳ"
    "Ꙁ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-"
    "𐳲𑢠-"
    "𑣟𞤀-"
    "𞥃]+";
// clang-format on
constexpr std::string_view kAnyCjk = "[一-龥ࠀ-一가-퟿]+";

constexpr size_t kMaxPatterns = 6;
struct SplitRow {
  PreTokenizer pre_tokenizer;
  std::array<std::string_view, kMaxPatterns> patterns;
};
using P = PreTokenizer;
constexpr SplitRow kSplits[] = {
    {P::kGpt2, {kGpt2Pattern}},
    {P::kSmolLm, {kDigitsPattern, kGpt2Pattern}},
    {P::kLlama3, {kLlama3Pattern}},
    {P::kWhole, {}},
    {P::kQwen2, {kQwen2Pattern}},
    {P::kQwen35, {kQwen35Pattern}},
    {P::kGpt4o, {kGpt4oPattern}},
    {P::kTekken, {kTekkenPattern}},
    {P::kDefault, {R"([\p{P}\$\+<=>\^~\|]+)", kGpt2Pattern, R"(\p{N}+)", "[0-9][0-9][0-9]"}},
    {P::kDeepSeekV3, {R"(\p{N}{1,3})", "[一-龥぀-ゟ゠-ヿ]+", kDeepSeekV3Pattern}},
    {P::kDeepSeekCoder, {R"([\r\n])", R"(\s?\p{L}+)", R"(\s?\p{P}+)", kAnyCjk, kDigitsPattern}},
    {P::kDeepSeekLlm,
     {R"([\r\n])", kCasedLetters, "\\s?[!-/:-~！-／：-～‘-‟\u3000-。]+", R"(\s+$)", kAnyCjk,
      R"(\p{N}+)"}},
    {P::kFalcon, {R"([\p{P}\$\+<=>\^~\|`]+)", kGpt2Pattern, "[0-9][0-9][0-9]"}},
    {P::kBloom, {R"( ?[^(\s|.,!?…。，、।۔،)]+)"}},
    {P::kViking, {R"( ?[^(\s|.,!?…。，、।۔،)]+)", R"(\p{N})"}},
};

struct Spelling {
  std::string_view other;
  std::string_view ours;
};
constexpr Spelling kSpellings[] = {
    {R"(\p{N})", kDigitsPattern},  // differ in thirteen code points that Unicode 16 does not have
    {R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|)"
     R"(\s*[\r\n]|\s+(?!\S)|\s+)",
     kLlama3Pattern},
};

std::string_view Canonical(std::string_view pattern) {
  for (const Spelling& spelling : kSpellings) {
    if (spelling.other == pattern) return spelling.ours;
  }
  return pattern;
}

// Names of `tokenizer.ggml.pre`. Of the names for one way to split, files are written with the
// first.
struct NameRow {
  PreTokenizer split;
  bool ignores_merges;
  bool adds_bos;
  std::string_view names;  // separated by spaces
};
constexpr NameRow kNames[] = {
    {P::kGpt2, false, false,
     "gpt-2 phi-2 mpt olmo exaone4 mellum modern-bert jais a.x-4.0 gigachat"},
    {P::kDefault, false, false, "default"},
    {P::kSmolLm, false, false, "smollm starcoder refact command-r codeshell exaone minerva-7b"},
    {P::kLlama3, true, true, "llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral lfm2 midm-2.0"},
    {P::kLlama3, false, false, "dbrx smaug-bpe chatglm-bpe glm4"},
    {P::kQwen2, false, false, "qwen2 deepseek-r1-qwen stablelm2 megrez hunyuan solar-open grok-2"},
    {P::kQwen35, false, false, "qwen35"},
    {P::kGpt4o, false, false, "gpt-4o llama4 minimax-m2 kanana2"},
    {P::kTekken, true, true, "tekken"},
    {P::kDeepSeekV3, false, false, "deepseek-v3 hunyuan-dense joyai-llm"},
    {P::kDeepSeekCoder, false, false, "deepseek-coder"},
    {P::kDeepSeekLlm, false, false, "deepseek-llm"},
    {P::kFalcon, false, false, "falcon"},
    {P::kBloom, false, false, "bloom poro-chat gpt3-finnish"},
    {P::kViking, false, false, "viking"},
};
// Names of others, which the default would split wrongly.
constexpr std::string_view kNotSupported = "chameleon superbpe gemma4";

bool HasName(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    const std::string_view first = names.substr(0, names.find(' '));
    if (first == name) return true;
    names.remove_prefix(std::min(first.size() + 1, names.size()));
  }
  return false;
}

}  // namespace

Result<NamedPreTokenizer> FindPreTokenizer(std::string_view name) {
  for (const NameRow& row : kNames) {
    if (HasName(row.names, name)) {
      return NamedPreTokenizer{row.split, row.ignores_merges, row.adds_bos, true};
    }
  }
  if (HasName(kNotSupported, name)) {
    return Unsupported("pre-tokenizer {} is not supported", Quoted(name));
  }
  return NamedPreTokenizer{PreTokenizer::kDefault, false, false, false};
}

std::string_view PreTokenizerName(PreTokenizer pre_tokenizer, bool ignores_merges) {
  const NameRow* found = nullptr;
  for (const NameRow& row : kNames) {
    if (row.split != pre_tokenizer) continue;
    if (found == nullptr || row.ignores_merges == ignores_merges) found = &row;
  }
  return found == nullptr ? std::string_view() : found->names.substr(0, found->names.find(' '));
}

std::vector<std::string_view> PatternsOf(PreTokenizer pre_tokenizer) {
  std::vector<std::string_view> patterns;
  for (const SplitRow& row : kSplits) {
    if (row.pre_tokenizer != pre_tokenizer) continue;
    for (const std::string_view pattern : row.patterns) {
      if (!pattern.empty()) patterns.push_back(pattern);
    }
  }
  return patterns;
}

std::optional<PreTokenizer> FindPatterns(std::span<const std::string_view> patterns) {
  for (const SplitRow& row : kSplits) {
    const std::vector<std::string_view> ours = PatternsOf(row.pre_tokenizer);
    const bool same = std::equal(
        ours.begin(), ours.end(), patterns.begin(), patterns.end(),
        [](std::string_view a, std::string_view b) { return Canonical(a) == Canonical(b); });
    if (same) return row.pre_tokenizer;
  }
  return std::nullopt;
}

std::vector<SplitPattern> CompilePatterns(PreTokenizer pre_tokenizer) {
  std::vector<SplitPattern> compiled;
  for (const std::string_view pattern : PatternsOf(pre_tokenizer)) compiled.emplace_back(pattern);
  return compiled;
}

}  // namespace tare
