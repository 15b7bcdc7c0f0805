#include "describe/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "base/testing/fails_with.h"
#include "base/testing/temp_folder.h"
#include "format/hdf5/hdf5_writer.h"
#include "format/safetensors/safetensors_writer.h"
#include "format/testing/raw_gguf.h"

namespace tare {
namespace {

RawBytes TextValue(const std::string& key, const std::string& text) {
  return RawBytes().Text(key).Type(GgufValueType::kString).Text(text);
}

RawBytes SizeValue(const std::string& key, uint32_t size) {
  return RawBytes().Text(key).Type(GgufValueType::kU32).Number(size);
}

class DescribeTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_.File(name)) << text;
    return folder_.File(name);
  }

  std::string WriteGguf(const RawGguf& raw) {
    const RawBytes bytes = raw.Build();
    std::ofstream file(folder_.File("model.gguf"), std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.span().data()),
               static_cast<std::streamsize>(bytes.size()));
    return folder_.File("model.gguf");
  }

  // One [3, 5] tensor in a file that a writer made.
  template <typename Writer>
  void WriteTensor(Result<Writer> writer, const std::string& name, DType type) {
    ASSERT_TRUE(writer.ok()) << writer.error().message();
    ASSERT_TRUE(writer->DeclareTensor(name, type, {3, 5}).ok());
    const std::vector<std::byte> zeros(*ByteSize(type, {3, 5}));
    ASSERT_TRUE(writer->AppendTensorData(name, zeros).ok());
    ASSERT_TRUE(writer->Finish().ok());
  }

  const TempFolder folder_;
};

// An architecture and a type of which Tare runs neither.
TEST_F(DescribeTest, AGgufFileOfAnyArchitectureAndType) {
  RawGguf raw;
  raw.values = {TextValue("general.architecture", "mamba9"), TextValue("general.name", "Snake"),
                SizeValue("mamba9.block_count", 7), SizeValue("mamba9.embedding_length", 48),
                SizeValue("mamba9.context_length", 4096), SizeValue("mamba9.vocab_size", 91),
                SizeValue("mamba9.attention.head_count", 6),
                // One a layer, as hybrid architectures have them.
                RawBytes()
                    .Text("mamba9.feed_forward_length")
                    .Type(GgufValueType::kArray)
                    .Type(GgufValueType::kU32)
                    .Number(uint64_t{1})
                    .Number(uint32_t{64})};
  raw.tensors = {{.name = "norm", .dims = {32}, .type = 0, .offset = 0},
                 {.name = "matrix", .dims = {256, 3}, .type = 21, .offset = 128}};
  raw.data_bytes = 128 + 3 * 110;
  const Result<ModelHeader> header = DescribeModel(WriteGguf(raw));
  ASSERT_TRUE(header.ok()) << header.error().message();
  EXPECT_EQ(header->format, "gguf");
  EXPECT_EQ(header->architecture, "mamba9");
  EXPECT_EQ(header->name, "Snake");
  EXPECT_EQ(header->layers, 7u);
  EXPECT_EQ(header->head_size, 8u);
  EXPECT_EQ(header->max_context, 4096u);
  EXPECT_EQ(header->vocabulary, 91u);
  EXPECT_EQ(header->inner_width, 0u);
  EXPECT_EQ(header->parameters, 32u + 768);
  EXPECT_EQ(header->weights_bytes, 128u + 3 * 110);
  EXPECT_EQ(header->main_type, "IQ3_S");
  EXPECT_EQ(header->weight_files[0].bytes, 128u + 3 * 110);
}

