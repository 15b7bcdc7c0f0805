#include "format/hdf5/keras_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/testing/temp_folder.h"
#include "format/hdf5/hdf5_writer.h"
#include "format/testing/hdf5_samples.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class KerasWeightsTest : public testing::Test {
 protected:
  // A shard whose tensors are single numbers: their place in `names`.
  void WriteShard(const std::string& file, const std::vector<std::string>& names) {
    Hdf5Writer writer = std::move(Hdf5Writer::Create(folder_.File(file))).value();
    for (const std::string& name : names) {
      ASSERT_TRUE(writer.DeclareTensor(name, DType::kF32, {1}).ok());
    }
    for (size_t i = 0; i < names.size(); ++i) {
      const auto value = static_cast<float>(i);
      ASSERT_TRUE(writer.AppendTensorData(names[i], std::as_bytes(std::span(&value, 1))).ok());
    }
    ASSERT_TRUE(writer.Finish().ok());
  }

  void WriteIndex(const std::string& weight_map) {
    WriteBytes(folder_.File(kKerasShardIndexFile),
               R"({"metadata": {"total_size": 16.0}, "weight_map": )" + weight_map + "}");
  }

  std::string OpenError() {
    const auto weights = KerasWeights::Open(folder_.File(""));
    return weights.ok() ? "no error" : weights.error().message();
  }

  TempFolder folder_;
};

TEST_F(KerasWeightsTest, ReadsAPresetsFolderOrFile) {
  WriteShard("model.weights.h5", {"layers/b/vars/0", "layers/a/vars/0"});
  for (const std::string& path : {folder_.File(""), folder_.File("model.weights.h5")}) {
    const auto weights = KerasWeights::Open(path);
    ASSERT_TRUE(weights.ok()) << weights.error().message();
    EXPECT_EQ(weights->tensors().tensors.size(), 2u);
    EXPECT_EQ(*weights->tensors().Find("layers/b/vars/0")->view.f32(), 0.0f);
    EXPECT_EQ(*weights->tensors().Find("layers/a/vars/0")->view.f32(), 1.0f);
    EXPECT_EQ(weights->tensors().Find("layers/c/vars/0"), nullptr);
    EXPECT_THAT(weights->notes(), IsEmpty());
    EXPECT_EQ(weights->copied_bytes(), 0u);
  }
}

TEST_F(KerasWeightsTest, ReadsShards) {
  WriteShard("m_0.h5", {"layers/a/vars/0", "layers/b/vars/0"});
  WriteShard("m_1.h5", {"vars/0", "layers/b/vars/1"});
  WriteIndex(R"({"/layers/a/vars": "m_0.h5", "/layers/b/vars": ["m_0.h5", "m_1.h5"],
                 "/vars": ["m_1.h5"]})");
  for (const std::string& path : {folder_.File(""), folder_.File(kKerasShardIndexFile)}) {
    const auto weights = KerasWeights::Open(path);
    ASSERT_TRUE(weights.ok()) << weights.error().message();
    EXPECT_THAT(weights->tensors().files, ElementsAre(HasSubstr("/m_0.h5"), HasSubstr("/m_1.h5")));
    const NamedTensor* b1 = weights->tensors().Find("layers/b/vars/1");
    ASSERT_NE(b1, nullptr);
    EXPECT_EQ(b1->file, 1u);
    EXPECT_EQ(*b1->view.f32(), 1.0f);
    EXPECT_EQ(weights->tensors().Find("vars/0")->file, 1u);
  }
}

TEST_F(KerasWeightsTest, AWholeFileComesBeforeAnIndex) {
  WriteShard("model.weights.h5", {"vars/0"});
  WriteIndex(R"({"/vars": "missing.h5"})");
  EXPECT_EQ(OpenError(), "no error");
}

