#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "format/testing/raw_gguf.h"

namespace tare {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr uint64_t kHuge = std::numeric_limits<uint64_t>::max();

// Two tensors and a value of each kind.
RawGguf Valid() {
  RawGguf raw;
  raw.values.push_back(RawBytes().Text("f").Type(GgufValueType::kF32).Number(0.5f));
  raw.values.push_back(RawBytes().Text("b").Type(GgufValueType::kBool).Number<uint8_t>(1));
  raw.values.push_back(RawBytes()
                           .Text("names")
                           .Type(GgufValueType::kArray)
                           .Type(GgufValueType::kString)
                           .Number<uint64_t>(2)
                           .Text("a")
                           .Text("bc"));
  raw.tensors = {{.name = "one", .dims = {32, 2}, .type = 8},
                 {.name = "two", .dims = {3}, .type = 0, .offset = 96}};
  raw.data_bytes = 96 + 12;
  return raw;
}

void ExpectRefused(std::span<const std::byte> bytes, ErrorCode code,
                   const testing::Matcher<std::string>& message) {
  const auto file = GgufFile::Parse(bytes, "bad.gguf");
  ASSERT_FALSE(file.ok()) << "was accepted";
  EXPECT_EQ(file.error().code(), code) << file.error().message();
  EXPECT_THAT(file.error().message(), AllOf(HasSubstr("bad.gguf: "), message));
}

void ExpectRefused(const RawGguf& raw, ErrorCode code,
                   const testing::Matcher<std::string>& message) {
  ExpectRefused(raw.Build().span(), code, message);
}

TEST(GgufHostileTest, TheUnspoiledFileIsAccepted) {
  const RawBytes raw = Valid().Build();
  const auto file = GgufFile::Parse(raw.span(), "good.gguf");
  ASSERT_TRUE(file.ok()) << file.error().message();
  EXPECT_EQ(file->tensors().size(), 2u);
  EXPECT_EQ(file->values().size(), 5u);
}

TEST(GgufHostileTest, CutShortAnywhere) {
  const RawBytes raw = Valid().Build();
  for (size_t length = 0; length < raw.size(); ++length) {
    // A copy of exactly that length, so that a sanitizer sees the first byte too far.
    const std::vector<std::byte> cut(raw.span().begin(),
                                     raw.span().begin() + static_cast<ptrdiff_t>(length));
    const auto file = GgufFile::Parse(cut, "cut.gguf");
    ASSERT_FALSE(file.ok()) << length;
    ASSERT_EQ(file.error().code(), ErrorCode::kCorruptFile) << length;
  }
}

TEST(GgufHostileTest, AnyByteSpoiledIsRefusedOrStaysWithinTheFile) {
  const RawBytes raw = Valid().Build();
  for (size_t at = 0; at < raw.size(); ++at) {
    for (const int flip : {0x01, 0x7f, 0x80, 0xff}) {
      std::vector<std::byte> spoiled(raw.span().begin(), raw.span().end());
      spoiled[at] ^= static_cast<std::byte>(flip);
      const auto file = GgufFile::Parse(spoiled, "spoiled.gguf");
      if (file.ok()) {
        EXPECT_GT(ReadEverything(*file), 0u);
      }
    }
  }
}

TEST(GgufHostileTest, WrongMagic) {
  RawGguf raw = Valid();
  raw.magic = "GG\"\x01";
  ExpectRefused(raw, ErrorCode::kCorruptFile,
                AllOf(HasSubstr("not a GGUF file"), HasSubstr("\"GG\\\"\\x01\"")));
}

TEST(GgufHostileTest, VersionOneAndVersionsToCome) {
  RawGguf raw = Valid();
  raw.version = 1;
  ExpectRefused(raw, ErrorCode::kUnsupported, HasSubstr("version 1, expected 2 or 3"));
  raw.version = 4;
  ExpectRefused(raw, ErrorCode::kUnsupported, HasSubstr("version 4, expected 2 or 3"));
}

TEST(GgufHostileTest, BigEndian) {
  RawGguf raw = Valid();
  raw.version = 0x03000000;
  ExpectRefused(raw, ErrorCode::kUnsupported, HasSubstr("big-endian"));
}

TEST(GgufHostileTest, CountsThatTheFileCannotHold) {
  RawGguf raw = Valid();
  raw.value_count = kHuge;
  ExpectRefused(raw, ErrorCode::kCorruptFile, HasSubstr("18446744073709551615 metadata keys"));
  raw = Valid();
  raw.tensor_count = 1000;
  ExpectRefused(raw, ErrorCode::kCorruptFile, HasSubstr("1000 tensors"));
}

TEST(GgufHostileTest, CountsBeyondWhatIsRead) {
  RawGguf raw;
  raw.value_count = 70000;
  raw.data_bytes = 13 * 70000;
  ExpectRefused(raw, ErrorCode::kUnsupported, HasSubstr("70000 metadata keys, expected at most"));
  raw = {};
  raw.tensor_count = 1100000;
  raw.data_bytes = size_t{32} * 1100000;
  ExpectRefused(raw, ErrorCode::kUnsupported, HasSubstr("1100000 tensors, expected at most"));
}

TEST(GgufHostileTest, KeyLengthThatOverflows) {
  RawGguf raw = Valid();
  raw.values[0] = RawBytes().Number(kHuge).Plain("general.architecture");
  ExpectRefused(raw, ErrorCode::kCorruptFile,
                AllOf(HasSubstr("metadata entry 0: key at byte 24"), HasSubstr("cut short")));
}

TEST(GgufHostileTest, StringLengthThatOverflows) {
  RawGguf raw = Valid();
  raw.values[0] = RawBytes().Text("name").Type(GgufValueType::kString).Number(kHuge - 7);
  ExpectRefused(raw, ErrorCode::kCorruptFile,
                AllOf(HasSubstr("\"name\""), HasSubstr("18446744073709551608 bytes")));
}

TEST(GgufHostileTest, TensorNameLengthThatOverflows) {
  RawGguf raw = Valid();
  raw.tensors.clear();
  raw.tensor_count = 1;
  raw.values.push_back(RawBytes().Number(kHuge).Zeros(64));  // read as the first tensor entry
  raw.value_count = 5;
  ExpectRefused(raw, ErrorCode::kCorruptFile, HasSubstr("tensor entry 0: name"));
}

TEST(GgufHostileTest, UnknownValueType) {
  RawGguf raw = Valid();
  raw.values[1] = RawBytes().Text("odd").Number<uint32_t>(13).Number<uint64_t>(0);
  ExpectRefused(raw, ErrorCode::kCorruptFile,
                AllOf(HasSubstr("\"odd\""), HasSubstr("is 13, expected 0 to 12")));
}

TEST(GgufHostileTest, ArrayOfArrays) {
  RawGguf raw = Valid();
  raw.values[1] = RawBytes()
                      .Text("deep")
                      .Type(GgufValueType::kArray)
                      .Type(GgufValueType::kArray)
                      .Number<uint64_t>(1);
  ExpectRefused(raw, ErrorCode::kUnsupported,
                AllOf(HasSubstr("\"deep\""), HasSubstr("array of arrays")));
}

TEST(GgufHostileTest, ArraySizeThatOverflows) {
  RawGguf raw = Valid();
  raw.values[1] = RawBytes()
                      .Text("long")
                      .Type(GgufValueType::kArray)
                      .Type(GgufValueType::kU64)
                      .Number<uint64_t>(uint64_t{1} << 61);
  ExpectRefused(raw, ErrorCode::kCorruptFile, AllOf(HasSubstr("\"long\""), HasSubstr("overflow")));
}

TEST(GgufHostileTest, ArrayLongerThanTheFile) {
  for (const auto type : {GgufValueType::kU8, GgufValueType::kString, GgufValueType::kBool}) {
    RawGguf raw = Valid();
    raw.values[1] = RawBytes()
                        .Text("long")
                        .Type(GgufValueType::kArray)
                        .Type(type)
                        .Number<uint64_t>(uint64_t{1} << 40);
    ExpectRefused(raw, ErrorCode::kCorruptFile, HasSubstr("\"long\""));
  }
}

TEST(GgufHostileTest, BoolThatIsNeitherTrueNorFalse) {
  RawGguf raw = Valid();
  raw.values[1] = RawBytes().Text("flag").Type(GgufValueType::kBool).Number<uint8_t>(2);
  ExpectRefused(raw, ErrorCode::kCorruptFile,
                AllOf(HasSubstr("\"flag\""), HasSubstr("is 2, expected 0 or 1")));
}

TEST(GgufHostileTest, DuplicateKey) {
  RawGguf raw = Valid();
  raw.values[2] = raw.values[1];
  ExpectRefused(raw, ErrorCode::kCorruptFile, HasSubstr("\"llama.block_count\" occurs twice"));
}

TEST(GgufHostileTest, DuplicateTensor) {
  RawGguf raw = Valid();
  raw.tensors[1].name = "one";
  ExpectRefused(raw, ErrorCode::kCorruptFile, HasSubstr("tensor \"one\" occurs twice"));
}

TEST(GgufHostileTest, AlignmentThatIsNoPowerOfTwoOrOutOfRange) {
  for (const uint32_t alignment : {0u, 4u, 48u, 1u << 17}) {
    RawGguf raw = Valid();
    raw.values[1] =
        RawBytes().Text("general.alignment").Type(GgufValueType::kU32).Number(alignment);
    ExpectRefused(raw, ErrorCode::kCorruptFile,
                  HasSubstr(fmt::format("is {}, expected a power of two", alignment)));
  }
}

TEST(GgufHostileTest, AlignmentThatIsNoNumber) {
  RawGguf raw = Valid();
  raw.values[1] = RawBytes().Text("general.alignment").Type(GgufValueType::kString).Text("32");
  ExpectRefused(raw, ErrorCode::kCorruptFile, HasSubstr("is string, expected an integer"));
}

TEST(GgufHostileTest, TooManyOrNoDimensions) {
  RawGguf raw = Valid();
  raw.tensors[1].dims = {2, 2, 2, 2, 2};
  ExpectRefused(raw, ErrorCode::kCorruptFile,
                AllOf(HasSubstr("\"two\""), HasSubstr("is 5, expected 1 to 4")));
  raw.tensors[1].dims = {};
  ExpectRefused(raw, ErrorCode::kCorruptFile, HasSubstr("is 0, expected 1 to 4"));
  raw.tensors[1].rank = std::numeric_limits<uint32_t>::max();
  ExpectRefused(raw, ErrorCode::kCorruptFile, HasSubstr("is 4294967295, expected 1 to 4"));
}

TEST(GgufHostileTest, DimensionOfZero) {
  RawGguf raw = Valid();
  raw.tensors[1].dims = {3, 0};
  ExpectRefused(raw, ErrorCode::kCorruptFile,
                AllOf(HasSubstr("\"two\""), HasSubstr("dimension 1"), HasSubstr("is 0")));
}

TEST(GgufHostileTest, ProductOfDimensionsThatOverflows) {
  RawGguf raw = Valid();
  raw.tensors[1].dims = {uint64_t{1} << 32, uint64_t{1} << 32, 4};
  ExpectRefused(raw, ErrorCode::kCorruptFile, AllOf(HasSubstr("\"two\""), HasSubstr("overflows")));
}

TEST(GgufHostileTest, ByteSizeThatOverflowsThoughTheProductFits) {
  RawGguf raw = Valid();
  raw.tensors[1].dims = {uint64_t{1} << 62};
  ExpectRefused(raw, ErrorCode::kCorruptFile, AllOf(HasSubstr("\"two\""), HasSubstr("overflows")));
}

TEST(GgufHostileTest, RowsThatCutABlock) {
  RawGguf raw = Valid();
  raw.tensors[0].dims = {33, 2};
  ExpectRefused(raw, ErrorCode::kCorruptFile,
                AllOf(HasSubstr("\"one\""), HasSubstr("rows of 33 elements"),
                      HasSubstr("q8_0 is stored in blocks of 32")));
  raw.tensors[0].dims = {576, 2};
  raw.tensors[0].type = 14;
  ExpectRefused(raw, ErrorCode::kCorruptFile,
                AllOf(HasSubstr("\"one\""), HasSubstr("rows of 576 elements"),
                      HasSubstr("q6_k is stored in blocks of 256")));
}

TEST(GgufHostileTest, TensorTypesAreRefusedByName) {
  RawGguf raw = Valid();
  raw.tensors[1].type = 16;
  ExpectRefused(raw, ErrorCode::kUnsupported,
                AllOf(HasSubstr("\"two\""), HasSubstr("type IQ2_XXS, expected F32")));
  raw.tensors[1].type = 4;  // withdrawn
  ExpectRefused(raw, ErrorCode::kUnsupported, HasSubstr("type Q4_2, expected"));
  raw.tensors[1].type = 12345;
  ExpectRefused(raw, ErrorCode::kUnsupported, HasSubstr("unknown type 12345"));
}

TEST(GgufHostileTest, UnalignedOffset) {
  RawGguf raw = Valid();
  raw.tensors[1].offset = 100;
  ExpectRefused(raw, ErrorCode::kCorruptFile,
                AllOf(HasSubstr("\"two\""), HasSubstr("offset 100, expected a multiple of")));
}

TEST(GgufHostileTest, OffsetBeyondTheFile) {
  RawGguf raw = Valid();
  raw.tensors[1].offset = 1 << 20;
  ExpectRefused(raw, ErrorCode::kCorruptFile,
                AllOf(HasSubstr("\"two\""), HasSubstr("do not lie within the file")));
}

TEST(GgufHostileTest, OffsetThatOverflows) {
  RawGguf raw = Valid();
  raw.tensors[1].offset = kHuge - 31;
  ExpectRefused(raw, ErrorCode::kCorruptFile,
                AllOf(HasSubstr("\"two\""), HasSubstr("do not lie within the file")));
}

TEST(GgufHostileTest, OverlappingTensors) {
  RawGguf raw = Valid();
  raw.tensors[1].offset = 64;
  ExpectRefused(raw, ErrorCode::kCorruptFile,
                AllOf(HasSubstr("\"two\""), HasSubstr("within tensor \"one\"")));
  raw.tensors[1].offset = 0;
  ExpectRefused(raw, ErrorCode::kCorruptFile, HasSubstr("within tensor"));
}

TEST(GgufHostileTest, NamesOfTheFileAreMadeSafeInMessages) {
  RawGguf raw = Valid();
  raw.tensors[1].name = "\x1b[2J\n" + std::string(500, 'x');
  raw.tensors[1].type = 16;
  const RawBytes bytes = raw.Build();
  const auto file = GgufFile::Parse(bytes.span(), "bad.gguf");
  ASSERT_FALSE(file.ok());
  EXPECT_THAT(file.error().message(), HasSubstr("\\x1b[2J\\x0a"));
  EXPECT_LT(file.error().message().size(), 400u);
}

TEST(GgufHostileTest, BytesAtAnOddAddress) {
  RawBytes raw;
  raw.Zeros(1).Append(Valid().Build());
  ExpectRefused(raw.span().subspan(1), ErrorCode::kInvalidInput, HasSubstr("multiple of 8"));
}

}  // namespace
}  // namespace tare
