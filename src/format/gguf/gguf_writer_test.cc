#include "format/gguf/gguf_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstring>
#include <map>
#include <random>
#include <utility>

#include "base/testing/fails_with.h"
#include "base/testing/temp_folder.h"
#include "format/gguf/gguf.h"
#include "format/testing/raw_gguf.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::byte> RandomBytes(std::mt19937& random, size_t count) {
  std::vector<std::byte> bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

std::string RandomText(std::mt19937& random) {
  std::string text(random() % 20, ' ');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

struct Tensor {
  std::string name;
  DType dtype;
  Shape shape;
  std::vector<std::byte> bytes;
};

struct Model {
  std::map<std::string, uint64_t> numbers;
  std::map<std::string, std::string> texts;
  std::map<std::string, std::vector<std::string>> lists;
  std::map<std::string, std::vector<int32_t>> arrays;
  std::vector<Tensor> tensors;
};

Tensor RandomTensor(std::mt19937& random, size_t index) {
  constexpr DType kTypes[] = {DType::kF32,  DType::kF16,  DType::kBF16,
                              DType::kQ8_0, DType::kQ4_0, DType::kQ4_1};
  const DType dtype = kTypes[random() % std::size(kTypes)];
  std::vector<size_t> dims(1 + random() % kGgufMaxRank);
  for (size_t& dim : dims) dim = 1 + random() % 7;
  dims.back() *= BlockElements(dtype);
  const Shape shape{std::span<const size_t>(dims)};
  return {fmt::format("blk.{}.{}", index, RandomText(random)), dtype, shape,
          RandomBytes(random, *ByteSize(dtype, shape))};
}

Model RandomModel(std::mt19937& random) {
  Model model;
  for (size_t i = random() % 5; i > 0; --i) {
    const std::string text = RandomText(random);
    model.numbers["n" + text] = (uint64_t{random()} << 32) | random();
    model.texts["t" + text] = RandomText(random);
    for (size_t j = random() % 9; j > 0; --j) {
      model.lists["l" + text].push_back(RandomText(random));
      model.arrays["a" + text].push_back(static_cast<int32_t>(random()));
    }
  }
  for (size_t i = random() % 6; i > 0; --i) model.tensors.push_back(RandomTensor(random, i));
  return model;
}

Status Write(const Model& model, const std::string& path, uint64_t alignment,
             std::mt19937& random) {
  TARE_ASSIGN_OR_RETURN(GgufWriter writer, GgufWriter::Create(path, alignment));
  for (const auto& [key, value] : model.numbers) {
    TARE_RETURN_IF_ERROR(writer.AddScalar(key, value));
  }
  for (const auto& [key, value] : model.texts) TARE_RETURN_IF_ERROR(writer.AddString(key, value));
  for (const auto& [key, value] : model.lists) {
    TARE_RETURN_IF_ERROR(
        writer.AddStrings(key, std::vector<std::string_view>(value.begin(), value.end())));
  }
  for (const auto& [key, value] : model.arrays) {
    TARE_RETURN_IF_ERROR(writer.AddArray(key, std::span<const int32_t>(value)));
  }
  for (const Tensor& tensor : model.tensors) {
    TARE_RETURN_IF_ERROR(writer.DeclareTensor(tensor.name, tensor.dtype, tensor.shape));
  }
  for (const Tensor& tensor : model.tensors) {
    const size_t cut = random() % tensor.bytes.size();
    const std::span<const std::byte> bytes = tensor.bytes;
    TARE_RETURN_IF_ERROR(writer.AppendTensorData(tensor.name, bytes.first(cut)));
    TARE_RETURN_IF_ERROR(writer.AppendTensorData(tensor.name, bytes.subspan(cut)));
  }
  return writer.Finish();
}

void ExpectHolds(const GgufFile& file, const Model& model) {
  for (const auto& [key, value] : model.numbers) EXPECT_EQ(*file.GetUint(key), value);
  for (const auto& [key, value] : model.texts) EXPECT_EQ(*file.GetString(key), value);
  for (const auto& [key, value] : model.lists) {
    const GgufStrings strings = *file.GetStrings(key);
    EXPECT_EQ(std::vector<std::string>(strings.begin(), strings.end()), value);
  }
  for (const auto& [key, value] : model.arrays) {
    const auto numbers = *file.FindValue(key)->AsI32Array();
    ASSERT_EQ(numbers.size(), value.size());
    for (size_t i = 0; i < value.size(); ++i) EXPECT_EQ(numbers[i], value[i]);
  }
  ASSERT_EQ(file.tensors().size(), model.tensors.size());
  for (const Tensor& tensor : model.tensors) {
    const TensorView view = *file.GetTensor(tensor.name);
    EXPECT_EQ(view.dtype, tensor.dtype);
    EXPECT_EQ(view.shape, tensor.shape);
    ASSERT_EQ(view.bytes(), tensor.bytes.size());
    EXPECT_EQ(std::memcmp(view.data, tensor.bytes.data(), view.bytes()), 0);
  }
}

TEST(GgufWriterTest, WhatIsWrittenIsRead) {
  TempFolder folder;
  std::mt19937 random(20261123);
  constexpr uint64_t kAlignments[] = {8, 32, 64, 4096};
  for (int round = 0; round < 60; ++round) {
    const Model model = RandomModel(random);
    const uint64_t alignment = kAlignments[round % 4];
    const std::string path = folder.File("m.gguf");
    const Status written = Write(model, path, alignment, random);
    ASSERT_TRUE(written.ok()) << written.error().message();
    const auto file = GgufFile::Open(path);
    ASSERT_TRUE(file.ok()) << file.error().message();
    EXPECT_EQ(file->alignment(), alignment);
    ExpectHolds(*file, model);
  }
}

class GgufWriterErrorTest : public testing::Test {
 protected:
  void SetUp() override {
    auto writer = GgufWriter::Create(path_);
    ASSERT_TRUE(writer.ok()) << writer.error().message();
    writer_.emplace(std::move(*writer));
  }
  void ExpectInvalid(const Status& status, const std::string& message) {
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), ErrorCode::kInvalidInput);
    EXPECT_THAT(status.error().message(), HasSubstr(path_));
    EXPECT_THAT(status.error().message(), HasSubstr(message));
    writer_.reset();
    EXPECT_THAT(folder_.Names(), IsEmpty());
  }

  TempFolder folder_;
  std::string path_ = folder_.File("m.gguf");
  std::optional<GgufWriter> writer_;
  std::vector<std::byte> data_ = std::vector<std::byte>(64);
};

