#include "format/hdf5/hdf5_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "base/testing/fails_with.h"
#include "base/testing/temp_folder.h"
#include "format/hdf5/hdf5_writer.h"
#include "format/testing/hdf5_samples.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

Hdf5File OpenSample(const std::string& name) {
  auto file = Hdf5File::Open(Hdf5Sample(name));
  EXPECT_TRUE(file.ok()) << (file.ok() ? "" : file.error().message());
  return std::move(file).value();
}

const Hdf5Tensor& Get(const Hdf5File& file, std::string_view name) {
  for (const Hdf5Tensor& tensor : file.tensors()) {
    if (tensor.name == name) return tensor;
  }
  ADD_FAILURE() << "no tensor " << name;
  return file.tensors().front();
}

// 0.5, 1.5, …
std::vector<float> Ramp(size_t count) {
  std::vector<float> values;
  for (size_t i = 0; i < count; ++i) values.push_back(static_cast<float>(i) + 0.5f);
  return values;
}

TEST(Hdf5FileTest, ViewsLieInTheFileForEveryPlainType) {
  const Hdf5File file = OpenSample("keras_like");
  EXPECT_THAT(file.copies(), IsEmpty());
  EXPECT_THAT(file.left_out(), IsEmpty());
  std::vector<std::string> names;
  for (const Hdf5Tensor& tensor : file.tensors()) names.push_back(tensor.name);
  EXPECT_THAT(names, ElementsAre("layers/dense/vars/0", "layers/dense/vars/1",
                                 "layers/dense/vars/2", "vars/0", "vars/1"));
  const Hdf5Tensor& kernel = Get(file, "layers/dense/vars/0");
  EXPECT_EQ(kernel.view.shape, Shape({2, 3, 5}));
  EXPECT_EQ(Elements<float>(kernel.view), Ramp(30));
  const std::string bytes = ReadBytes(file.path());
  EXPECT_EQ(0, std::memcmp(bytes.data() + kernel.file_offset, kernel.view.data, 120));
  EXPECT_EQ(Get(file, "layers/dense/vars/1").view.dtype, DType::kF16);
  EXPECT_EQ(Elements<uint16_t>(Get(file, "layers/dense/vars/1").view)[1], 0x3e00);  // 1.5
}

TEST(Hdf5FileTest, ReadsBFloat16AsKerasMarksIt) {
  const Hdf5File file = OpenSample("keras_like");
  for (const char* name : {"layers/dense/vars/2", "vars/1"}) {  // opaque; an unsigned integer
    const TensorView& view = Get(file, name).view;
    EXPECT_EQ(view.dtype, DType::kBF16) << name;
    EXPECT_EQ(Elements<uint16_t>(view)[1], 0x3fc0) << name;  // 1.5
  }
}

TEST(Hdf5FileTest, ReadsScalars) {
  const Hdf5File file = OpenSample("keras_like");
  EXPECT_EQ(Get(file, "vars/0").view.shape, Shape());
  EXPECT_THAT(Elements<int32_t>(Get(file, "vars/0").view), ElementsAre(-7));
}

TEST(Hdf5FileTest, ReadsNewerFormats) {
  for (const char* name : {"latest", "v110"}) {
    EXPECT_EQ(Elements<float>(Get(OpenSample(name), "layers/dense/vars/0").view), Ramp(6));
  }
}

TEST(Hdf5FileTest, CopiesWhatCannotBeUsedWhereItLies) {
  const Hdf5File file = OpenSample("copies");
  EXPECT_EQ(Elements<float>(Get(file, "chunked").view), Ramp(35));
  EXPECT_EQ(Elements<float>(Get(file, "gzip").view), Ramp(30));
  EXPECT_EQ(Elements<float>(Get(file, "big_f32").view), Ramp(6));
  EXPECT_EQ(Elements<uint16_t>(Get(file, "big_f16").view)[1], 0x3e00);
  EXPECT_THAT(Elements<int32_t>(Get(file, "big_i32").view), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(Elements<float>(Get(file, "f64").view), Ramp(4));
  EXPECT_EQ(Elements<float>(Get(file, "compact").view), Ramp(3));
  EXPECT_EQ(Elements<float>(Get(file, "mapped").view), Ramp(3));
  EXPECT_EQ(Get(file, "gzip").file_offset, 0u);
  EXPECT_GT(Get(file, "mapped").file_offset, 0u);
}

TEST(Hdf5FileTest, SaysHowMuchWasCopiedAndWhy) {
  const Hdf5File file = OpenSample("copies");
  std::vector<std::string> copies;
  for (const Hdf5Copies& copy : file.copies()) {
    copies.push_back(fmt::format("{} {} {}", Hdf5PlaceName(copy.place), copy.tensors, copy.bytes));
  }
  EXPECT_THAT(copies, testing::UnorderedElementsAre("in chunks 1 140", "compressed 1 120",
                                                    "big-endian 3 50", "f64 1 16",
                                                    "within the metadata 1 12"));
}

TEST(Hdf5FileTest, ReadsChunksOfThreeAxesInOrder) {
  EXPECT_EQ(Elements<float>(Get(OpenSample("many_chunks"), "x").view), Ramp(600));
}

TEST(Hdf5FileTest, CopiesElementsThatAreNotAligned) {
  const Hdf5File file = OpenSample("misaligned");
  EXPECT_EQ(Elements<float>(Get(file, "b").view), Ramp(4));
  ASSERT_EQ(file.copies().size(), 1u);
  EXPECT_EQ(Hdf5PlaceName(file.copies()[0].place), "not aligned");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(Get(file, "b").view.data) % alignof(float), 0u);
}

