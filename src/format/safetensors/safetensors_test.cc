#include "format/safetensors/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "base/testing/fails_with.h"
#include "base/testing/temp_folder.h"
#include "format/safetensors/safetensors_writer.h"
#include "format/testing/raw_safetensors.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

void WriteFile(const std::string& path, std::span<const std::byte> bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}
void WriteFile(const std::string& path, std::string_view text) {
  WriteFile(path, std::as_bytes(std::span(text)));
}

std::vector<std::byte> OneTensor(const std::string& name, size_t elements) {
  const std::string count = std::to_string(elements);
  const std::string bytes = std::to_string(elements * 4);
  return RawSafetensors("{\"" + name + "\":{\"dtype\":\"F32\",\"shape\":[" + count +
                            "],\"data_offsets\":[0," + bytes + "]}}",
                        elements * 4);
}

void ExpectRefused(const Result<SafetensorsModel>& model, ErrorCode code,
                   const std::string& message) {
  ASSERT_FALSE(model.ok()) << "was accepted, expected: " << message;
  EXPECT_EQ(model.error().code(), code) << model.error().message();
  EXPECT_THAT(model.error().message(), HasSubstr(message));
}

TEST(Safetensors, GivesViewsOnWhatWasWrittenInAnyPieces) {
  const TempFolder folder;
  const std::string path = folder.File("model.safetensors");
  std::mt19937 rng(3);
  std::vector<std::byte> data(7 * 5 * 4);
  for (std::byte& byte : data) byte = static_cast<std::byte>(rng());
  const std::span<const std::byte> bytes(data);

  auto writer = SafetensorsWriter::Create(path).value();
  ASSERT_TRUE(writer.AddMetadata("format", "pt").ok());
  ASSERT_TRUE(writer.DeclareTensor("wte \"é\"", DType::kF32, {7, 5}).ok());
  ASSERT_TRUE(writer.DeclareTensor("half", DType::kF16, {2, 3}).ok());
  ASSERT_TRUE(writer.DeclareTensor("brain", DType::kBF16, {1}).ok());
  ASSERT_TRUE(writer.DeclareTensor("scalar", DType::kBF16, {}).ok());
  ASSERT_TRUE(writer.AppendTensorData("wte \"é\"", bytes.first(3)).ok());
  ASSERT_TRUE(writer.AppendTensorData("wte \"é\"", bytes.subspan(3)).ok());
  ASSERT_TRUE(writer.AppendTensorData("half", bytes.first(12)).ok());
  ASSERT_TRUE(writer.AppendTensorData("brain", bytes.first(2)).ok());
  EXPECT_THAT(folder.Names(), testing::Not(testing::Contains("model.safetensors")));
  ASSERT_TRUE(writer.AppendTensorData("scalar", bytes.first(2)).ok());
  ASSERT_TRUE(writer.Finish().ok());
  EXPECT_THAT(folder.Names(), ElementsAre("model.safetensors"));

  const auto model = SafetensorsModel::Open(path);
  ASSERT_TRUE(model.ok()) << model.error().message();
  ASSERT_EQ(model->tensors().tensors.size(), 4u);
  const NamedTensor* const wte = model->tensors().Find("wte \"é\"");
  ASSERT_NE(wte, nullptr);
  EXPECT_EQ(wte->view.dtype, DType::kF32);
  EXPECT_EQ(wte->view.shape, Shape({7, 5}));
  EXPECT_EQ(std::memcmp(wte->view.data, data.data(), data.size()), 0);
  EXPECT_EQ(wte->file_offset % 8, 0u);
  EXPECT_EQ(model->tensors().Find("half")->view.dtype, DType::kF16);
  EXPECT_EQ(model->tensors().Find("brain")->view.dtype, DType::kBF16);
  EXPECT_EQ(model->tensors().Find("scalar")->view.shape, Shape({}));
  EXPECT_THAT(model->notes(), IsEmpty());
  EXPECT_THAT(model->skipped(), IsEmpty());
  EXPECT_THAT(model->tensors().files, ElementsAre(path));
}