TEST_F(GgufWriterErrorTest, DuplicateKey) {
  ASSERT_TRUE(writer_->AddScalar("key", 1.0f).ok());
  ExpectInvalid(writer_->AddString("key", "x"), "\"key\" already exists");
}

TEST_F(GgufWriterErrorTest, DuplicateTensor) {
  ASSERT_TRUE(writer_->DeclareTensor("t", DType::kF32, {4}).ok());
  ExpectInvalid(writer_->DeclareTensor("t", DType::kF16, {4}), "\"t\" already exists");
}

TEST_F(GgufWriterErrorTest, AlignmentBehindTheWritersBack) {
  ExpectInvalid(writer_->AddScalar<uint32_t>("general.alignment", 64), "an argument of the writer");
}

TEST_F(GgufWriterErrorTest, TensorsThatGgufCannotHold) {
  EXPECT_THAT(writer_->DeclareTensor("i", DType::kI32, {4}),
              FailsWith(ErrorCode::kInvalidInput, "no i32 of shape [4]"));
  EXPECT_THAT(writer_->DeclareTensor("cut", DType::kQ8_0, {2, 31}),
              FailsWith(ErrorCode::kInvalidInput, "no q8_0 of shape [2, 31]"));
  EXPECT_THAT(writer_->DeclareTensor("deep", DType::kF32, {1, 1, 1, 1, 1}),
              FailsWith(ErrorCode::kInvalidInput, "no f32 of shape [1, 1, 1, 1, 1]"));
  EXPECT_THAT(writer_->DeclareTensor("flat", DType::kF32, {}),
              FailsWith(ErrorCode::kInvalidInput, "no f32 of shape []"));
  ExpectInvalid(writer_->DeclareTensor("empty", DType::kF32, {4, 0}), "no f32 of shape [4, 0]");
}

TEST_F(GgufWriterErrorTest, DataOutOfOrder) {
  ASSERT_TRUE(writer_->DeclareTensor("a", DType::kF32, {4}).ok());
  ASSERT_TRUE(writer_->DeclareTensor("b", DType::kF32, {4}).ok());
  ExpectInvalid(writer_->AppendTensorData("b", data_), "expected the data of \"a\" first");
}

TEST_F(GgufWriterErrorTest, TooMuchData) {
  ASSERT_TRUE(writer_->DeclareTensor("a", DType::kF32, {4}).ok());
  ExpectInvalid(writer_->AppendTensorData("a", data_), "64 bytes more, expected at most 16");
}

TEST_F(GgufWriterErrorTest, DataOfNoTensor) {
  ExpectInvalid(writer_->AppendTensorData("a", data_), "every declared tensor is already complete");
}

TEST_F(GgufWriterErrorTest, TooLittleData) {
  ASSERT_TRUE(writer_->DeclareTensor("a", DType::kF32, {32}).ok());
  ASSERT_TRUE(writer_->AppendTensorData("a", data_).ok());
  ExpectInvalid(writer_->Finish(), "got 64 bytes, expected 128");
}

TEST(GgufWriterTest, RefusesAnAlignmentThatNoReaderTakes) {
  TempFolder folder;
  EXPECT_THAT(GgufWriter::Create(folder.File("m.gguf"), 24),
              FailsWith(ErrorCode::kInvalidInput, "alignment 24, expected a power of two"));
  EXPECT_THAT(GgufWriter::Create(folder.File("m.gguf"), 0),
              FailsWith(ErrorCode::kInvalidInput, "alignment 0, expected a power of two"));
  EXPECT_THAT(folder.Names(), IsEmpty());
}

// Files of this process may not grow beyond `bytes` while this lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_ = {};
};

TEST(GgufWriterTest, WithoutRoomTheOldFileStaysAndNothingElse) {
  TempFolder folder;
  const std::string path = folder.File("m.gguf");
  std::mt19937 random(7);
  Model old;
  old.numbers["age"] = 1;
  ASSERT_TRUE(Write(old, path, kGgufDefaultAlignment, random).ok());
  Model large;
  large.tensors.push_back({"t", DType::kF32, {1024, 16}, RandomBytes(random, 65536)});
  {
    const FileSizeLimit limit(20000);
    const Status status = Write(large, path, kGgufDefaultAlignment, random);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), ErrorCode::kIo);
    EXPECT_THAT(status.error().message(), HasSubstr("raise the limit with ulimit -f"));
  }
  EXPECT_THAT(folder.Names(), ElementsAre("m.gguf"));
  EXPECT_EQ(*GgufFile::Open(path)->GetUint("age"), 1u);
}

}  // namespace
}  // namespace tare
