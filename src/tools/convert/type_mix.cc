#include "tools/convert/type_mix.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "base/check.h"
#include "base/closest_name.h"
#include "format/quote.h"

namespace tare {
namespace {

constexpr DType kQ2 = DType::kQ2_K, kQ3 = DType::kQ3_K, kQ4 = DType::kQ4_K, kQ5 = DType::kQ5_K,
                kQ6 = DType::kQ6_K;

// The layers that get the wider of two types.
enum class Where {
  kNowhere,
  kEverywhere,
  kFirstTwo,
  kFirstFour,
  kFirstSixteenth,
  kFirstEighth,
  kEndsAndThirds,  // the first and the last eighth, and every third between
  kSharedValues,   // everywhere, if four query heads or more share a value head
};

struct Choice {
  Where where = Where::kNowhere;
  DType wide = DType::kF32;
  DType otherwise = DType::kF32;
};

// The types of the tensors that matter more. Everything else has the mix's base.
struct MixRow {
  TypeMix mix;
  Choice value;            // attn_v, or attn_qkv where that is one matrix
  Choice down;             // ffn_down, and those of experts
  DType attention_output;  // attn_output
  DType output_of_eight;   // the same in models of eight experts
};

constexpr MixRow Plain(std::string_view name, DType base, uint32_t file_type) {
  const Choice same = {Where::kNowhere, base, base};
  return {{name, base, file_type}, same, same, base, base};
}

// Source: the quantiser of llama.cpp; tests/oracle/type_mixes.py compares with the library.
constexpr MixRow kRows[] = {
    Plain("f32", DType::kF32, 0),
    Plain("f16", DType::kF16, 1),
    Plain("bf16", DType::kBF16, 32),
    Plain("q8_0", DType::kQ8_0, 7),
    Plain("q6_k", kQ6, 18),
    {{"q5_k_m", kQ5, 17},
     {Where::kEndsAndThirds, kQ6, kQ5},
     {Where::kEndsAndThirds, kQ6, kQ5},
     kQ5,
     kQ5},
    Plain("q5_k_s", kQ5, 16),
    Plain("q5_1", DType::kQ5_1, 9),
    Plain("q5_0", DType::kQ5_0, 8),
    {{"q4_k_m", kQ4, 15},
     {Where::kEndsAndThirds, kQ6, kQ4},
     {Where::kEndsAndThirds, kQ6, kQ4},
     kQ4,
     kQ5},
    {{"q4_k_s", kQ4, 14}, {Where::kFirstFour, kQ5, kQ4}, {Where::kFirstEighth, kQ5, kQ4}, kQ4, kQ5},
    Plain("q4_1", DType::kQ4_1, 3),
    Plain("q4_0", DType::kQ4_0, 2),
    {{"iq4_nl", DType::kIQ4_NL, 25},
     {Where::kSharedValues, kQ5, DType::kIQ4_NL},
     {Where::kFirstEighth, kQ5, DType::kIQ4_NL},
     DType::kIQ4_NL,
     kQ5},
    {{"iq4_xs", DType::kIQ4_XS, 30},
     {Where::kSharedValues, kQ5, DType::kIQ4_XS},
     {Where::kFirstEighth, kQ5, DType::kIQ4_XS},
     DType::kIQ4_XS,
     kQ5},
    Plain("mxfp4_moe", DType::kMXFP4, 38),
    {{"q3_k_l", kQ3, 13}, {Where::kEverywhere, kQ5, kQ3}, {Where::kEverywhere, kQ5, kQ3}, kQ5, kQ3},
    {{"q3_k_m", kQ3, 12},
     {Where::kFirstTwo, kQ5, kQ4},
     {Where::kFirstSixteenth, kQ5, kQ4},
     kQ4,
     kQ5},
    {{"q3_k_s", kQ3, 11}, {Where::kNowhere, kQ3, kQ3}, {Where::kNowhere, kQ3, kQ3}, kQ3, kQ5},
    {{"q2_k", kQ2, 10}, {Where::kSharedValues, kQ4, kQ3}, {Where::kEverywhere, kQ3, kQ3}, kQ3, kQ5},
};

constexpr auto kMixes = [] {
  std::array<TypeMix, std::size(kRows)> mixes = {};
  for (size_t i = 0; i < mixes.size(); ++i) mixes[i] = kRows[i].mix;
  return mixes;
}();

bool Has(std::string_view name, std::string_view part) {
  return name.find(part) != std::string_view::npos;
}

bool IsValue(std::string_view name) {
  return Has(name, "attn_v.weight") || Has(name, "attn_qkv.weight") ||
         Has(name, "attn_kv_b.weight");
}

bool IsTokenEmbedding(std::string_view name) {
  return name == "token_embd.weight" || name == "per_layer_token_embd.weight";
}

// N of "blk.N.", else 0.
size_t LayerOf(std::string_view name) {
  constexpr std::string_view kPrefix = "blk.";
  const size_t at = name.find(kPrefix);
  size_t layer = 0;
  if (at == std::string_view::npos) return layer;
  std::from_chars(name.data() + at + kPrefix.size(), name.data() + name.size(), layer);
  return layer;
}

// Parts of names of matrices that stay as they are: routers, convolutions, positions and other
// tables that are small or sensitive.
constexpr std::string_view kNeverQuantised[] = {
    "_norm.weight",
    "ffn_gate_inp.weight",
    "ffn_gate_tid2eid.weight",
    "altup",
    "laurel",
    "per_layer_model_proj",
    "ssm_conv1d",
    "shortconv.conv.weight",
    "indexer.k_proj.weight",
    "indexer.q_proj.weight",
    "time_mix_first.weight",
    "time_mix_w0.weight",
    "time_mix_w1.weight",
    "time_mix_w2.weight",
    "time_mix_v0.weight",
    "time_mix_v1.weight",
    "time_mix_v2.weight",
    "time_mix_a0.weight",
    "time_mix_a1.weight",
    "time_mix_a2.weight",
    "time_mix_g1.weight",
    "time_mix_g2.weight",
    "time_mix_decay_w1.weight",
    "time_mix_decay_w2.weight",
    "time_mix_lerp_fused.weight",
    "attn_rel_b.weight",
    ".position_embd",
    "sam.pos_embd",
    "sam.neck.",
    "sam.net_",
    ".rel_pos",
    ".patch_embd",
    ".patch_merger",
    "a.rvq.codebook",
    "mm.a.code_embd",
};

bool IsQuantised(std::string_view name, const Shape& shape) {
  if (shape.rank() < 2 || shape.elements() == shape[shape.rank() - 1]) return false;
  if (!name.ends_with("weight")) return false;
  if (name == "position_embd.weight" || name == "token_types.weight") return false;
  return std::ranges::none_of(kNeverQuantised,
                              [name](std::string_view part) { return Has(name, part); });
}

bool IsIn(Where where, size_t layer, size_t layers, const MixFacts& facts) {
  const size_t eighth = layers / 8;
  switch (where) {
    case Where::kNowhere:
      return false;
    case Where::kEverywhere:
      return true;
    case Where::kFirstTwo:
      return layer < 2;
    case Where::kFirstFour:
      return layer < 4;
    case Where::kFirstSixteenth:
      return layer < layers / 16;
    case Where::kFirstEighth:
      return layer < eighth;
    case Where::kEndsAndThirds:
      return layer < eighth || layer >= 7 * layers / 8 || (layer - eighth) % 3 == 2;
    case Where::kSharedValues:
      return facts.heads_per_kv() >= 4;
  }
  return false;
}

DType ChosenType(const Choice& choice, size_t layer, size_t layers, const MixFacts& facts) {
  return IsIn(choice.where, layer, layers, facts) ? choice.wide : choice.otherwise;
}

DType ValueType(const MixRow& row, const MixFacts& facts, std::string_view name) {
  if (facts.experts() == 8) return DType::kQ8_0;
  const std::vector<size_t>& with = facts.attention_layers();
  const auto index = std::ranges::lower_bound(with, LayerOf(name)) - with.begin();
  const DType type = ChosenType(row.value, static_cast<size_t>(index), with.size(), facts);
  // Models of 80 layers have many query heads for each value head: a wide type costs little there.
  const bool is_narrow = type == DType::kQ3_K || type == DType::kQ4_K;
  return facts.layers() == 80 && is_narrow ? DType::kQ5_K : type;
}

// The output matrix has the final say over tokens.
DType OutputType(const TypeMix& mix, size_t columns) {
  if (mix.base == DType::kMXFP4 || mix.base == DType::kQ8_0) return DType::kQ8_0;
  return columns % BlockElements(mix.base) == 0 ? DType::kQ6_K : DType::kQ8_0;
}

DType WantedType(const MixRow& row, const MixFacts& facts, std::string_view name,
                 const Shape& shape) {
  const DType base = row.mix.base;
  if (!IsBlockQuantized(base)) return base;
  if (name == "output.weight" || (facts.is_tied() && IsTokenEmbedding(name))) {
    return OutputType(row.mix, shape[shape.rank() - 1]);
  }
  if (base == DType::kMXFP4) {
    const bool is_of_experts = shape.rank() > 2 && shape[shape.rank() - 3] > 1;
    return is_of_experts ? base : DType::kQ8_0;
  }
  if (IsValue(name)) return ValueType(row, facts, name);
  const bool has_eight = facts.experts() == 8;
  if (Has(name, "attn_k.weight")) return has_eight ? DType::kQ8_0 : base;
  if (Has(name, "attn_output.weight"))
    return has_eight ? row.output_of_eight : row.attention_output;
  if (Has(name, "ffn_down")) return ChosenType(row.down, LayerOf(name), facts.layers(), facts);
  return base;
}

// Types of blocks of 32 instead of 256, for rows that are no multiple of that.
DType FittingType(DType type, size_t columns) {
  if (columns % BlockElements(type) == 0) return type;
  switch (type) {
    case DType::kQ6_K:
      type = DType::kQ8_0;
      break;
    case DType::kQ5_K:
      type = DType::kQ5_1;
      break;
    case DType::kQ4_K:
      type = DType::kQ5_0;
      break;
    case DType::kQ3_K:
    case DType::kQ2_K:
      type = DType::kQ4_0;
      break;
    case DType::kIQ4_XS:
      type = DType::kIQ4_NL;
      break;
    default:
      break;
  }
  return columns % BlockElements(type) == 0 ? type : DType::kF16;
}

}  // namespace

std::span<const TypeMix> TypeMixes() { return kMixes; }

const TypeMix* FindTypeMix(std::string_view name) {
  if (name == "q5_k") return FindTypeMix("q5_k_m");
  if (name == "q4_k") return FindTypeMix("q4_k_m");
  if (name == "q3_k") return FindTypeMix("q3_k_m");
  const auto at = std::ranges::find(kMixes, name, &TypeMix::name);
  return at == kMixes.end() ? nullptr : &*at;
}

Result<const TypeMix*> TypeMixFromName(std::string_view name) {
  if (const TypeMix* const mix = FindTypeMix(name)) return mix;
  std::vector<std::string_view> names;
  for (const TypeMix& mix : kMixes) names.push_back(mix.name);
  return InvalidInput("there is no type {}; {}", Quote(name), NameAdvice(name, names));
}

void MixFacts::Add(std::string_view name, const Shape& shape) {
  if (name == "output.weight") is_tied_ = false;
  if (shape.rank() == 3 && Has(name, "_exps.weight")) experts_ = std::max(experts_, shape[0]);
  if (!IsValue(name)) return;
  const size_t layer = LayerOf(name);
  const auto at = std::ranges::lower_bound(attention_layers_, layer);
  if (at == attention_layers_.end() || *at != layer) attention_layers_.insert(at, layer);
}

std::optional<DType> MixedType(const TypeMix& mix, const MixFacts& facts, std::string_view name,
                               const Shape& shape) {
  if (!IsQuantised(name, shape)) return std::nullopt;
  const auto* const row = std::ranges::find(
      kRows, mix.name, [](const MixRow& candidate) { return candidate.mix.name; });
  TARE_CHECK(row != std::end(kRows));
  return FittingType(WantedType(*row, facts, name, shape), shape[shape.rank() - 1]);
}

}  // namespace tare