TEST(Safetensors, NamesWhatIsNoWeight) {
  const auto file =
      RawSafetensors(R"({"mask":{"dtype":"BOOL","shape":[2,2],"data_offsets":[0,4]},)"
                     R"("w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},)"
                     R"("steps":{"dtype":"I64","shape":[],"data_offsets":[8,16]},)"
                     R"("none":{"dtype":"F32","shape":[0,3],"data_offsets":[16,16]}}    )",
                     16);
  const auto model = SafetensorsModel::Parse(file, "m");
  ASSERT_TRUE(model.ok()) << model.error().message();
  ASSERT_EQ(model->tensors().tensors.size(), 1u);
  ASSERT_EQ(model->skipped().size(), 3u);
  EXPECT_EQ(model->skipped()[0].name, "mask");
  EXPECT_EQ(model->skipped()[0].stored_type, "BOOL");
  EXPECT_EQ(model->skipped()[1].name, "none");
  EXPECT_EQ(model->skipped()[2].name, "steps");
}

TEST(Safetensors, CopiesATensorThatIsNotAlignedAndSaysSo) {
  const auto file = RawSafetensors(R"({"h":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},)"
                                   R"("w":{"dtype":"F32","shape":[2],"data_offsets":[2,10]}})",
                                   10);
  const auto model = SafetensorsModel::Parse(file, "m");
  ASSERT_TRUE(model.ok()) << model.error().message();
  EXPECT_THAT(model->notes(),
              testing::Contains(testing::AllOf(
                  HasSubstr("tensor \"w\": copied into memory (8 bytes)"), HasSubstr("m: "))));
  const TensorView view = model->tensors().Find("w")->view;
  EXPECT_EQ(reinterpret_cast<uintptr_t>(view.data) % 4, 0u);
  EXPECT_EQ(view.data[0], std::byte{2});
  EXPECT_EQ(view.data[7], std::byte{9});
}

class ShardsTest : public testing::Test {
 protected:
  void WriteIndex(const std::string& text) {
    WriteFile(folder_.File("model.safetensors.index.json"), text);
  }
  void SetUp() override {
    WriteFile(folder_.File("a.safetensors"), OneTensor("one", 3));
    WriteFile(folder_.File("b.safetensors"), OneTensor("two", 5));
  }
  void ExpectIndexRefused(const std::string& text, const std::string& message,
                          ErrorCode code = ErrorCode::kCorruptFile) {
    WriteIndex(text);
    const auto model = SafetensorsModel::Open(folder_.File(""));
    ExpectRefused(model, code, message);
  }
  const TempFolder folder_;
};

TEST_F(ShardsTest, AreOneModel) {
  WriteIndex(R"({"metadata":{"total_size":32},)"
             R"("weight_map":{"two":"b.safetensors","one":"a.safetensors"}})");
  for (const char* name : {"", "model.safetensors.index.json"}) {
    const auto model = SafetensorsModel::Open(folder_.File(name));
    ASSERT_TRUE(model.ok()) << model.error().message();
    ASSERT_EQ(model->tensors().tensors.size(), 2u);
    const NamedTensor* const two = model->tensors().Find("two");
    ASSERT_NE(two, nullptr);
    EXPECT_EQ(two->view.shape, Shape({5}));
    EXPECT_THAT(model->tensors().files[two->file], HasSubstr("b.safetensors"));
  }
}

TEST_F(ShardsTest, OneFileGoesBeforeShards) {
  WriteIndex("{}");
  WriteFile(folder_.File("model.safetensors"), OneTensor("whole", 1));
  const auto model = SafetensorsModel::Open(folder_.File(""));
  ASSERT_TRUE(model.ok()) << model.error().message();
  EXPECT_NE(model->tensors().Find("whole"), nullptr);
}

TEST_F(ShardsTest, MayNotLieElsewhere) {
  for (const char* name :
       {"../a.safetensors", "/etc/passwd", "..", ".", "", "a\\\\b", "a\\u0000"}) {
    ExpectIndexRefused(std::string(R"({"weight_map":{"one":")") + name + "\"}}",
                       "is not a plain file name");
  }
}

TEST_F(ShardsTest, MustBeThere) {
  ExpectIndexRefused(R"({"weight_map":{"one":"c.safetensors"}})", "c.safetensors: No such file",
                     ErrorCode::kIo);
}

