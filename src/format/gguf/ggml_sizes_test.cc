#include "format/gguf/ggml_sizes.h"

#include <gtest/gtest.h>

#include "format/gguf/gguf.h"
#include "format/gguf/gguf_types.h"
#include "format/testing/raw_gguf.h"

namespace tare {
namespace {

TEST(GgmlSizesTest, AgreeWithTheTypesThatTareReads) {
  for (uint32_t code = 0; code < 100; ++code) {
    const auto dtype = DTypeFromGgml(code);
    if (!dtype) continue;
    const auto block = GgmlBlockOf(code);
    ASSERT_TRUE(block.has_value()) << code;
    EXPECT_EQ(block->elements, BlockElements(*dtype)) << code;
    EXPECT_EQ(block->bytes, BlockBytes(*dtype)) << code;
  }
}

TEST(GgmlSizesTest, EveryTypeWithASizeHasAName) {
  EXPECT_EQ(GgmlBlockOf(21)->bytes, 110u);  // IQ3_S
  EXPECT_EQ(GgmlBlockOf(42)->bytes, 18u);   // Q2_0
  EXPECT_EQ(GgmlTypeName(42), "Q2_0");
  for (uint32_t code = 0; code < 100; ++code) {
    EXPECT_LE(GgmlBlockOf(code).has_value(), GgmlTypeName(code).has_value()) << code;
  }
  EXPECT_FALSE(GgmlBlockOf(4).has_value());
  EXPECT_FALSE(GgmlBlockOf(4000).has_value());
}

RawGguf WithForeignTensor() {
  RawGguf raw;
  raw.tensors = {{.name = "norm", .dims = {32}, .type = 0, .offset = 0},
                 {.name = "matrix", .dims = {256, 3}, .type = 21, .offset = 128}};
  raw.data_bytes = 128 + 3 * 110;
  return raw;
}

TEST(ForeignTypesTest, AreListedOnlyWhereAskedFor) {
  const RawBytes bytes = WithForeignTensor().Build();
  const auto strict = GgufFile::Parse(bytes.span(), "model.gguf");
  ASSERT_FALSE(strict.ok());
  EXPECT_NE(strict.error().message().find("has type IQ3_S"), std::string::npos);
  const auto file = GgufFile::Parse(bytes.span(), "model.gguf", ForeignTypes::kList);
  ASSERT_TRUE(file.ok()) << file.error().message();
  ASSERT_EQ(file->tensors().size(), 1u);
  ASSERT_EQ(file->foreign().size(), 1u);
  const ForeignTensor& foreign = file->foreign()[0];
  EXPECT_EQ(foreign.name, "matrix");
  EXPECT_EQ(foreign.type, "IQ3_S");
  EXPECT_EQ(foreign.bytes, 3u * 110);
  EXPECT_EQ(foreign.file_offset, file->data_offset() + 128);
}

TEST(ForeignTypesTest, MustLieWithinTheFileAndHaveASize) {
  RawGguf cut = WithForeignTensor();
  cut.data_bytes -= 1;
  EXPECT_FALSE(GgufFile::Parse(cut.Build().span(), "m", ForeignTypes::kList).ok());
  RawGguf unknown = WithForeignTensor();
  unknown.tensors[1].type = 4;
  EXPECT_FALSE(GgufFile::Parse(unknown.Build().span(), "m", ForeignTypes::kList).ok());
  RawGguf huge = WithForeignTensor();
  huge.tensors[1].dims = {uint64_t{1} << 40, uint64_t{1} << 40};
  EXPECT_FALSE(GgufFile::Parse(huge.Build().span(), "m", ForeignTypes::kList).ok());
}

}  // namespace
}  // namespace tare
