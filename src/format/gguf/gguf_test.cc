#include "format/gguf/gguf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "base/testing/fails_with.h"
#include "format/testing/raw_gguf.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <typename T>
RawBytes Scalar(std::string_view key, T value) {
  RawBytes bytes;
  bytes.Text(key).Type(kGgufValueTypeOf<T>).Number(value);
  return bytes;
}

class GgufTest : public testing::Test {
 protected:
  // Parses what `raw_` describes; the bytes live as long as the test.
  GgufFile Parse() {
    bytes_ = raw_.Build();
    auto file = GgufFile::Parse(bytes_.span(), "m.gguf");
    EXPECT_TRUE(file.ok()) << (file.ok() ? "" : file.error().message());
    return std::move(file).value();
  }

  RawGguf raw_;
  RawBytes bytes_;
};

TEST_F(GgufTest, ReadsEveryIntegerTypeAsANumber) {
  raw_.values = {Scalar<uint8_t>("u8", 200),
                 Scalar<int8_t>("i8", -7),
                 Scalar<uint16_t>("u16", 65000),
                 Scalar<int16_t>("i16", 300),
                 Scalar<uint32_t>("u32", 4000000000),
                 Scalar<int32_t>("i32", 5),
                 Scalar<uint64_t>("u64", ~uint64_t{0}),
                 Scalar<int64_t>("i64", int64_t{1} << 40)};
  const GgufFile file = Parse();
  EXPECT_EQ(*file.GetUint("u8"), 200u);
  EXPECT_EQ(*file.GetUint("u16"), 65000u);
  EXPECT_EQ(*file.GetUint("i16"), 300u);
  EXPECT_EQ(*file.GetUint("u32"), 4000000000u);
  EXPECT_EQ(*file.GetUint("i32"), 5u);
  EXPECT_EQ(*file.GetUint("u64"), ~uint64_t{0});
  EXPECT_EQ(*file.GetUint("i64"), uint64_t{1} << 40);
  EXPECT_EQ(*file.FindValue("i8")->AsI64(), -7);
}

TEST_F(GgufTest, RefusesNumbersThatDoNotFitTheQuestion) {
  raw_.values = {Scalar<int8_t>("i8", -7), Scalar<uint64_t>("u64", ~uint64_t{0}),
                 Scalar<double>("f64", 1e300)};
  const GgufFile file = Parse();
  EXPECT_THAT(file.GetUint("i8").error().message(), HasSubstr("is -7"));
  EXPECT_THAT(file.FindValue("u64")->AsI64().error().message(), HasSubstr("at most"));
  EXPECT_THAT(file.FindValue("u64")->AsU32().error().message(), HasSubstr("at most 4294967295"));
  EXPECT_THAT(file.GetFloat("f64").error().message(), HasSubstr("does not fit f32"));
}

TEST_F(GgufTest, ReadsFloatsBoolsAndStrings) {
  raw_.values = {Scalar("f32", 0.5f), Scalar("f64", 0.25), Scalar("yes", true),
                 RawBytes().Text("s").Type(GgufValueType::kString).Text("\xff\x01x")};
  const GgufFile file = Parse();
  EXPECT_EQ(*file.GetFloat("f32"), 0.5f);
  EXPECT_EQ(*file.GetFloat("f64"), 0.25f);
  EXPECT_TRUE(*file.GetBool("yes"));
  EXPECT_EQ(*file.GetString("s"), "\xff\x01x");
}

TEST_F(GgufTest, ReadsArraysWhereTheyLie) {
  raw_.values = {RawBytes()
                     .Text("words")
                     .Type(GgufValueType::kArray)
                     .Type(GgufValueType::kString)
                     .Number<uint64_t>(3)
                     .Text("a")
                     .Text("")
                     .Text("ccc"),
                 RawBytes()
                     .Text("types")
                     .Type(GgufValueType::kArray)
                     .Type(GgufValueType::kI32)
                     .Number<uint64_t>(2)
                     .Number<int32_t>(-1)
                     .Number<int32_t>(9),
                 RawBytes()
                     .Text("none")
                     .Type(GgufValueType::kArray)
                     .Type(GgufValueType::kF32)
                     .Number<uint64_t>(0)};
  const GgufFile file = Parse();
  const GgufStrings words = *file.GetStrings("words");
  EXPECT_EQ(words.size(), 3u);
  EXPECT_THAT(std::vector(words.begin(), words.end()), ElementsAre("a", "", "ccc"));
  const auto offsets = *words.Offsets();
  EXPECT_EQ(words.AtOffset(offsets[2]), "ccc");
  const auto types = *file.FindValue("types")->AsI32Array();
  ASSERT_EQ(types.size(), 2u);
  EXPECT_EQ(types[0], -1);
  EXPECT_EQ(types[1], 9);
  EXPECT_EQ(*file.FindValue("types")->At(1)->AsU64(), 9u);
  EXPECT_THAT(file.FindValue("types")->At(2).error().message(), HasSubstr("has 2 elements"));
  EXPECT_EQ(file.FindValue("none")->AsF32Array()->size(), 0u);
  EXPECT_EQ(file.FindValue("words")->TypeName(), "array of 3 string");
}