TEST_F(ShardsTest, MustAgreeWithTheIndex) {
  ExpectIndexRefused(R"({"weight_map":{"one":"a.safetensors","three":"a.safetensors"}})",
                     "\"three\" is in a.safetensors, which does not have it");
  ExpectIndexRefused(R"({"weight_map":{"one":"a.safetensors","three":"b.safetensors"}})",
                     "does not say that tensor \"two\" is in b.safetensors");
  ExpectIndexRefused(R"({"weight_map":{"one":"b.safetensors","two":"a.safetensors"}})",
                     "does not say that tensor");
  WriteFile(folder_.File("b.safetensors"), OneTensor("one", 5));
  ExpectIndexRefused(R"({"weight_map":{"one":"a.safetensors","two":"b.safetensors"}})",
                     "tensor \"one\" is in ");
}

// Older models were saved with masks and frequencies, which their indexes do not list.
TEST_F(ShardsTest, BuffersNeedNoEntry) {
  for (const char* buffer : {"model.layers.0.self_attn.rotary_emb.inv_freq", "rotary_emb.inv_freq",
                             "h.0.attn.bias", "h.0.attn.masked_bias"}) {
    WriteIndex(R"({"weight_map":{"one":"a.safetensors"}})");
    WriteFile(
        folder_.File("a.safetensors"),
        RawSafetensors(fmt::format(R"({{"one":{{"dtype":"F32","shape":[2],"data_offsets":[0,8]}},)"
                                   R"("{}":{{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}}})",
                                   buffer),
                       12));
    const auto model = SafetensorsModel::Open(folder_.File(""));
    ASSERT_TRUE(model.ok()) << model.error().message();
    EXPECT_EQ(model->tensors().tensors.size(), 1u) << buffer;
  }
}

// As safetensors.torch.save_model does with tied weights.
TEST_F(ShardsTest, AnAliasIsATensorOfThatName) {
  WriteFile(folder_.File("a.safetensors"),
            RawSafetensors(R"({"__metadata__":{"format":"pt","embed":"head","lost":"nothing"},)"
                           R"("head":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
                           8));
  WriteIndex(R"({"weight_map":{"head":"a.safetensors"}})");
  for (const char* name : {"a.safetensors", ""}) {
    const auto model = SafetensorsModel::Open(folder_.File(name));
    ASSERT_TRUE(model.ok()) << model.error().message();
    ASSERT_EQ(model->tensors().tensors.size(), 2u);
    const NamedTensor* const embed = model->tensors().Find("embed");
    ASSERT_NE(embed, nullptr);
    EXPECT_EQ(embed->view.data, model->tensors().Find("head")->view.data);
  }
}

TEST_F(ShardsTest, IndexMustBeOne) {
  ExpectIndexRefused("{}", "has no weight_map");
  ExpectIndexRefused("{", "is not JSON");
  ExpectIndexRefused(R"({"weight_map":{"one":3}})", "\"one\" is number, expected a file name");
  ExpectIndexRefused(
      R"({"weight_map":{"one":"a.safetensors","one":"a.safetensors","two":"b.safetensors"}})",
      "has tensor \"one\" twice");
}

// One tensor with this description, in a file with eight bytes of data.
Result<SafetensorsModel> ParseWith(const std::string& description) {
  const auto file = RawSafetensors("{\"w\":" + description + "}", 8);
  return SafetensorsModel::Parse(file, "bad");
}

TEST(SafetensorsHostile, HeaderMustFit) {
  const auto parse = [](std::span<const std::byte> file) {
    return SafetensorsModel::Parse(file, "bad");
  };
  ExpectRefused(parse({}), ErrorCode::kCorruptFile, "has 0 bytes, expected at least 8");
  ExpectRefused(parse(RawSafetensors("", 0)), ErrorCode::kCorruptFile, "begins with \"\"");
  ExpectRefused(parse(RawSafetensors("{}", 0, 3)), ErrorCode::kCorruptFile,
                "has 3 bytes, but only 2 follow");
  ExpectRefused(parse(RawSafetensors("{}", 0, 100'000'001)), ErrorCode::kCorruptFile,
                "expected at most 100000000");
  ExpectRefused(parse(RawSafetensors("{}", 0, UINT64_MAX)), ErrorCode::kCorruptFile,
                "expected at most 100000000");
  ExpectRefused(parse(RawSafetensors("{}", 1)), ErrorCode::kCorruptFile,
                "has 1 byte of data, but its tensors have 0");
}

