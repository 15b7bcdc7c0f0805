#include "models/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/testing/temp_folder.h"
#include "graph/dump.h"
#include "models/families/llama/testing/tiny_llama.h"

namespace tare {
namespace {

using ::testing::HasSubstr;

class ModelTest : public ::testing::Test {
 protected:
  Result<Model> Open(const TinyLlama& model) {
    const std::string path = folder_ + "/model.gguf";
    std::filesystem::remove(path);
    const Status written = WriteTinyLlama(model, path);
    EXPECT_TRUE(written.ok()) << written.error().message();
    return Model::Open(path);
  }

  void ExpectRefused(const TinyLlama& model, ErrorCode code, const std::string& text) {
    const Result<Model> opened = Open(model);
    ASSERT_FALSE(opened.ok()) << "expected: " << text;
    EXPECT_EQ(opened.error().code(), code) << opened.error().message();
    EXPECT_THAT(opened.error().message(), HasSubstr(text));
    EXPECT_THAT(opened.error().message(), HasSubstr("model.gguf"));
  }

  const TempFolder temp_;
  const std::string& folder_ = temp_.path();
};

TEST_F(ModelTest, TellsItsSizes) {
  TinyLlama tiny;
  const Result<Model> model = Open(tiny);
  ASSERT_TRUE(model.ok()) << model.error().message();
  const ModelInfo& info = model->info();
  EXPECT_EQ(info.family, "llama");
  EXPECT_EQ(info.layers, 2u);
  EXPECT_EQ(info.width, 64u);
  EXPECT_EQ(info.inner_width, 96u);
  EXPECT_EQ(info.heads, 4u);
  EXPECT_EQ(info.kv_heads, 2u);
  EXPECT_EQ(info.head_size, 32u);
  EXPECT_EQ(info.vocabulary, 37u);
  EXPECT_TRUE(info.tied_output);
  // Two norms, query and output, key and value, three of the MLP; the embedding and the last norm.
  const uint64_t layer = 2 * 64 + 2 * 128 * 64 + 2 * 64 * 64 + 3 * 96 * 64;
  EXPECT_EQ(info.parameters, 2 * layer + 37 * 64 + 64);
  EXPECT_EQ(info.weights_bytes, info.parameters * 4);
  EXPECT_EQ(info.bytes_per_token, info.weights_bytes);
}

TEST_F(ModelTest, WithoutATokenizerTheEmbeddingSaysHowManyTokensThereAre) {
  TinyLlama tiny;
  tiny.missing_keys = {"tokenizer.ggml.tokens"};
  const Result<Model> model = Open(tiny);
  ASSERT_TRUE(model.ok()) << model.error().message();
  EXPECT_EQ(model->info().vocabulary, 37u);
  tiny.more_uints["llama.vocab_size"] = 38;
  ExpectRefused(tiny, ErrorCode::kCorruptFile, "token_embd.weight has shape [37, 64]");
}

TEST_F(ModelTest, AnUntiedEmbeddingIsReadOneRowAToken) {
  TinyLlama tiny;
  tiny.tied = false;
  const Result<Model> model = Open(tiny);
  ASSERT_TRUE(model.ok()) << model.error().message();
  EXPECT_FALSE(model->info().tied_output);
  EXPECT_EQ(model->info().bytes_per_token, model->info().weights_bytes - 36 * 64 * 4);
}

TEST_F(ModelTest, BuildsKerasEinsumsOverBorrowedWeights) {
  for (const DType type : {DType::kF32, DType::kF16, DType::kQ8_0, DType::kQ4_0, DType::kQ4_1}) {
    TinyLlama tiny;
    tiny.weights = type;
    const Result<Model> model = Open(tiny);
    ASSERT_TRUE(model.ok()) << model.error().message();
    const Graph graph = *model->BuildGraph(LogitsFor::kLastToken);
    const std::string dump = DumpGraph(graph);
    for (const char* equation : {"bqm,uhm->bquh", "bkm,vhm->bkvh", "bquh,bkuh->buqk",
                                 "buqk,bkuh->bquh", "bquh,muh->bqm", "btc,vc->btv"}) {
      EXPECT_THAT(dump, HasSubstr(equation));
    }
    const ConstantBytes bytes = CountConstantBytes(graph);
    EXPECT_EQ(bytes.borrowed, model->info().weights_bytes);
    EXPECT_EQ(bytes.owned, 32 / 2 * sizeof(float));  // the rotation's frequencies
  }
}

TEST_F(ModelTest, AHeadThatCutsABlockIsProjectedFlat) {
  TinyLlama tiny;
  tiny.head_size = 24;  // Four heads are three blocks of 32; a single one is none.
  tiny.weights = DType::kQ8_0;
  const Result<Model> model = Open(tiny);
  ASSERT_TRUE(model.ok()) << model.error().message();
  EXPECT_THAT(DumpGraph(*model->BuildGraph(LogitsFor::kLastToken)),
              ::testing::Not(HasSubstr("bquh,muh->bqm")));
}

TEST_F(ModelTest, LogitsOfAllTokensOrTheLast) {
  const Result<Model> model = Open({});
  ASSERT_TRUE(model.ok());
  const Graph all = *model->BuildGraph(LogitsFor::kAllTokens);
  const Graph last = *model->BuildGraph(LogitsFor::kLastToken);
  EXPECT_EQ(all.node(all.output()).type.ToString(), "f32 [1, T, 37]");
  EXPECT_EQ(last.node(last.output()).type.ToString(), "f32 [1, 1, 37]");
}

TEST_F(ModelTest, RefusesAnUnknownFamily) {
  TinyLlama tiny;
  tiny.architecture = "mamba";
  ExpectRefused(tiny, ErrorCode::kUnsupported, "\"mamba\"");
}

TEST_F(ModelTest, RefusesAMissingKey) {
  TinyLlama tiny;
  tiny.missing_keys = {"llama.block_count"};
  ExpectRefused(tiny, ErrorCode::kCorruptFile, "llama.block_count");
}

TEST_F(ModelTest, RefusesAbsurdCounts) {
  for (const char* key : {"llama.block_count", "llama.context_length", "llama.embedding_length",
                          "llama.feed_forward_length", "llama.attention.head_count",
                          "llama.attention.head_count_kv"}) {
    for (const uint32_t value : {0u, 0xffffffffu}) {
      TinyLlama tiny;
      tiny.more_uints[key] = value;
      ExpectRefused(tiny, ErrorCode::kCorruptFile, key);
    }
  }
}

TEST_F(ModelTest, RefusesHeadsThatDoNotShare) {
  TinyLlama tiny;
  tiny.more_uints["llama.attention.head_count_kv"] = 3;
  ExpectRefused(tiny, ErrorCode::kCorruptFile, "4 heads cannot share 3");
}

TEST_F(ModelTest, RefusesAnOddHead) {
  TinyLlama tiny;
  tiny.more_uints["llama.attention.key_length"] = 31;
  ExpectRefused(tiny, ErrorCode::kCorruptFile, "even");
}

TEST_F(ModelTest, RefusesPartialRotation) {
  TinyLlama tiny;
  tiny.more_uints["llama.rope.dimension_count"] = 16;
  ExpectRefused(tiny, ErrorCode::kUnsupported, "partial rotation");
}

TEST_F(ModelTest, RefusesValuesOfAnotherSize) {
  TinyLlama tiny;
  tiny.more_uints["llama.attention.value_length"] = 16;
  ExpectRefused(tiny, ErrorCode::kUnsupported, "one head size");
}

TEST_F(ModelTest, RefusesExpertsAndWindows) {
  TinyLlama experts;
  experts.more_uints["llama.expert_count"] = 8;
  ExpectRefused(experts, ErrorCode::kUnsupported, "llama.expert_count");
  TinyLlama window;
  window.more_uints["llama.attention.sliding_window"] = 64;
  ExpectRefused(window, ErrorCode::kUnsupported, "llama.attention.sliding_window");
}

TEST_F(ModelTest, RefusesRopeScalingItDoesNotKnow) {
  TinyLlama tiny;
  tiny.more_strings["llama.rope.scaling.type"] = "longrope";
  ExpectRefused(tiny, ErrorCode::kUnsupported, "\"longrope\"");
  TinyLlama zero;
  zero.more_strings["llama.rope.scaling.type"] = "linear";
  zero.more_floats["llama.rope.scaling.factor"] = 0.0f;
  ExpectRefused(zero, ErrorCode::kCorruptFile, "rope.scaling.factor");
}

TEST_F(ModelTest, RefusesNumbersThatAreNone) {
  TinyLlama tiny;
  tiny.more_floats["llama.attention.layer_norm_rms_epsilon"] = std::nanf("");
  ExpectRefused(tiny, ErrorCode::kCorruptFile, "epsilon");
  TinyLlama base;
  base.more_floats["llama.rope.freq_base"] = -1.0f;
  ExpectRefused(base, ErrorCode::kCorruptFile, "rope.freq_base");
}

TEST_F(ModelTest, RefusesAVocabularyOfAnotherSize) {
  TinyLlama tiny;
  tiny.more_uints["llama.vocab_size"] = 38;
  ExpectRefused(tiny, ErrorCode::kCorruptFile, "38");
}

TEST_F(ModelTest, RefusesAMissingTensor) {
  TinyLlama tiny;
  tiny.missing_tensors = {"blk.1.ffn_up.weight"};
  ExpectRefused(tiny, ErrorCode::kCorruptFile, "blk.1.ffn_up.weight is missing");
}

TEST_F(ModelTest, RefusesATensorOfAnotherShape) {
  TinyLlama tiny;
  tiny.other_shapes["blk.0.attn_k.weight"] = Shape{64, 32};
  ExpectRefused(tiny, ErrorCode::kCorruptFile, "blk.0.attn_k.weight has shape [64, 32]");
}

TEST_F(ModelTest, RefusesATensorWithoutAPlace) {
  TinyLlama tiny;
  tiny.extra_tensors = {"blk.0.ffn_up.bias"};
  ExpectRefused(tiny, ErrorCode::kCorruptFile, "blk.0.ffn_up.bias does not belong");
}

TEST_F(ModelTest, RefusesAFileThatIsNoModel) {
  const std::string path = folder_ + "/notes.txt";
  std::ofstream(path) << "not a model at all, but long enough to hold a header";
  const Result<Model> opened = Model::Open(path);
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message(), HasSubstr("notes.txt"));
  EXPECT_EQ(Model::Open(folder_ + "/nowhere.gguf").error().code(), ErrorCode::kIo);
  EXPECT_EQ(Model::Open(folder_).error().code(), ErrorCode::kInvalidInput);
}

}  // namespace
}  // namespace tare
