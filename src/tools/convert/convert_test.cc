#include "tools/convert/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "base/testing/fails_with.h"
#include "base/testing/temp_folder.h"
#include "format/gguf/gguf.h"
#include "models/decoder/decoder_model.h"
#include "models/families/gpt2/gpt2.h"
#include "models/families/llama/llama.h"
#include "models/families/llama/testing/tiny_llama.h"
#include "models/model.h"
#include "models/tokenizers/load_tokenizer.h"
#include "models/tokenizers/sentence_piece_writer.h"
#include "tensor/dequantize.h"
#include "tokenizer/test_vocabulary.h"
#include "tools/convert/convert_source.h"
#include "tools/convert/keras_preset_writer.h"

namespace tare {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TestVocabulary SmallVocabulary() {
  return TestVocabulary::OfBytes({"t h", "th e", "Ġ the", "a n"}, {"<|begin|>", "<|end|>"});
}

// A llama that all three formats can hold.
TinyLlama SmallLlama() {
  TinyLlama llama;
  llama.head_size = llama.width / llama.heads;
  const TestVocabulary vocabulary = SmallVocabulary();
  llama.tokens = vocabulary.tokens;
  llama.merges = vocabulary.merges;
  const auto begin = static_cast<uint32_t>(vocabulary.tokens.size() - 2);
  llama.more_uints = {{"tokenizer.ggml.bos_token_id", begin},
                      {"tokenizer.ggml.eos_token_id", begin + 1}};
  return llama;
}

KerasPreset SmallGpt2(DType type) {
  KerasPreset preset;
  const TestVocabulary vocabulary = TestVocabulary::OfBytes({"t h", "th e"}, {"<|endoftext|>"});
  preset.tokenizer.tokens = vocabulary.tokens;
  preset.tokenizer.merges = vocabulary.merges;
  preset.backbone.model =
      std::make_shared<Gpt2Model>(Gpt2Config{.layers = 2,
                                             .width = 24,
                                             .inner_width = 40,
                                             .heads = 3,
                                             .vocabulary = vocabulary.tokens.size(),
                                             .max_context = 7,
                                             .norm_epsilon = 1e-5f});
  preset.dtype = type;
  preset.sequence_length = 7;
  preset.variables = KerasVariables(preset.backbone, type);
  return preset;
}

const DecoderSpec& SpecOf(const Model& model) {
  return dynamic_cast<const DecoderModel&>(model.family_model()).spec();
}

// Random numbers of the type, all different from each other mostly.
void WritePreset(const KerasPreset& preset, const std::string& path) {
  std::mt19937 random(7);
  auto writer = KerasPresetWriter::Create(path, OldFolder::kKeep, preset);
  ASSERT_TRUE(writer.ok()) << writer.error().message();
  for (const KerasVariableSpec& variable : preset.variables) {
    std::vector<float> numbers(variable.shape.elements());
    for (float& number : numbers) {
      number = static_cast<float>(random()) * 0x1.0p-32f - 0.5f;
    }
    std::vector<std::byte> bytes(*ByteSize(variable.dtype, variable.shape));
    QuantizeRow(variable.dtype, numbers.data(), numbers.size(), bytes.data());
    ASSERT_TRUE(writer->AppendData(variable.name, bytes).ok());
  }
  ASSERT_TRUE(writer->Finish().ok());
}

class ConvertTest : public testing::Test {
 protected:
  // The path of the result.
  std::string Convert(const std::string& in, const std::string& name, ModelFormat to,
                      std::string_view type = {}) {
    const auto summary =
        ConvertModel(in, folder_.File(name), {.to = to, .type = FindTypeMix(type)});
    EXPECT_TRUE(summary.ok()) << summary.error().message();
    if (summary.ok()) summary_ = *summary;
    return folder_.File(name);
  }

  std::string Refusal(const std::string& in, const std::string& name,
                      const ConvertOptions& options) {
    const auto summary = ConvertModel(in, folder_.File(name), options);
    EXPECT_FALSE(summary.ok());
    return summary.ok() ? "" : summary.error().message();
  }

  std::string Write(const TinyLlama& llama) {
    const Status written = WriteTinyLlama(llama, folder_.File("source.gguf"));
    EXPECT_TRUE(written.ok()) << written.error().message();
    return folder_.File("source.gguf");
  }