TEST(SafetensorsHostile, HeaderMustBeAnObjectOfObjects) {
  for (const char* header : {"[]", "3", " {}"}) {
    ExpectRefused(SafetensorsModel::Parse(RawSafetensors(header, 0), "bad"),
                  ErrorCode::kCorruptFile, "header begins with");
  }
  ExpectRefused(SafetensorsModel::Parse(RawSafetensors("{}x", 0), "bad"), ErrorCode::kCorruptFile,
                "is not JSON");
  ExpectRefused(ParseWith("3"), ErrorCode::kCorruptFile,
                "bad: header: tensor \"w\": is number, expected an object");
}

TEST(SafetensorsHostile, MetadataMustBeStrings) {
  const auto parse = [](const char* header) {
    return SafetensorsModel::Parse(RawSafetensors(header, 0), "bad");
  };
  ExpectRefused(parse(R"({"__metadata__":3})"), ErrorCode::kCorruptFile, "expected an object");
  ExpectRefused(parse(R"({"__metadata__":{"a":3}})"), ErrorCode::kCorruptFile,
                "\"a\" is number, expected a string");
  ExpectRefused(parse(R"({"__metadata__":{},"__metadata__":{}})"), ErrorCode::kCorruptFile,
                "twice");
}

TEST(SafetensorsHostile, EveryFieldMustBeThereAndOfItsType) {
  ExpectRefused(ParseWith(R"({"shape":[2],"data_offsets":[0,8]})"), ErrorCode::kCorruptFile,
                "has no dtype");
  ExpectRefused(ParseWith(R"({"dtype":"F32","data_offsets":[0,8]})"), ErrorCode::kCorruptFile,
                "has no shape");
  ExpectRefused(ParseWith(R"({"dtype":"F32","shape":[2]})"), ErrorCode::kCorruptFile,
                "has no data_offsets");
  ExpectRefused(ParseWith(R"({"dtype":32,"shape":[2],"data_offsets":[0,8]})"),
                ErrorCode::kCorruptFile, "dtype is number");
  ExpectRefused(ParseWith(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})"),
                ErrorCode::kCorruptFile, "shape is [-2]");
  ExpectRefused(ParseWith(R"({"dtype":"F32","shape":2,"data_offsets":[0,8]})"),
                ErrorCode::kCorruptFile, "shape is 2");
  ExpectRefused(ParseWith(R"({"dtype":"F32","shape":[2],"data_offsets":[0.5,8]})"),
                ErrorCode::kCorruptFile, "data_offsets is [0.5,8]");
  ExpectRefused(ParseWith(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8,8]})"),
                ErrorCode::kCorruptFile, "expected [begin, end]");
  ExpectRefused(ParseWith(R"({"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]})"),
                ErrorCode::kCorruptFile, "key \"dtype\" appears twice");
}

TEST(SafetensorsHostile, OtherFloatsAreRefusedByName) {
  for (const char* dtype : {"F64", "F8_E4M3", "C64", "F32\\u001b[31m"}) {
    ExpectRefused(
        ParseWith(std::string(R"({"dtype":")") + dtype + R"(","shape":[1],"data_offsets":[0,8]})"),
        ErrorCode::kUnsupported, "expected F32, F16 or BF16");
  }
}

TEST(SafetensorsHostile, ShapesMustMatchTheirRanges) {
  ExpectRefused(ParseWith(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"),
                ErrorCode::kCorruptFile, "spans 8 bytes, expected 12");
  ExpectRefused(ParseWith(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})"),
                ErrorCode::kCorruptFile, "expected [begin, end]");
  ExpectRefused(ParseWith(R"({"dtype":"F32","shape":[3],"data_offsets":[0,12]})"),
                ErrorCode::kCorruptFile, "ends at 12, but the file has 8");
  ExpectRefused(
      ParseWith(R"({"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]})"),
      ErrorCode::kCorruptFile, "too large");
  ExpectRefused(ParseWith(R"({"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]})"),
                ErrorCode::kCorruptFile, "too large");
  ExpectRefused(ParseWith(R"({"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]})"),
                ErrorCode::kUnsupported, "9 dimensions");
}

