#include "tools/convert/type_mix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/testing/test_paths.h"
#include "tensor/quantize.h"

namespace tare {
namespace {

using testing::HasSubstr;

TEST(TypeMixTest, NamesAreUniqueAndTheirTypesCanBeWritten) {
  std::map<uint32_t, std::string_view> by_file_type;
  for (const TypeMix& mix : TypeMixes()) {
    EXPECT_EQ(FindTypeMix(mix.name), &mix) << mix.name;
    EXPECT_TRUE(CanQuantize(mix.base)) << mix.name;
    EXPECT_TRUE(by_file_type.emplace(mix.file_type, mix.name).second) << mix.name;
  }
  EXPECT_EQ(FindTypeMix("q4_k"), FindTypeMix("q4_k_m"));
  const auto unknown = TypeMixFromName("q4_k_l");
  ASSERT_FALSE(unknown.ok());
  EXPECT_THAT(unknown.error().message(), HasSubstr("q4_k_m"));
}

// A model of type_mixes.txt. Names with * stand for a tensor of each layer.
class GoldenModel {
 public:
  GoldenModel(size_t layers, size_t heads, size_t kv_heads)
      : layers_(layers), facts_(layers, heads, kv_heads) {}

  void Add(const std::string& kind, const Shape& shape) {
    shapes_.emplace(kind, shape);
    for (const std::string& name : NamesOf(kind)) facts_.Add(name, shape);
  }

  // One word for each tensor of the kind; those that keep their type are f32.
  std::vector<std::string> Types(const TypeMix& mix, const std::string& kind) const {
    std::vector<std::string> types;
    for (const std::string& name : NamesOf(kind)) {
      const DType type = MixedType(mix, facts_, name, shapes_.at(kind)).value_or(DType::kF32);
      types.emplace_back(DTypeName(type));
    }
    return types;
  }

 private:
  std::vector<std::string> NamesOf(const std::string& kind) const {
    const size_t star = kind.find('*');
    if (star == std::string::npos) return {kind};
    std::vector<std::string> names;
    for (size_t layer = 0; layer < layers_; ++layer) {
      names.push_back(std::string(kind).replace(star, 1, std::to_string(layer)));
    }
    return names;
  }

  size_t layers_;
  MixFacts facts_;
  std::map<std::string, Shape> shapes_;
};

// "q6_k:2 q4_k:3" → q6_k q6_k q4_k q4_k q4_k
std::vector<std::string> Spread(std::istream& runs) {
  std::vector<std::string> words;
  for (std::string run; runs >> run;) {
    const size_t colon = run.find(':');
    words.insert(words.end(), std::stoul(run.substr(colon + 1)), run.substr(0, colon));
  }
  return words;
}

TEST(TypeMixTest, GivesTensorsTheTypesOfLlamaCppsQuantiser) {
  std::ifstream in(SourceFile("tests/golden/type_mixes.txt"));
  std::vector<GoldenModel> models;
  const TypeMix* mix = nullptr;
  size_t compared = 0;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string first, name;
    words >> first;
    if (first == "model") {
      size_t layers = 0, heads = 0, kv_heads = 0;
      words >> layers >> heads >> kv_heads;
      models.emplace_back(layers, heads, kv_heads);
    } else if (first == "tensor") {
      std::vector<size_t> dims;
      words >> name;
      for (size_t dim = 0; words >> dim;) dims.push_back(dim);
      models.back().Add(name, Shape(std::span<const size_t>(dims)));
    } else if (first == "mix") {
      words >> name;
      mix = FindTypeMix(name);
      ASSERT_NE(mix, nullptr) << name;
    } else {
      const std::vector<std::string> want = Spread(words);
      EXPECT_EQ(models.back().Types(*mix, first), want)
          << mix->name << " " << first << ", model " << models.size();
      compared += want.size();
    }
  }
  EXPECT_EQ(models.size(), 8u);
  EXPECT_GT(compared, 10000u);
}

TEST(TypeMixTest, LayersWithoutAttentionDoNotCount) {
  // Values of layers 1, 3, … of 16: the first of eight is among the ends.
  MixFacts facts(16, 4, 4);
  const Shape shape = {4, 256};
  for (size_t layer = 1; layer < 16; layer += 2) {
    facts.Add("blk." + std::to_string(layer) + ".attn_v.weight", shape);
  }
  const TypeMix& mix = *FindTypeMix("q4_k_m");
  EXPECT_EQ(MixedType(mix, facts, "blk.1.attn_v.weight", shape), DType::kQ6_K);
  EXPECT_EQ(MixedType(mix, facts, "blk.3.attn_v.weight", shape), DType::kQ4_K);
  EXPECT_EQ(MixedType(mix, facts, "blk.7.attn_v.weight", shape), DType::kQ6_K);
}

TEST(TypeMixTest, SmallAndSensitiveTensorsKeepTheirTypes) {
  const MixFacts facts(4, 4, 4);
  const TypeMix& mix = *FindTypeMix("q4_0");
  const Shape matrix = {8, 256};
  for (const char* name :
       {"blk.0.attn_norm.weight", "blk.0.ffn_gate_inp.weight", "blk.0.attn_q.bias",
        "position_embd.weight", "blk.0.shortconv.conv.weight", "rope_freqs"}) {
    EXPECT_EQ(MixedType(mix, facts, name, matrix), std::nullopt) << name;
  }
  EXPECT_EQ(MixedType(mix, facts, "blk.0.attn_q.weight", {256}), std::nullopt);
  EXPECT_EQ(MixedType(mix, facts, "blk.0.attn_q.weight", {1, 256}), std::nullopt);
  EXPECT_EQ(MixedType(mix, facts, "blk.0.attn_q.weight", matrix), DType::kQ4_0);
}

}  // namespace
}  // namespace tare
