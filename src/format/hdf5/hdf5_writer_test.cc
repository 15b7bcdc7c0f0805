#include "format/hdf5/hdf5_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/testing/temp_folder.h"
#include "format/hdf5/hdf5_file.h"
#include "format/testing/hdf5_samples.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct WrittenTensor {
  std::string name;
  DType dtype;
  Shape shape;
  std::vector<std::byte> bytes;
};

std::vector<WrittenTensor> RandomTensors(uint32_t seed) {
  constexpr DType kTypes[] = {DType::kF32, DType::kF16, DType::kBF16, DType::kI32};
  std::mt19937 random(seed);
  std::vector<WrittenTensor> tensors;
  for (size_t i = 0; i < 40; ++i) {
    std::vector<size_t> dims(random() % 5);
    for (size_t& dim : dims) dim = 1 + random() % 7;
    WrittenTensor tensor{fmt::format("layers/block_{}/part/vars/{}", i / 3, i % 3),
                         kTypes[random() % std::size(kTypes)],
                         Shape(std::span<const size_t>(dims)),
                         {}};
    tensor.bytes.resize(*ByteSize(tensor.dtype, tensor.shape));
    for (std::byte& byte : tensor.bytes) byte = static_cast<std::byte>(random());
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

Status Write(const std::string& path, const std::vector<WrittenTensor>& tensors, size_t piece) {
  TARE_ASSIGN_OR_RETURN(Hdf5Writer writer, Hdf5Writer::Create(path));
  for (const WrittenTensor& tensor : tensors) {
    TARE_RETURN_IF_ERROR(writer.DeclareTensor(tensor.name, tensor.dtype, tensor.shape));
  }
  for (const WrittenTensor& tensor : tensors) {
    for (size_t at = 0; at < tensor.bytes.size(); at += piece) {
      const size_t size = std::min(piece, tensor.bytes.size() - at);
      TARE_RETURN_IF_ERROR(
          writer.AppendTensorData(tensor.name, std::span(tensor.bytes).subspan(at, size)));
    }
  }
  return writer.Finish();
}

TEST(Hdf5WriterTest, WhatIsWrittenIsReadBackWhereItLies) {
  const TempFolder folder;
  for (uint32_t seed = 0; seed < 5; ++seed) {
    auto tensors = RandomTensors(seed);
    ASSERT_TRUE(Write(folder.File("f.h5"), tensors, 5).ok());
    const auto file = Hdf5File::Open(folder.File("f.h5"));
    ASSERT_TRUE(file.ok()) << file.error().message();
    EXPECT_THAT(file->copies(), IsEmpty());
    std::sort(tensors.begin(), tensors.end(),
              [](const WrittenTensor& a, const WrittenTensor& b) { return a.name < b.name; });
    ASSERT_EQ(file->tensors().size(), tensors.size());
    for (size_t i = 0; i < tensors.size(); ++i) {
      const Hdf5Tensor& read = file->tensors()[i];
      EXPECT_EQ(read.name, tensors[i].name);
      EXPECT_EQ(read.view.dtype, tensors[i].dtype);
      EXPECT_EQ(read.view.shape, tensors[i].shape);
      EXPECT_EQ(Elements<std::byte>(read.view), tensors[i].bytes);
      EXPECT_EQ(read.file_offset % 64, 0u);
    }
  }
}

TEST(Hdf5WriterTest, TheSameCallsGiveTheSameBytes) {
  const TempFolder folder;
  ASSERT_TRUE(Write(folder.File("a.h5"), RandomTensors(1), 1).ok());
  ASSERT_TRUE(Write(folder.File("b.h5"), RandomTensors(1), 1000).ok());
  EXPECT_EQ(ReadBytes(folder.File("a.h5")), ReadBytes(folder.File("b.h5")));
  EXPECT_THAT(folder.Names(), testing::UnorderedElementsAre("a.h5", "b.h5"));
}

TEST(Hdf5WriterTest, ManyMembersOfOneGroup) {
  const TempFolder folder;
  std::vector<WrittenTensor> tensors;
  for (size_t i = 0; i < 3000; ++i) {
    tensors.push_back({fmt::format("vars/{}", i), DType::kF16, {1}, std::vector<std::byte>(2)});
  }
  ASSERT_TRUE(Write(folder.File("f.h5"), tensors, 2).ok());
  const auto file = Hdf5File::Open(folder.File("f.h5"));
  ASSERT_TRUE(file.ok()) << file.error().message();
  EXPECT_EQ(file->tensors().size(), tensors.size());
}

TEST(Hdf5WriterTest, AFileOfNothingIsAFile) {
  const TempFolder folder;
  ASSERT_TRUE(Write(folder.File("f.h5"), {}, 1).ok());
  const auto file = Hdf5File::Open(folder.File("f.h5"));
  ASSERT_TRUE(file.ok()) << file.error().message();
  EXPECT_THAT(file->tensors(), IsEmpty());
}

class Hdf5WriterRefusalTest : public testing::Test {
 protected:
  std::string Declare(std::string_view name, DType dtype = DType::kF32, const Shape& shape = {2}) {
    const Status declared = writer_.DeclareTensor(name, dtype, shape);
    return declared.ok() ? "fine" : declared.error().message();
  }

  TempFolder folder_;
  Hdf5Writer writer_ = std::move(Hdf5Writer::Create(folder_.File("f.h5"))).value();
};

TEST_F(Hdf5WriterRefusalTest, Declarations) {
  EXPECT_EQ(Declare("a/b"), "fine");
  EXPECT_THAT(Declare("a/b"), HasSubstr("\"a/b\" already exists"));
  EXPECT_THAT(Declare("a"), HasSubstr("\"a\" already exists"));
  EXPECT_THAT(Declare("a/b/c"), HasSubstr("\"a/b\" is a tensor, so it cannot be a group"));
  for (const char* name : {"", "/x", "x/", "x//y"}) {
    EXPECT_THAT(Declare(name), HasSubstr("is not a path"));
  }
  EXPECT_THAT(Declare("q", DType::kQ8_0, {32}), HasSubstr("no q8_0 of shape [32]"));
  EXPECT_THAT(Declare("e", DType::kF32, {2, 0}), HasSubstr("no f32 of shape [2, 0]"));
}

TEST_F(Hdf5WriterRefusalTest, DataThatDoesNotFit) {
  ASSERT_EQ(Declare("a"), "fine");
  ASSERT_EQ(Declare("b"), "fine");
  const std::vector<std::byte> bytes(9);
  EXPECT_THAT(writer_.AppendTensorData("b", bytes).error().message(),
              HasSubstr("expected the data of \"a\" first"));
  EXPECT_THAT(writer_.AppendTensorData("a", bytes).error().message(),
              HasSubstr("9 bytes more, expected at most 8 of its 8"));
  ASSERT_TRUE(writer_.AppendTensorData("a", std::span(bytes).first(8)).ok());
  EXPECT_THAT(writer_.Finish().error().message(), HasSubstr("\"b\": got 0 bytes, expected 8"));
}

TEST_F(Hdf5WriterRefusalTest, NothingIsLeftOfAFileThatWasGivenUp) {
  ASSERT_EQ(Declare("a"), "fine");
  { const Hdf5Writer gone = std::move(writer_); }
  EXPECT_THAT(folder_.Names(), IsEmpty());
}

}  // namespace
}  // namespace tare