TEST_F(DescribeTest, AHuggingFaceFolderOfAnyArchitecture) {
  WriteTensor(SafetensorsWriter::Create(folder_.File("model.safetensors")), "any.weight",
              DType::kBF16);
  Write("config.json", R"({"model_type": "marvin", "n_layer": 3, "d_model": 40, "n_heads": 5,
                           "vocab_size": 77, "max_seq_len": 512})");
  const Result<ModelHeader> header = DescribeModel(folder_.path());
  ASSERT_TRUE(header.ok()) << header.error().message();
  EXPECT_EQ(header->architecture, "marvin");
  EXPECT_EQ(header->layers, 3u);
  EXPECT_EQ(header->kv_heads, 5u);
  EXPECT_EQ(header->head_size, 8u);
  EXPECT_EQ(header->vocabulary, 77u);
  EXPECT_EQ(header->max_context, 512u);
  EXPECT_EQ(header->parameters, 15u);
  EXPECT_EQ(header->weights_bytes, 30u);
  EXPECT_EQ(header->precision, DType::kBF16);
}

TEST_F(DescribeTest, AHuggingFaceFolderOfTypesThatTareCannotRead) {
  const std::string header =
      R"({"w": {"dtype": "F8_E4M3", "shape": [3, 5], "data_offsets": [0, 15]}})";
  std::ofstream file(folder_.File("model.safetensors"), std::ios::binary);
  const uint64_t size = header.size();
  file.write(reinterpret_cast<const char*>(&size), sizeof(size));
  file << header << std::string(15, '\0');
  file.close();
  Write("config.json", R"({"model_type": "marvin", "vocab_size": 77})");
  const Result<ModelHeader> described = DescribeModel(folder_.path());
  ASSERT_TRUE(described.ok()) << described.error().message();
  EXPECT_EQ(described->parameters, 15u);
  EXPECT_EQ(described->weights_bytes, 15u);
  EXPECT_EQ(described->main_type, "F8_E4M3");
  EXPECT_THAT(ModelFile::Open(folder_.path()), FailsWith(ErrorCode::kUnsupported, "F8_E4M3"));
}

TEST_F(DescribeTest, ThePartOfAModelThatIsForText) {
  WriteTensor(SafetensorsWriter::Create(folder_.File("model.safetensors")), "any.weight",
              DType::kF32);
  Write("config.json", R"({"model_type": "eye", "text_config": {"vocab_size": 12,
                           "max_position_embeddings": 64}, "vision_config": {"hidden_size": 9}})");
  const Result<ModelHeader> header = DescribeModel(folder_.path());
  ASSERT_TRUE(header.ok()) << header.error().message();
  EXPECT_EQ(header->vocabulary, 12u);
  EXPECT_EQ(header->max_context, 64u);
  EXPECT_EQ(header->width, 0u);
}

TEST_F(DescribeTest, APresetOfAnyBackbone) {
  WriteTensor(Hdf5Writer::Create(folder_.File("model.weights.h5")), "layers/any/vars/0",
              DType::kF32);
  Write("config.json", R"({"class_name": "MarvinBackbone", "config": {"num_layers": 2,
                           "vocabulary_size": 31, "hidden_dim": 6, "num_query_heads": 2}})");
  Result<ModelHeader> header = DescribeModel(folder_.path());
  ASSERT_TRUE(header.ok()) << header.error().message();
  EXPECT_EQ(header->architecture, "MarvinBackbone");
  EXPECT_EQ(header->vocabulary, 31u);
  EXPECT_EQ(header->max_context, 0u);
  EXPECT_EQ(header->weights_bytes, 60u);
  Write("tare.json", R"({"context_length": 640})");
  header = DescribeModel(folder_.path());
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(header->max_context, 640u);
}

TEST_F(DescribeTest, RefusesWhatIsNoModel) {
  EXPECT_THAT(DescribeModel(folder_.path()),
              FailsWith(ErrorCode::kInvalidInput, "has no config.json"));
  EXPECT_THAT(DescribeModel(Write("notes.txt", "no model, but longer than a header of GGUF is")),
              FailsWith(ErrorCode::kCorruptFile, "notes.txt"));
  Write("config.json", "{}");
  EXPECT_THAT(DescribeModel(folder_.path()), FailsWith(ErrorCode::kUnsupported, "model_type"));
}

}  // namespace
}  // namespace tare