// Two tensors of four bytes with these ranges, in a file with `data` bytes.
Result<SafetensorsModel> ParseRanges(const std::string& first, const std::string& second,
                                     size_t data, const char* second_name = "b") {
  const std::string header = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":)" + first + "},\"" +
                             second_name + R"(":{"dtype":"F32","shape":[1],"data_offsets":)" +
                             second + "}}";
  return SafetensorsModel::Parse(RawSafetensors(header, data), "bad");
}

TEST(SafetensorsHostile, RangesMustCoverTheDataOnce) {
  EXPECT_TRUE(ParseRanges("[4,8]", "[0,4]", 8).ok());
  ExpectRefused(ParseRanges("[0,4]", "[2,6]", 8), ErrorCode::kCorruptFile, "overlaps");
  ExpectRefused(ParseRanges("[0,4]", "[0,4]", 4), ErrorCode::kCorruptFile, "overlaps");
  ExpectRefused(ParseRanges("[0,4]", "[8,12]", 12), ErrorCode::kCorruptFile, "leaves a gap");
  ExpectRefused(ParseRanges("[4,8]", "[8,12]", 12), ErrorCode::kCorruptFile, "leaves a gap");
  ExpectRefused(ParseRanges("[0,4]", "[4,8]", 9), ErrorCode::kCorruptFile,
                "has 9 bytes of data, but its tensors have 8");
}

TEST(SafetensorsHostile, NamesMustDiffer) {
  ExpectRefused(ParseRanges("[0,4]", "[4,8]", 8, "a"), ErrorCode::kCorruptFile,
                "tensor \"a\" appears twice");
}

TEST(SafetensorsHostile, EveryTruncationIsRefused) {
  const auto whole = OneTensor("w", 3);
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(
        SafetensorsModel::Parse(std::span(whole).first(size), "bad"),
        FailsWith(ErrorCode::kCorruptFile, size < 8                   ? "is not a safetensors file"
                                           : size < whole.size() - 12 ? "the header has"
                                                                      : "data_offsets ends at"))
        << size;
  }
}

TEST(SafetensorsWriter, RefusesWhatDoesNotFit) {
  const TempFolder folder;
  auto writer = SafetensorsWriter::Create(folder.File("m.safetensors")).value();
  const std::vector<std::byte> data(8);
  EXPECT_THAT(writer.DeclareTensor("q", DType::kQ4_0, {32}),
              FailsWith(ErrorCode::kInvalidInput, "safetensors has no q4_0 of shape [32]"));
  EXPECT_THAT(writer.DeclareTensor("__metadata__", DType::kF32, {1}),
              FailsWith(ErrorCode::kInvalidInput, "__metadata__"));
  ASSERT_TRUE(writer.DeclareTensor("w", DType::kF32, {1}).ok());
  ASSERT_TRUE(writer.DeclareTensor("v", DType::kF32, {1}).ok());
  EXPECT_FALSE(writer.DeclareTensor("w", DType::kF32, {1}).ok());
  ASSERT_TRUE(writer.AddMetadata("a", "b").ok());
  EXPECT_FALSE(writer.AddMetadata("a", "c").ok());
  EXPECT_THAT(writer.AppendTensorData("v", data).error().message(), HasSubstr("\"w\" first"));
  EXPECT_THAT(writer.AppendTensorData("w", data).error().message(), HasSubstr("at most 4"));
  EXPECT_THAT(writer.Finish().error().message(), HasSubstr("got 0 bytes, expected 4"));
}

TEST(SafetensorsWriter, LeavesNothingWhenGivenUp) {
  const TempFolder folder;
  { (void)SafetensorsWriter::Create(folder.File("m.safetensors")).value(); }
  EXPECT_THAT(folder.Names(), IsEmpty());
}

}  // namespace
}  // namespace tare