TEST(Hdf5FileTest, LeavesOutNumbersThatAreNoWeights) {
  const Hdf5File file = OpenSample("left_out");
  EXPECT_THAT(file.left_out(), ElementsAre("bool", "i64", "u2"));
  ASSERT_EQ(file.tensors().size(), 1u);
  EXPECT_EQ(file.tensors()[0].name, "weight");
}

TEST(Hdf5FileTest, ViewsStayValidWhenTheFileIsMoved) {
  Hdf5File file = OpenSample("copies");
  const Hdf5File moved = std::move(file);
  EXPECT_EQ(Elements<float>(Get(moved, "gzip").view), Ramp(30));
  EXPECT_EQ(Elements<float>(Get(moved, "mapped").view), Ramp(3));
}

struct Refusal {
  const char* sample;
  ErrorCode code;
  const char* says;
};

class Hdf5RefusalTest : public testing::TestWithParam<Refusal> {};

TEST_P(Hdf5RefusalTest, NamesTheFileAndTheReason) {
  const std::string path = Hdf5Sample(GetParam().sample);
  const auto file = Hdf5File::Open(path);
  ASSERT_FALSE(file.ok());
  EXPECT_THAT(file.error().message(), StartsWith(path + ": "));
  EXPECT_THAT(file.error().message(), HasSubstr(GetParam().says));
  EXPECT_EQ(file.error().code(), GetParam().code) << file.error().message();
}

constexpr auto kCannot = ErrorCode::kUnsupported;
constexpr auto kCorrupt = ErrorCode::kCorruptFile;
INSTANTIATE_TEST_SUITE_P(
    Hostile, Hdf5RefusalTest,
    testing::Values(Refusal{"soft_link", kCannot, "\"b\" is a soft link"},
                    Refusal{"external_link", kCannot, "\"b\" is a link to another file"},
                    Refusal{"cycle", kCorrupt, "\"a/b/c\" is reached twice"},
                    Refusal{"root_cycle", kCorrupt, "\"a\" is reached twice"},
                    Refusal{"two_names", kCorrupt, "\"b\" is reached twice"},
                    Refusal{"named_type", kCannot, "\"t\" is neither a group nor a dataset"},
                    Refusal{"too_deep", kCorrupt, "is nested too deeply"},
                    Refusal{"long_name", kCorrupt, "has a path that is empty or too long"},
                    Refusal{"virtual", kCannot, "\"v\" is a virtual dataset"},
                    Refusal{"external_file", kCannot, "\"e\" keeps its data in another file"},
                    Refusal{"compound", kCannot, "\"c\" does not hold numbers"},
                    Refusal{"string", kCannot, "\"s\" does not hold numbers"},
                    Refusal{"references", kCannot, "\"r\" does not hold numbers"},
                    Refusal{"array_type", kCannot, "\"a\" does not hold numbers"},
                    Refusal{"opaque_without_word", kCannot, "\"o\" does not hold numbers"},
                    Refusal{"no_space", kCannot, "\"n\" has no shape"},
                    Refusal{"empty", kCannot, "\"e\" has a dimension of 0"},
                    Refusal{"rank9", kCannot, "\"r\" has too many dimensions"},
                    Refusal{"never_written", kCorrupt, "some of its data was never written"},
                    Refusal{"chunks_never_written", kCorrupt, "some of its data was never written"},
                    Refusal{"one_chunk_of_many", kCorrupt, "some of its data was never written"},
                    Refusal{"some_chunks", kCorrupt, "some of its data was never written"},
                    Refusal{"product_overflows", kCorrupt, "claims a shape"},
                    Refusal{"zip_bomb", kCorrupt, "bytes would have to be copied"},
                    Refusal{"huge_chunk", kCannot, "chunks that are too large"},
                    Refusal{"lzf", kCannot, "(filter 32000)"},
                    Refusal{"scale_offset", kCannot, "(filter 6)"},
                    Refusal{"offset_outside", kCorrupt, "past the end of the file"},
                    Refusal{"offset_far_outside", kCorrupt, "past the end of the file"},
                    Refusal{"overlap", kCorrupt, "\"b\": lies within \"a\""},
                    Refusal{"user_block", kCannot, "begins with a user block"}),
    [](const auto& refusal) { return refusal.param.sample; });

