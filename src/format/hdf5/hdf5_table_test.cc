#include "format/hdf5/hdf5_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/fails_with.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Record {
  std::string name = "a";
  Hdf5Element element = Hdf5Element::kF32;
  Hdf5Place place = Hdf5Place::kMapped;
  std::vector<uint64_t> dims = {2, 3};
  uint64_t offset = 64;
  uint64_t bytes = 24;
};

void Put(Hdf5WireWriter& out, const Record& record) {
  out.Put(Hdf5Record::kDataset).Put(record.element).Put(record.place).Text(record.name);
  out.Put(static_cast<uint8_t>(record.dims.size()));
  for (const uint64_t dim : record.dims) out.Put(dim);
  out.Put(record.offset).Put(record.bytes);
}

constexpr uint64_t kFileBytes = 1000;
constexpr uint64_t kMaxCopied = 100;

Result<Hdf5Table> Parse(const std::vector<Record>& records) {
  Hdf5WireWriter out;
  for (const Record& record : records) Put(out, record);
  out.Put(Hdf5Record::kEnd).Put(static_cast<uint32_t>(records.size()));
  return ParseHdf5Table(out.bytes(), kFileBytes, kMaxCopied);
}

std::string ErrorOf(const std::vector<Record>& records) {
  const auto table = Parse(records);
  return table.ok() ? "no error" : table.error().message();
}

TEST(Hdf5TableTest, SortsByNameAndKeepsWhatWasSaid) {
  const auto table = Parse({{.name = "b"}, {.name = "a", .offset = 96}});
  ASSERT_TRUE(table.ok()) << table.error().message();
  ASSERT_EQ(table->datasets.size(), 2u);
  EXPECT_EQ(table->datasets[0].name, "a");
  EXPECT_EQ(table->datasets[0].offset, 96u);
  EXPECT_EQ(table->datasets[1].shape, Shape({2, 3}));
}

TEST(Hdf5TableTest, RefusesNames) {
  EXPECT_THAT(ErrorOf({{.name = ""}}), HasSubstr("has a name that is empty"));
  EXPECT_THAT(ErrorOf({{.name = std::string("a\0b", 3)}}), HasSubstr("\"a\\x00b\": has a name"));
  EXPECT_THAT(ErrorOf({{.name = std::string(kHdf5MaxName + 1, 'x')}}), HasSubstr("too long"));
  EXPECT_THAT(ErrorOf({{.offset = 64}, {.offset = 96}}), HasSubstr("\"a\": appears twice"));
}

TEST(Hdf5TableTest, RefusesShapesAndSizesThatDisagree) {
  EXPECT_THAT(ErrorOf({{.bytes = 25}}), HasSubstr("f32 of shape [2, 3] cannot take 25 bytes"));
  EXPECT_THAT(ErrorOf({{.dims = {2, 0}, .bytes = 0}}), HasSubstr("has a dimension of 0"));
  EXPECT_THAT(ErrorOf({{.dims = {uint64_t{1} << 63, 4}, .bytes = 0}}), HasSubstr("cannot take"));
  EXPECT_THAT(ErrorOf({{.dims = std::vector<uint64_t>(9, 1), .bytes = 4}}),
              HasSubstr("too many dimensions"));
}

TEST(Hdf5TableTest, RefusesDataOutsideTheFile) {
  EXPECT_EQ(ErrorOf({{.offset = 976}}), "no error");
  EXPECT_THAT(ErrorOf({{.offset = 980}}), HasSubstr("its 24 bytes at 980 reach past the end"));
  EXPECT_THAT(ErrorOf({{.offset = ~uint64_t{0} - 3}}), HasSubstr("past the end"));
}

TEST(Hdf5TableTest, RefusesDataWithinOtherData) {
  EXPECT_EQ(ErrorOf({{.name = "a", .offset = 64}, {.name = "b", .offset = 88}}), "no error");
  EXPECT_THAT(ErrorOf({{.name = "a", .offset = 64}, {.name = "b", .offset = 84}}),
              HasSubstr("\"b\": lies within \"a\""));
}

TEST(Hdf5TableTest, RefusesUnknownKinds) {
  EXPECT_THAT(ErrorOf({{.element = static_cast<Hdf5Element>(77)}}), HasSubstr("unknown type"));
  EXPECT_THAT(ErrorOf({{.place = static_cast<Hdf5Place>(77)}}), HasSubstr("unknown type"));
  EXPECT_THAT(ErrorOf({{.place = Hdf5Place::kMisaligned}}), HasSubstr("unknown type"));
}

TEST(Hdf5TableTest, RefusesMoreCopiesThanAllowed) {
  const Record copy{.place = Hdf5Place::kFiltered, .dims = {24}, .bytes = 96};
  EXPECT_EQ(ErrorOf({copy}), "no error");
  Record more = copy;
  more.name = "b";
  EXPECT_THAT(ErrorOf({copy, more}), HasSubstr("more than 100 bytes would have to be copied"));
}

TEST(Hdf5TableTest, MisalignedDataBecomesACopy) {
  const auto table = Parse({{.offset = 66}});
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->datasets[0].place, Hdf5Place::kMisaligned);
}

TEST(Hdf5TableTest, KeepsOtherNumbersApart) {
  const auto table = Parse({{.element = Hdf5Element::kOther, .bytes = 5}});
  ASSERT_TRUE(table.ok());
  EXPECT_THAT(table->left_out, ElementsAre("a"));
  EXPECT_TRUE(table->datasets.empty());
}

TEST(Hdf5TableTest, EveryCutAndEveryExtraByteIsRefused) {
  Hdf5WireWriter out;
  Put(out, {});
  out.Put(Hdf5Record::kEnd).Put(uint32_t{1});
  const auto bytes = out.bytes();
  ASSERT_TRUE(ParseHdf5Table(bytes, kFileBytes, kMaxCopied).ok());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(ParseHdf5Table(bytes.first(size), kFileBytes, kMaxCopied),
                FailsWith(ErrorCode::kCorruptFile, "cut short"))
        << size;
  }
  out.Put(uint8_t{0});
  EXPECT_THAT(ParseHdf5Table(out.bytes(), kFileBytes, kMaxCopied),
              FailsWith(ErrorCode::kCorruptFile, "cut short"));
}

TEST(Hdf5TableTest, ProblemsAreShownWithoutTheirControlCharacters) {
  Hdf5WireWriter out;
  out.Put(Hdf5Record::kProblem).Put(Hdf5Problem::kSoftLink).Text("x\x1b[2J").Text("de\ntail");
  const auto table = ParseHdf5Table(out.bytes(), kFileBytes, kMaxCopied);
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.error().message(),
            "\"x\\x1b[2J\" is a soft link; model files hold datasets only (de\\x0atail)");
}

}  // namespace
}  // namespace tare
