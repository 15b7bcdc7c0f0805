#include "models/families/gpt2/gpt2.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <list>

#include "graph/dump.h"
#include "models/keras_names.h"
#include "models/model_weights.h"
#include "tensor/storage.h"

namespace tare {
namespace {

using ::testing::HasSubstr;

JsonObject Json(const std::string& text) { return *JsonObject::Parse(text, "config.json"); }

constexpr char kKerasGpt2[] =
    R"({"vocabulary_size": 11, "num_layers": 1, "num_heads": 2, "hidden_dim": 6,
        "intermediate_dim": 10, "max_sequence_length": 16, "dropout": 0.1})";
std::string Without(std::string text, const std::string& part, const std::string& other = "") {
  const size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return text.replace(at, part.size(), other);
}

TEST(Gpt2ConfigTest, ReadsAPresets) {
  const Result<Gpt2Config> config = Gpt2ConfigFromKeras(Json(kKerasGpt2));
  ASSERT_TRUE(config.ok()) << config.error().message();
  EXPECT_EQ(config->vocabulary, 11u);
  EXPECT_EQ(config->inner_width, 10u);
  EXPECT_EQ(config->max_context, 16u);
  EXPECT_EQ(config->norm_epsilon, 1e-5f);
}

TEST(Gpt2ConfigTest, RefusesWhatCannotBe) {
  const auto gpt2 = [](const std::string& part, const std::string& other) {
    return Gpt2ConfigFromKeras(Json(Without(kKerasGpt2, part, other))).error();
  };
  EXPECT_THAT(gpt2("\"num_layers\": 1,", "").message(), HasSubstr("num_layers"));
  EXPECT_THAT(gpt2("\"num_heads\": 2", "\"num_heads\": 0").message(), HasSubstr("num_heads"));
  EXPECT_THAT(gpt2("\"num_heads\": 2", "\"num_heads\": 4").message(), HasSubstr("4 heads"));
  EXPECT_THAT(gpt2("\"hidden_dim\": 6", "\"hidden_dim\": 99999999").message(),
              HasSubstr("hidden_dim"));
}

// A KerasHub preset's variables, all zeros, by name and shape.
struct Gpt2Variables {
  std::list<Storage> storages;
  NamedTensors tensors;

  void Add(const std::string& path, size_t index, const Shape& shape) {
    storages.push_back(*Storage::Allocate(DType::kF32, shape));
    tensors.tensors.push_back({KerasVariable(path, index), storages.back().view(), 0, 0});
  }
  void AddPair(const std::string& path, const Shape& kernel, const Shape& bias) {
    Add(path, 0, kernel);
    Add(path, 1, bias);
  }
};

Gpt2Variables AllVariables() {
  Gpt2Variables variables;
  const std::string layer = "layers/transformer_decoder";
  const std::string attention = layer + "/_self_attention_layer/";
  variables.Add("layers/reversible_embedding", 0, {11, 6});
  variables.Add("layers/position_embedding", 0, {16, 6});
  variables.AddPair("layers/layer_normalization", {6}, {6});
  variables.AddPair(layer + "/_self_attention_layer_norm", {6}, {6});
  for (const char* part : {"query_dense", "key_dense", "value_dense"}) {
    variables.AddPair(attention + part, {6, 2, 3}, {2, 3});
  }
  variables.AddPair(attention + "output_dense", {2, 3, 6}, {6});
  variables.AddPair(layer + "/_feedforward_layer_norm", {6}, {6});
  variables.AddPair(layer + "/_feedforward_intermediate_dense", {6, 10}, {10});
  variables.AddPair(layer + "/_feedforward_output_dense", {10, 6}, {6});
  std::ranges::sort(variables.tensors.tensors, {}, &NamedTensor::name);
  return variables;
}

TEST(KerasGpt2Test, IsWrittenWithKerasOwnEinsums) {
  const Gpt2Variables variables = AllVariables();
  const Gpt2Config config = *Gpt2ConfigFromKeras(Json(kKerasGpt2));
  TensorReader reader(variables.tensors, "preset", "gpt2");
  const Gpt2Model model(config);
  const ModelWeights weights =
      ReadWeights(reader, kGpt2Family.tensors, model.sizes(), ModelFormat::kKeras);
  ASSERT_TRUE(reader.Finish().ok()) << reader.Finish().error().message();
  const Graph graph = *model.BuildGraph(weights, true);
  const std::string dump = DumpGraph(graph);
  for (const char* equation :
       {"abc,cde->abde", "abcd,cde->abe", "aecd,abcd->acbe", "acbe,aecd->abcd"}) {
    EXPECT_THAT(dump, HasSubstr(equation));
  }
  EXPECT_EQ(CountConstantBytes(graph).owned, 0u);
  EXPECT_EQ(graph.node(graph.output()).type.ToString(), "f32 [1, 1, 11]");
}

TEST(KerasGpt2Test, RefusesMissingMisshapenAndStrangeVariables) {
  const Gpt2Config config = *Gpt2ConfigFromKeras(Json(kKerasGpt2));
  const auto error = [&](const NamedTensors& tensors) {
    TensorReader reader(tensors, "preset", "gpt2");
    (void)ReadWeights(reader, kGpt2Family.tensors, Gpt2Model(config).sizes(), ModelFormat::kKeras);
    const Status status = reader.Finish();
    return status.ok() ? std::string() : status.error().message();
  };
  const Gpt2Variables variables = AllVariables();
  NamedTensors missing = variables.tensors;
  const std::string first = missing.tensors.front().name;
  missing.tensors.erase(missing.tensors.begin());
  EXPECT_THAT(error(missing), HasSubstr(first + " is missing"));
  NamedTensors strange = variables.tensors;
  strange.tensors.push_back({"z/vars/0", strange.tensors.front().view, 0, 0});
  EXPECT_THAT(error(strange), HasSubstr("z/vars/0 does not belong to a gpt2 model"));
  NamedTensors misshapen = variables.tensors;
  misshapen.tensors.back().view.shape = Shape{7};
  EXPECT_THAT(error(misshapen), HasSubstr("has shape [7]"));
  // A preset may hold integers; no kernel multiplies by them.
  NamedTensors integers = variables.tensors;
  integers.tensors.back().view.dtype = DType::kI32;
  EXPECT_THAT(error(integers), HasSubstr("is i32, expected floating-point"));
}

}  // namespace
}  // namespace tare