TEST_F(GgufTest, ErrorsNameTheFileTheKeyAndBothTypes) {
  const GgufFile file = Parse();
  EXPECT_EQ(file.GetUint("general.architecture").error().message(),
            "m.gguf: metadata key \"general.architecture\": is string, expected an integer");
  EXPECT_EQ(file.GetStrings("llama.block_count").error().message(),
            "m.gguf: metadata key \"llama.block_count\": is u32, expected an array of string");
  EXPECT_EQ(file.GetUint("llama.nothing").error().message(),
            "m.gguf: metadata key \"llama.nothing\" is missing");
  EXPECT_THAT(file.GetTensor("gone").error().message(),
              HasSubstr("m.gguf: tensor \"gone\" is missing"));
}

TEST_F(GgufTest, AFallbackStandsInForAMissingKeyOnly) {
  const GgufFile file = Parse();
  EXPECT_EQ(*file.GetUintOr("llama.nothing", 7), 7u);
  EXPECT_EQ(*file.GetUintOr("llama.block_count", 7), 2u);
  EXPECT_EQ(*file.GetStringOr("nothing", "x"), "x");
  EXPECT_EQ(*file.GetFloatOr("nothing", 1.5f), 1.5f);
  EXPECT_TRUE(*file.GetBoolOr("nothing", true));
  EXPECT_THAT(file.GetFloatOr("llama.block_count", 1.5f),
              FailsWith(ErrorCode::kCorruptFile, "is u32, expected"));
}

TEST_F(GgufTest, ShapesAreReversedAndViewsLieInTheFile) {
  raw_.tensors = {{.name = "b", .dims = {64, 3}, .type = 3, .offset = 128},
                  {.name = "a", .dims = {7, 5, 3, 2}, .type = 1, .offset = 256}};
  raw_.data_bytes = 256 + 420;
  const GgufFile file = Parse();
  const TensorView b = *file.GetTensor("b");
  EXPECT_EQ(b.shape, Shape({3, 64}));
  EXPECT_EQ(b.dtype, DType::kQ4_1);
  EXPECT_EQ(b.bytes(), 120u);
  EXPECT_EQ(b.data, bytes_.span().data() + file.data_offset() + 128);
  EXPECT_EQ(file.GetTensor("a")->shape, Shape({2, 3, 5, 7}));
  EXPECT_EQ(file.tensors()[0].name, "b");
  EXPECT_EQ(file.tensors()[0].file_offset, file.data_offset() + 128);
  EXPECT_EQ(file.data_offset() % 32, 0u);
}

TEST_F(GgufTest, HonoursTheAlignmentOfTheFile) {
  raw_.alignment = 4096;
  raw_.values.push_back(Scalar<uint32_t>("general.alignment", 4096));
  raw_.tensors = {{.name = "t", .dims = {8}}};
  raw_.data_bytes = 32;
  const GgufFile file = Parse();
  EXPECT_EQ(file.alignment(), 4096u);
  EXPECT_EQ(file.data_offset(), 4096u);
}

TEST_F(GgufTest, VersionTwoIsReadToo) {
  raw_.version = 2;
  EXPECT_EQ(Parse().version(), 2u);
}

TEST_F(GgufTest, AFileWithoutAnythingIsFine) {
  raw_.values.clear();
  const GgufFile file = Parse();
  EXPECT_TRUE(file.values().empty());
  EXPECT_TRUE(file.tensors().empty());
  EXPECT_EQ(file.FindValue("x"), nullptr);
  EXPECT_EQ(file.FindTensor("x"), nullptr);
}

TEST(GgufOpenTest, AMissingFileIsNamed) {
  const auto file = GgufFile::Open("no/such/model.gguf");
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code(), ErrorCode::kIo);
  EXPECT_THAT(file.error().message(), HasSubstr("no/such/model.gguf"));
}

TEST(GgufRealModelTest, ReadsSmolLM2) {
  const char* path = std::getenv("TARE_TEST_MODEL");
  if (path == nullptr) GTEST_SKIP() << "TARE_TEST_MODEL names no model";
  auto opened = GgufFile::Open(path);
  ASSERT_TRUE(opened.ok()) << opened.error().message();
  const GgufFile file = std::move(opened).value();
  std::map<DType, int> counts;
  for (const auto& tensor : file.tensors()) ++counts[tensor.view.dtype];
  EXPECT_EQ(counts,
            (std::map<DType, int>{{DType::kF32, 61}, {DType::kQ8_0, 1}, {DType::kQ4_1, 210}}));
  EXPECT_EQ(*file.GetString("general.architecture"), "llama");
  EXPECT_EQ(*file.GetUint("llama.block_count"), 30u);
  EXPECT_EQ(file.GetTensor("blk.0.ffn_down.weight")->shape, Shape({576, 1536}));
  EXPECT_EQ(file.GetTensor("token_embd.weight")->shape, Shape({49152, 576}));
  EXPECT_EQ(file.GetStrings("tokenizer.ggml.tokens")->size(), 49152u);
  const auto& last = file.tensors().back();
  EXPECT_LE(last.file_offset + last.view.bytes(), std::filesystem::file_size(path));
  EXPECT_GT(ReadEverything(file), 0u);
}

}  // namespace
}  // namespace tare