TEST_F(KerasWeightsTest, RefusesAMissingShard) {
  WriteIndex(R"({"/vars": "missing.h5"})");
  EXPECT_THAT(OpenError(), HasSubstr("model.weights.json names a shard: "));
  EXPECT_THAT(OpenError(), HasSubstr("missing.h5: No such file"));
}

TEST_F(KerasWeightsTest, RefusesAVariableInTwoShards) {
  WriteShard("m_0.h5", {"vars/0"});
  WriteShard("m_1.h5", {"vars/0"});
  WriteIndex(R"({"/vars": ["m_0.h5", "m_1.h5"]})");
  EXPECT_THAT(OpenError(), HasSubstr("m_0.h5: variable \"vars/0\" is in "));
}

TEST_F(KerasWeightsTest, RefusesAShardThatTheIndexDoesNotKnow) {
  WriteShard("m_0.h5", {"vars/0", "layers/a/vars/0"});
  WriteIndex(R"({"/vars": "m_0.h5"})");
  EXPECT_THAT(OpenError(), HasSubstr("holds \"layers/a/vars/0\", but the index does not"));
}

TEST_F(KerasWeightsTest, RefusesAnIndexThatExpectsMore) {
  WriteShard("m_0.h5", {"vars/0"});
  WriteIndex(R"({"/vars": "m_0.h5", "/layers/a/vars": "m_0.h5"})");
  EXPECT_THAT(OpenError(), HasSubstr("has no variable of \"layers/a/vars\""));
}

TEST_F(KerasWeightsTest, RefusesShardsElsewhere) {
  for (const char* name : {"../x.h5", "/etc/x.h5", "a/x.h5", "..", ".", "", "x\\u0000.h5"}) {
    WriteIndex(fmt::format(R"({{"/vars": "{}"}})", name));
    EXPECT_THAT(OpenError(), HasSubstr("is not the plain name of a file")) << name;
  }
}

TEST_F(KerasWeightsTest, RefusesAnIndexOfAnotherForm) {
  const auto error_of = [&](const std::string& map) {
    WriteIndex(map);
    return OpenError();
  };
  EXPECT_THAT(error_of("{}"), HasSubstr("has no weight_map, or an empty one"));
  EXPECT_THAT(error_of("7"), HasSubstr("has no weight_map, or an empty one"));
  EXPECT_THAT(error_of(R"({"/vars": 7})"), HasSubstr("expected a file's name or a list"));
  EXPECT_THAT(error_of(R"({"/vars": []})"), HasSubstr("has no shard"));
  EXPECT_THAT(error_of(R"({"/": "x"})"), HasSubstr("a key is empty"));
  EXPECT_THAT(error_of(R"({"/vars": "x", "vars": "x"})"), HasSubstr("\"vars\" appears twice"));
  EXPECT_FALSE(error_of("{").empty());
}

TEST_F(KerasWeightsTest, NotesSayWhatWasCopiedAndLeftOut) {
  std::filesystem::copy_file(Hdf5Sample("copies"), folder_.File("model.weights.h5"));
  const auto weights = KerasWeights::Open(folder_.File(""));
  ASSERT_TRUE(weights.ok()) << weights.error().message();
  EXPECT_EQ(weights->copied_bytes(), 140u + 120 + 50 + 16 + 12);
  EXPECT_THAT(weights->notes(),
              testing::Contains(HasSubstr(
                  "1 tensor (120 bytes) copied into memory, because the data is compressed")));
  const auto left_out = KerasWeights::Open(Hdf5Sample("left_out"));
  ASSERT_TRUE(left_out.ok());
  EXPECT_THAT(left_out->notes(),
              ElementsAre(HasSubstr(
                  "3 datasets with an unsupported element type skipped, such as \"bool\"")));
}

TEST_F(KerasWeightsTest, RefusesAFolderWithoutWeights) {
  EXPECT_THAT(OpenError(), HasSubstr("model.weights.h5: No such file"));
}

}  // namespace
}  // namespace tare