  TempFolder folder_;
  ConvertSummary summary_;
};

void ExpectSameTensors(const std::string& a_path, const std::string& b_path) {
  const auto a = GgufFile::Open(a_path);
  const auto b = GgufFile::Open(b_path);
  ASSERT_TRUE(a.ok() && b.ok());
  ASSERT_EQ(a->tensors().size(), b->tensors().size());
  for (const GgufTensorInfo& tensor : a->tensors()) {
    const TensorView* const other = b->FindTensor(tensor.name);
    ASSERT_NE(other, nullptr) << tensor.name;
    EXPECT_EQ(other->dtype, tensor.view.dtype) << tensor.name;
    ASSERT_EQ(other->shape, tensor.view.shape) << tensor.name;
    ASSERT_EQ(other->bytes(), tensor.view.bytes()) << tensor.name;
    EXPECT_EQ(std::memcmp(other->data, tensor.view.data, other->bytes()), 0) << tensor.name;
  }
}

class RoundTripTest : public ConvertTest,
                      public testing::WithParamInterface<std::tuple<DType, bool>> {};

TEST_P(RoundTripTest, LlamaComesBackByteForByte) {
  TinyLlama llama = SmallLlama();
  std::tie(llama.weights, llama.tied) = GetParam();
  const std::string source = Write(llama);
  const std::string hf = Convert(source, "hf", ModelFormat::kHuggingFace);
  EXPECT_EQ(summary_.rounding.changed, 0u);
  ExpectSameTensors(source, Convert(hf, "from_hf.gguf", ModelFormat::kGguf));
  const std::string keras = Convert(source, "keras", ModelFormat::kKeras);
  EXPECT_EQ(summary_.rounding.changed, 0u);
  ExpectSameTensors(source, Convert(keras, "from_keras.gguf", ModelFormat::kGguf));
  const std::string other = Convert(hf, "keras_from_hf", ModelFormat::kKeras);
  EXPECT_EQ(ReadAll(keras + "/model.weights.h5"), ReadAll(other + "/model.weights.h5"));
  const std::string back = Convert(keras, "hf_from_keras", ModelFormat::kHuggingFace);
  EXPECT_EQ(ReadAll(hf + "/model.safetensors"), ReadAll(back + "/model.safetensors"));
}

TEST_P(RoundTripTest, Gpt2ComesBackByteForByte) {
  const DType type = std::get<0>(GetParam());
  const std::string source = folder_.File("source");
  WritePreset(SmallGpt2(type), source);
  const std::string gguf = Convert(source, "model.gguf", ModelFormat::kGguf);
  const std::string hf = Convert(gguf, "hf", ModelFormat::kHuggingFace);
  const std::string back = Convert(hf, "back", ModelFormat::kKeras);
  EXPECT_EQ(summary_.rounding.changed, 0u);
  EXPECT_EQ(ReadAll(source + "/model.weights.h5"), ReadAll(back + "/model.weights.h5"));
  const std::string direct = Convert(source, "direct", ModelFormat::kHuggingFace);
  EXPECT_EQ(ReadAll(hf + "/model.safetensors"), ReadAll(direct + "/model.safetensors"));
}

INSTANTIATE_TEST_SUITE_P(Types, RoundTripTest,
                         testing::Combine(testing::Values(DType::kF32, DType::kF16, DType::kBF16),
                                          testing::Bool()));

TEST_F(ConvertTest, KeepsTheConfiguration) {
  TinyLlama llama = SmallLlama();
  llama.more_floats = {{"llama.rope.freq_base", 500000.0f},
                       {"llama.attention.layer_norm_rms_epsilon", 2e-6f}};
  const std::string source = Write(llama);
  const std::string keras = Convert(source, "keras", ModelFormat::kKeras);
  const std::string hf = Convert(keras, "hf", ModelFormat::kHuggingFace);
  const Model model = Model::Open(Convert(hf, "back.gguf", ModelFormat::kGguf)).value();
  const DecoderSpec& config = SpecOf(model);
  EXPECT_EQ(config.ropes[0].base, 500000.0f);
  EXPECT_EQ(config.norm_epsilon, 2e-6f);
  EXPECT_EQ(config.sizes.max_context, llama.context);
  EXPECT_EQ(config.sizes.kv_heads, llama.kv_heads);
  EXPECT_EQ(config.sizes.head_size, llama.head_size);
}

TEST_F(ConvertTest, CarriesTheCorrectionOfFrequencies) {
  KerasPreset preset;
  const TestVocabulary vocabulary = SmallVocabulary();
  preset.tokenizer.tokens = vocabulary.tokens;
  preset.tokenizer.merges = vocabulary.merges;
  preset.tokenizer.bos = "<|begin|>";
  preset.tokenizer.eos = "<|end|>";
  DecoderSpec spec;
  spec.sizes = {.layers = 1,
                .width = 64,
                .inner_width = 32,
                .heads = 2,
                .kv_heads = 1,
                .head_size = 32,
                .vocabulary = vocabulary.tokens.size() + 2,
                .max_context = 64};
  spec.norm_epsilon = 1e-5f;
  RopeScaling scaling;
  scaling.kind = RopeScalingKind::kWavelength;
  scaling.factor = 8.0f;
  scaling.low = 1.5f;
  scaling.high = 3.0f;
  scaling.original_context = 4096;
  spec.ropes[0] = {500000.0f, 32, 1.0f, scaling, {}};
  preset.backbone.model = std::make_shared<DecoderModel>(kLlamaFamily, spec);
  preset.variables = KerasVariables(preset.backbone, DType::kF32);
  WritePreset(preset, folder_.File("source"));
  const std::string gguf = Convert(folder_.File("source"), "model.gguf", ModelFormat::kGguf);
  EXPECT_NE(GgufFile::Open(gguf)->FindTensor("rope_freqs.weight"), nullptr);
  const Model back = Model::Open(Convert(gguf, "hf", ModelFormat::kHuggingFace)).value();
  const DecoderSpec& config = SpecOf(back);
  ASSERT_EQ(config.ropes[0].scaling.kind, RopeScalingKind::kWavelength);
  EXPECT_EQ(config.ropes[0].scaling.factor, 8.0f);
  EXPECT_EQ(config.ropes[0].scaling.low, 1.5f);
  EXPECT_EQ(config.ropes[0].scaling.high, 3.0f);
  EXPECT_EQ(config.ropes[0].scaling.original_context, 4096u);
}

TEST_F(ConvertTest, RefusesDivisorsThatFollowFromNothing) {
  TinyLlama llama = SmallLlama();
  llama.rope_divisors = true;
  const std::string source = Write(llama);
  EXPECT_THAT(Refusal(source, "hf", {.to = ModelFormat::kHuggingFace}),
              HasSubstr("rope_freqs.weight is not the usual correction"));
  EXPECT_FALSE(std::filesystem::exists(folder_.File("hf")));
  ExpectSameTensors(source, Convert(source, "copy.gguf", ModelFormat::kGguf));
}

TEST_F(ConvertTest, IdsStayTheSame) {
  const std::string source = Write(SmallLlama());
  const std::string hf = Convert(source, "hf", ModelFormat::kHuggingFace);
  const std::string back = Convert(hf, "back.gguf", ModelFormat::kGguf);
  const Tokenizer expected = LoadTokenizer(source).value();
  for (const std::string& path : {hf, back}) {
    const Tokenizer tokenizer = LoadTokenizer(path).value();
    EXPECT_EQ(tokenizer.vocabulary_size(), expected.vocabulary_size());
    EXPECT_EQ(tokenizer.bos_id(), expected.bos_id());
    EXPECT_EQ(tokenizer.eos_id(), expected.eos_id());
    EXPECT_EQ(tokenizer.adds_bos(), expected.adds_bos());
    for (const char* text :
         {"the other theme", " an  end\n\n", "'tis <|end|>", "né 日本 🙂", ""}) {
      EXPECT_EQ(*tokenizer.Encode(text), *expected.Encode(text)) << path << text;
    }
  }
}

// Bytes and pieces of "the", with a control token and one of the user; as many as SmallLlama has.
std::string SentencePieces(uint64_t model_type, size_t size) {
  SentencePieceModel model;
  std::vector<std::string> texts = {"<unk>", "<s>", "</s>", "<|x|>", "<tab>"};
  for (int byte = 0; byte < 256; ++byte) texts.push_back(fmt::format("<0x{:02X}>", byte));
  for (const char* piece : {"\u2581", "t", "h", "e", "th", "the", "\u2581the"}) {
    texts.emplace_back(piece);
  }
  while (texts.size() < size) texts.push_back(fmt::format("<unused{}>", texts.size()));
  for (size_t i = 0; i < texts.size(); ++i) {
    const int32_t type = i == 0 ? 2 : i < 4 || i >= 268 ? 3 : i == 4 ? 4 : i < 261 ? 6 : 1;
    model.pieces.push_back({texts[i], type == 1 ? -static_cast<float>(270 - i) : 0.0F, type});
  }
  model.model_type = model_type;
  model.bos_id = 1;
  model.eos_id = 2;
  model.byte_fallback = true;
  model.collapses_spaces = false;
  return SentencePieceModelBytes(model);
}

class SentencePieceConvertTest : public ConvertTest,
                                 public testing::WithParamInterface<uint64_t> {};

TEST_P(SentencePieceConvertTest, EveryFormHasTheSameTokenizer) {
  TinyLlama llama = SmallLlama();
  while (llama.tokens.size() < 270) llama.tokens.push_back(fmt::format("t{}", llama.tokens.size()));
  const std::string source = Convert(Write(llama), "source", ModelFormat::kHuggingFace);
  std::filesystem::remove(source + "/tokenizer.json");
  std::filesystem::remove(source + "/tokenizer_config.json");
  std::ofstream(source + "/tokenizer.model") << SentencePieces(GetParam(), llama.tokens.size());
  const Tokenizer expected = LoadTokenizer(source).value();
  const std::string gguf = Convert(source, "model.gguf", ModelFormat::kGguf);
  const std::string keras = Convert(source, "keras", ModelFormat::kKeras);
  for (const std::string& form : {gguf, keras, Convert(source, "hf", ModelFormat::kHuggingFace),
                                  Convert(gguf, "keras_from_gguf", ModelFormat::kKeras),
                                  Convert(gguf, "hf_from_gguf", ModelFormat::kHuggingFace),
                                  Convert(keras, "hf_from_keras", ModelFormat::kHuggingFace)}) {
    SCOPED_TRACE(form);
    const Tokenizer tokenizer = LoadTokenizer(form).value();
    EXPECT_EQ(tokenizer.bos_id(), 1);
    EXPECT_EQ(tokenizer.eos_id(), 2);
    EXPECT_TRUE(tokenizer.IsControl(3));
    EXPECT_TRUE(tokenizer.IsUserDefined(4));
    for (const char* text : {"the theth", "  the", "", " ", "the the the"}) {
      EXPECT_EQ(*tokenizer.Encode(text), *expected.Encode(text)) << text;
    }
    EXPECT_EQ(tokenizer.Encode("the<tab>", {.parse_special = true}).value(),
              (std::vector<int32_t>{267, 4}));
    EXPECT_EQ(tokenizer.Encode("the<|x|>", {.parse_special = true}).value(),
              (std::vector<int32_t>{267, 3}));
    EXPECT_NE(tokenizer.Encode("the<|x|>").value().back(), 3);
  }
  EXPECT_THAT(ReadAll(keras + "/tokenizer.json"), HasSubstr("\"LlamaTokenizer\""));
  EXPECT_THAT(ReadAll(keras + "/config.json"), HasSubstr("\"LlamaBackbone\""));
}

// 1: Unigram, 2: BPE. Bytes that are no token are lost in GGUF's Unigram, so the texts have none.
INSTANTIATE_TEST_SUITE_P(Kinds, SentencePieceConvertTest, testing::Values(1, 2));

TEST_F(ConvertTest, KeepsWhatAPresetHasNoWordFor) {
  TinyLlama llama = SmallLlama();
  llama.more_strings = {{"tokenizer.chat_template", "{{ messages }} é"}};
  const std::string keras = Convert(Write(llama), "keras", ModelFormat::kKeras);
  EXPECT_THAT(summary_.notes, testing::Contains(HasSubstr("does not split")));
  EXPECT_THAT(summary_.notes, testing::Contains(HasSubstr("begins every prompt")));
  const std::string back = Convert(keras, "back.gguf", ModelFormat::kGguf);
  EXPECT_THAT(summary_.notes, IsEmpty());
  const GgufFile file = GgufFile::Open(back).value();
  EXPECT_EQ(*file.GetString("tokenizer.chat_template"), "{{ messages }} é");
  EXPECT_EQ(*file.GetString("tokenizer.ggml.pre"), "gpt-2");
  EXPECT_EQ(*file.GetBool("tokenizer.ggml.add_bos_token"), false);
  EXPECT_EQ(*file.GetUint("llama.context_length"), llama.context);
  // KerasHub's Llama 3 tokenizer insists on two tokens that the model has no row for.
  EXPECT_EQ(file.GetStrings("tokenizer.ggml.tokens")->size(), llama.tokens.size());
}

TEST_F(ConvertTest, SaysWhenTextsAreSplitOtherwise) {
  WritePreset(SmallGpt2(DType::kF32), folder_.File("source"));
  Convert(folder_.File("source"), "model.gguf", ModelFormat::kGguf);
  EXPECT_THAT(summary_.notes, testing::Contains(HasSubstr("wrote gpt-2 instead")));
  const std::string hf = Convert(folder_.File("source"), "hf", ModelFormat::kHuggingFace);
  EXPECT_THAT(summary_.notes, IsEmpty());
  EXPECT_EQ(LoadTokenizer(hf)->pre_tokenizer(), PreTokenizer::kWhole);
}

TEST_F(ConvertTest, BlocksBecomeTheirExactValues) {
  TinyLlama llama = SmallLlama();
  llama.weights = DType::kQ4_1;
  const std::string source = Write(llama);
  const std::string hf = Convert(source, "hf", ModelFormat::kHuggingFace);
  EXPECT_EQ(summary_.rounding.changed, 0u);
  const GgufFile blocks = GgufFile::Open(source).value();
  const GgufFile plain = GgufFile::Open(Convert(hf, "plain.gguf", ModelFormat::kGguf)).value();
  const TensorView stored = *blocks.GetTensor("blk.1.ffn_down.weight");
  std::vector<float> values(stored.shape.elements());
  DequantizeRow(stored.dtype, stored.data, values.size(), values.data());
  const TensorView written = *plain.GetTensor("blk.1.ffn_down.weight");
  ASSERT_EQ(written.dtype, DType::kF32);
  EXPECT_EQ(std::memcmp(written.data, values.data(), written.bytes()), 0);
}

TEST_F(ConvertTest, QuantisesMatricesOnly) {
  const std::string source = Write(SmallLlama());
  const std::string out = Convert(source, "small.gguf", ModelFormat::kGguf, "q4_0");
  EXPECT_GT(summary_.rounding.changed, 0u);
  const GgufFile file = GgufFile::Open(out).value();
  const GgufFile plain = GgufFile::Open(source).value();
  EXPECT_EQ(file.FindTensor("blk.0.attn_norm.weight")->dtype, DType::kF32);
  EXPECT_EQ(file.FindTensor("token_embd.weight")->dtype, DType::kQ8_0);  // the output too
  const TensorView quantised = *file.GetTensor("blk.0.attn_q.weight");
  ASSERT_EQ(quantised.dtype, DType::kQ4_0);
  const TensorView exact = *plain.GetTensor("blk.0.attn_q.weight");
  std::vector<std::byte> expected(quantised.bytes());
  QuantizeRow(DType::kQ4_0, exact.f32(), exact.shape.elements(), expected.data());
  EXPECT_EQ(std::memcmp(quantised.data, expected.data(), expected.size()), 0);
}

TEST_F(ConvertTest, EveryMixIsWrittenAndReadBack) {
  TinyLlama llama = SmallLlama();
  llama.layers = 1;
  llama.width = llama.inner_width = 256;
  llama.head_size = llama.width / llama.heads;
  const std::string source = Write(llama);
  for (const TypeMix& mix : TypeMixes()) {
    const std::string name(mix.name);
    SCOPED_TRACE(name);
    const std::string out = Convert(source, name + ".gguf", ModelFormat::kGguf, name);
    const GgufFile stored = GgufFile::Open(out).value();
    EXPECT_EQ(*stored.GetUint("general.file_type"), mix.file_type);
    const TensorView blocks = *stored.GetTensor("blk.0.ffn_up.weight");
    const DType type = name == "mxfp4_moe" ? DType::kQ8_0 : mix.base;  // it has no experts
    ASSERT_EQ(blocks.dtype, type);
    EXPECT_EQ(stored.FindTensor("token_embd.weight")->dtype,
              !IsBlockQuantized(mix.base) || type == DType::kQ8_0 ? type : DType::kQ6_K);
    const std::string back = Convert(out, name + "-f32.gguf", ModelFormat::kGguf, "f32");
    EXPECT_EQ(summary_.rounding.changed, 0u);
    const GgufFile plain = GgufFile::Open(back).value();
    std::vector<float> values(blocks.shape.elements());
    DequantizeRow(type, blocks.data, values.size(), values.data());
    EXPECT_EQ(std::memcmp(plain.GetTensor("blk.0.ffn_up.weight")->data, values.data(),
                          values.size() * sizeof(float)),
              0);
  }
}

TEST_F(ConvertTest, BlocksThatAreQuantisedAgainGetANote) {
  TinyLlama llama = SmallLlama();
  llama.weights = DType::kQ8_0;
  const std::string source = Write(llama);
  Convert(source, "again.gguf", ModelFormat::kGguf, "q4_0");
  EXPECT_THAT(summary_.notes, testing::Contains(HasSubstr("quantised again")));
  Convert(source, "same.gguf", ModelFormat::kGguf, "q8_0");
  EXPECT_THAT(summary_.notes, IsEmpty());
  Convert(source, "wider.gguf", ModelFormat::kGguf, "f32");
  EXPECT_THAT(summary_.notes, IsEmpty());
}

TEST_F(ConvertTest, RowsThatNoBlocksFitAreF16) {
  WritePreset(SmallGpt2(DType::kF32), folder_.File("source"));
  const std::string out = Convert(folder_.File("source"), "model.gguf", ModelFormat::kGguf, "q8_0");
  EXPECT_THAT(summary_.notes, testing::Contains(HasSubstr("not a multiple of the block size")));
  EXPECT_EQ(GgufFile::Open(out)->FindTensor("blk.0.ffn_down.weight")->dtype, DType::kF16);
  EXPECT_EQ(GgufFile::Open(out)->FindTensor("position_embd.weight")->dtype, DType::kF32);
}

TEST_F(ConvertTest, RowsThatNoLargeBlocksFitHaveSmallOnes) {
  // 64 inputs are two blocks of 32, but no block of 256.
  const std::string source = Write(SmallLlama());
  const std::string mixed = Convert(source, "mixed.gguf", ModelFormat::kGguf, "q6_k");
  EXPECT_THAT(summary_.notes, testing::Contains(HasSubstr("not a multiple of the block size 256")));
  EXPECT_EQ(GgufFile::Open(mixed)->FindTensor("blk.0.attn_q.weight")->dtype, DType::kQ8_0);
}

TEST_F(ConvertTest, RefusesWhatTheTargetCannotHold) {
  const std::string source = Write(SmallLlama());
  EXPECT_THAT(Refusal(source, "hf", {.to = ModelFormat::kHuggingFace, .type = FindTypeMix("q8_0")}),
              HasSubstr("only GGUF files hold blocks"));
  TinyLlama wide = SmallLlama();
  wide.head_size = 32;
  EXPECT_THAT(Refusal(Write(wide), "keras", {.to = ModelFormat::kKeras}),
              HasSubstr("width / heads"));
  EXPECT_THAT(folder_.Names(), testing::ElementsAre("source.gguf"));
}

TEST_F(ConvertTest, LeavesWhatIsThere) {
  const std::string source = Write(SmallLlama());
  EXPECT_THAT(Refusal(source, "source.gguf", {}), HasSubstr("is also the source"));
  Convert(source, "model.gguf", ModelFormat::kGguf);
  EXPECT_THAT(Refusal(source, "model.gguf", {}), HasSubstr("--force"));
  EXPECT_TRUE(ConvertModel(source, folder_.File("model.gguf"), {.replace = true}).ok());
  Convert(source, "hf", ModelFormat::kHuggingFace);
  EXPECT_THAT(ConvertModel(source, folder_.File("hf"), {.to = ModelFormat::kHuggingFace}),
              FailsWith(ErrorCode::kInvalidInput, "exists and is not empty"));
}

}  // namespace
}  // namespace tare