TEST(Hdf5FileTest, RefusesWhatIsNoHdf5File) {
  const TempFolder folder;
  for (const char* bytes : {"", "x", "{\"weight_map\": {}}"}) {
    WriteBytes(folder.File("f.h5"), bytes);
    const auto file = Hdf5File::Open(folder.File("f.h5"));
    ASSERT_FALSE(file.ok());
    EXPECT_THAT(file.error().message(), HasSubstr("is not an HDF5 file"));
  }
  EXPECT_EQ(Hdf5File::Open(folder.File("missing.h5")).error().code(), ErrorCode::kIo);
}

TEST(Hdf5FileTest, EveryTruncationIsAnErrorOrKeepsItsPromises) {
  const TempFolder folder;
  const std::string whole = ReadBytes(Hdf5Sample("keras_like"));
  for (size_t size = 0; size < whole.size(); size += 409) {
    WriteBytes(folder.File("f.h5"), std::string_view(whole).substr(0, size));
    const auto file = Hdf5File::Open(folder.File("f.h5"));
    // The superblock says how long the file is.
    EXPECT_THAT(file, FailsWith(ErrorCode::kCorruptFile, "is not an HDF5 file")) << size;
  }
}

// Reads every element, so that a view that strays is seen by the machine or a sanitizer.
uint64_t SumOfBytes(const Hdf5File& file) {
  uint64_t sum = 0;
  for (const Hdf5Tensor& tensor : file.tensors()) {
    for (size_t i = 0; i < tensor.view.bytes(); ++i)
      sum += static_cast<uint64_t>(tensor.view.data[i]);
  }
  return sum;
}

TEST(Hdf5FileTest, DamagedFilesNeverTakeTheReaderDown) {
  const TempFolder folder;
  std::mt19937 random(7);
  size_t refused = 0;
  for (const char* sample : {"keras_like", "copies", "many_chunks", "latest", "left_out"}) {
    const std::string whole = ReadBytes(Hdf5Sample(sample));
    for (int round = 0; round < 60; ++round) {
      std::string damaged = whole;
      const size_t changes = 1 + random() % 3;
      for (size_t i = 0; i < changes; ++i) {
        damaged[random() % damaged.size()] = static_cast<char>(random());
      }
      WriteBytes(folder.File("f.h5"), damaged);
      const auto file = Hdf5File::Open(folder.File("f.h5"));
      if (file.ok()) {
        EXPECT_LT(SumOfBytes(*file), ~uint64_t{0});
      } else {
        ++refused;
        EXPECT_LT(file.error().message().size(), 1000u);
      }
    }
  }
  EXPECT_GT(refused, 0u);
}

// A sanitizer's own memory would be counted.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TARE_SHADOW_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TARE_SHADOW_MEMORY 1
#endif
#endif

#ifndef TARE_SHADOW_MEMORY
uint64_t StatusBytes(std::string_view field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field)) return std::stoull(line.substr(field.size() + 1)) * 1024;
  }
  return 0;
}

TEST(Hdf5FileTest, OpeningALargeModelTakesHardlyAnyMemory) {
  const TempFolder folder;
  const std::string path = folder.File("model.weights.h5");
  Hdf5Writer writer = std::move(Hdf5Writer::Create(path)).value();
  constexpr size_t kTensors = 400;
  const auto name = [](size_t i) { return fmt::format("layers/decoder_{}/vars/0", i); };
  const std::vector<std::byte> row(64 << 10);
  for (size_t i = 0; i < kTensors; ++i) {
    ASSERT_TRUE(writer.DeclareTensor(name(i), DType::kF32, {row.size() / 4}).ok());
  }
  for (size_t i = 0; i < kTensors; ++i) ASSERT_TRUE(writer.AppendTensorData(name(i), row).ok());
  ASSERT_TRUE(writer.Finish().ok());

  std::ofstream("/proc/self/clear_refs") << "5";  // resets the peak
  const uint64_t before = StatusBytes("VmRSS:");
  const auto file = Hdf5File::Open(path);
  ASSERT_TRUE(file.ok()) << file.error().message();
  EXPECT_EQ(file->tensors().size(), kTensors);
  EXPECT_LE(StatusBytes("VmHWM:"), before + (uint64_t{2} << 20));
}
#endif

}  // namespace
}  // namespace tare
