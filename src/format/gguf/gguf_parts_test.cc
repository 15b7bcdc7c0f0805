#include "format/gguf/gguf_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/testing/fails_with.h"
#include "base/testing/temp_folder.h"
#include "format/gguf/gguf.h"
#include "format/testing/raw_gguf.h"

namespace tare {
namespace {

using testing::ElementsAre;

RawBytes Key(std::string_view name, GgufValueType type, uint64_t value) {
  RawBytes key;
  key.Text(name).Type(type);
  if (type == GgufValueType::kU16) key.Number(static_cast<uint16_t>(value));
  if (type == GgufValueType::kI32) key.Number(static_cast<int32_t>(value));
  if (type == GgufValueType::kU64) key.Number(value);
  return key;
}

// A part with one tensor of eight numbers, each of them its place.
struct PartOf {
  uint64_t place = 0;
  uint64_t count = 3;
  std::string tensor = {};
  std::optional<int32_t> total = {};
  GgufValueType type = GgufValueType::kU16;

  std::vector<std::byte> Build() const {
    RawGguf raw;
    if (place > 0) raw.values.clear();  // only the first has the model's metadata
    raw.values.push_back(Key("split.no", type, place));
    raw.values.push_back(Key("split.count", type, count));
    if (total) {
      raw.values.push_back(
          Key("split.tensors.count", GgufValueType::kI32, static_cast<uint64_t>(*total)));
    }
    raw.tensors = {{.name = tensor.empty() ? std::to_string(place) : tensor, .dims = {8}}};
    raw.data_bytes = 8 * sizeof(float);
    std::vector<std::byte> bytes = raw.Build().bytes();
    for (size_t i = 0; i < 8; ++i) {
      const auto number = static_cast<float>(place);
      std::memcpy(bytes.data() + bytes.size() - (i + 1) * sizeof(float), &number, sizeof(float));
    }
    return bytes;
  }
};

Result<GgufFile> Parse(const std::vector<std::vector<std::byte>>& files) {
  std::vector<GgufFile::Part> parts;
  for (size_t i = 0; i < files.size(); ++i) {
    parts.push_back({files[i], "part " + std::to_string(i)});
  }
  return GgufFile::ParseParts(parts);
}

class GgufPartsTest : public testing::Test {
 protected:
  std::string Path(int number, int count = 3) const {
    return folder_.File(fmt::format("m-{:05}-of-{:05}.gguf", number, count));
  }
  void Write(const std::string& path, const PartOf& part) const {
    const std::vector<std::byte> bytes = part.Build();
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  void WriteThree() const {
    Write(Path(1), {.place = 0, .total = 3});
    Write(Path(2), {.place = 1});
    Write(Path(3), {.place = 2});
  }

  const TempFolder folder_;
};

TEST_F(GgufPartsTest, AnyPartOpensAllOfThem) {
  WriteThree();
  for (const int given : {1, 2, 3}) {
    const Result<GgufFile> file = GgufFile::Open(Path(given));
    ASSERT_TRUE(file.ok()) << file.error().message();
    EXPECT_EQ(file->path(), Path(1));
    EXPECT_THAT(file->paths(), ElementsAre(Path(1), Path(2), Path(3)));
    EXPECT_EQ(*file->GetUint("llama.block_count"), 2u);
    ASSERT_EQ(file->tensors().size(), 3u);
    for (uint32_t i = 0; i < 3; ++i) {
      const GgufTensorInfo& tensor = file->tensors()[i];
      EXPECT_EQ(tensor.file, i);
      EXPECT_EQ(tensor.view.f32()[7], static_cast<float>(i));
      EXPECT_EQ(file->FindTensor(std::to_string(i)), &tensor.view);
    }
    file->DropMetadata();
    for (const GgufTensorInfo& tensor : file->tensors()) {
      file->DropPages({tensor.view.data, tensor.view.bytes()});
    }
    EXPECT_GT(ReadEverything(*file), 0u);
  }
}

TEST_F(GgufPartsTest, AMissingPartIsNamed) {
  WriteThree();
  std::filesystem::remove(Path(2));
  for (const int given : {1, 3}) {
    EXPECT_THAT(GgufFile::Open(Path(given)), FailsWith(ErrorCode::kIo, Path(2)));
    EXPECT_THAT(GgufFile::Open(Path(given)), FailsWith(ErrorCode::kIo, "has 3 parts"));
  }
}

TEST_F(GgufPartsTest, ANameThatDoesNotTellTheOthersIsRefused) {
  const std::string renamed = folder_.File("model.gguf");
  Write(renamed, {.place = 0});
  EXPECT_THAT(GgufFile::Open(renamed), FailsWith(ErrorCode::kInvalidInput, "-00001-of-00003.gguf"));
  Write(Path(1, 2), {.place = 0});
  EXPECT_THAT(GgufFile::Open(Path(1, 2)), FailsWith(ErrorCode::kCorruptFile, "tells of 2 parts"));
  Write(Path(1, 9), {.place = 0, .count = uint64_t{1} << 60, .type = GgufValueType::kU64});
  EXPECT_THAT(GgufFile::Open(Path(1, 9)), FailsWith(ErrorCode::kUnsupported, "at most 1024"));
}

// A whole file may have any name, and say that it is the only part.
TEST_F(GgufPartsTest, AWholeFileIsNoPart) {
  for (const uint64_t count : {0, 1}) {
    Write(Path(2, 7), {.place = 0, .count = count});
    const Result<GgufFile> file = GgufFile::Open(Path(2, 7));
    ASSERT_TRUE(file.ok()) << file.error().message();
    EXPECT_THAT(file->paths(), ElementsAre(Path(2, 7)));
  }
}

TEST(GgufPartsHostileTest, PartsThatDoNotBelongTogether) {
  const auto first = PartOf{.place = 0, .count = 2, .total = 2}.Build();
  const auto second = PartOf{.place = 1, .count = 2}.Build();
  EXPECT_TRUE(Parse({first, second}).ok());
  const auto refused = [&](const std::vector<std::vector<std::byte>>& files, const char* why) {
    EXPECT_THAT(Parse(files), FailsWith(ErrorCode::kCorruptFile, why));
  };
  refused({first}, "is one of 2 parts, expected 1");
  refused({second, first}, "split.no is 1, expected 0");
  refused({first, first}, "split.no is 0, expected 1");
  refused({first, PartOf{.place = 1, .count = 3}.Build()}, "is one of 3 parts, expected 2");
  refused({first, PartOf{.place = 1, .count = 2, .tensor = "0"}.Build()},
          "tensor \"0\" is in part 0 and in part 1");
  refused({PartOf{.place = 0, .count = 2, .total = 5}.Build(), second}, "hold 2 tensors");
  refused({PartOf{.place = 0, .count = 2, .total = -1}.Build(), second}, "split.tensors.count");
}

TEST(GgufPartsHostileTest, CutShortAnywhere) {
  const auto first = PartOf{.place = 0, .count = 2}.Build();
  const auto second = PartOf{.place = 1, .count = 2}.Build();
  for (size_t length = 0; length < second.size(); ++length) {
    const std::vector<std::byte> cut(second.begin(),
                                     second.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(Parse({first, cut}).ok()) << length;
  }
}

TEST(GgufPartNameTest, IsFiveDigitsOfFive) {
  const auto name = ReadGgufPartName("some/m-00002-of-00012.gguf");
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->stem, "some/m");
  EXPECT_EQ(name->number, 2u);
  EXPECT_EQ(name->count, 12u);
  for (const char* no_part :
       {"m.gguf", "00001-of-00002.gguf", "m-00000-of-00002.gguf", "m-00003-of-00002.gguf",
        "m-0001-of-00002.gguf", "m-0000a-of-00002.gguf", "m-00001-of-00002.bin",
        "m-00001_of-00002.gguf", ""}) {
    EXPECT_FALSE(ReadGgufPartName(no_part).has_value()) << no_part;
  }
}

}  // namespace
}  // namespace tare
