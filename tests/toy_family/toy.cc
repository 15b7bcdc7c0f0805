#include "toy.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "graph/builder.h"
#include "models/attention.h"
#include "models/gguf_keys.h"
#include "models/json_keys.h"

namespace tare {
namespace {

constexpr PartNames kToyParts[] = {
    {ModelPart::kTokenEmbedding, "token_embd", "tokens", "layers/toy_tokens"},
    {ModelPart::kOutput, "output", "head", "layers/toy_tokens"},
    {ModelPart::kPositionEmbedding, "position_embd", "places", "layers/toy_places"},
    {ModelPart::kOutputNorm, "output_norm", "norm", "layers/toy_norm"},
    {ModelPart::kAttentionNorm, "attn_norm", "norm_1", "norm_1"},
    {ModelPart::kQuery, "attn_q", "query", "attention/query", PartBias::kAlways},
    {ModelPart::kKey, "attn_k", "key", "attention/key", PartBias::kAlways},
    {ModelPart::kValue, "attn_v", "value", "attention/value", PartBias::kAlways},
    {ModelPart::kAttentionOut, "attn_output", "out", "attention/out"},
    {ModelPart::kMlpNorm, "ffn_norm", "norm_2", "norm_2"},
    {ModelPart::kUp, "ffn_up", "up", "up"},
    {ModelPart::kDown, "ffn_down", "down", "down"},
};

constexpr RequiredSetting kToySettings[] = {{"act", "silu"}};

// The names that KerasHub would use.
constexpr HuggingFaceKeys kToyKerasKeys = {.vocabulary = "vocabulary_size",
                                           .context = "max_sequence_length",
                                           .width = "hidden_dim",
                                           .inner_width = "intermediate_dim",
                                           .layers = "num_layers",
                                           .heads = "num_query_heads",
                                           .kv_heads = "num_key_value_heads",
                                           .head_size = "",
                                           .norm_epsilon = "",
                                           .activation = ""};

constexpr AttentionEquations kToyAttention = {
    .query = {"bqm,muh->bquh", "bqm,uhm->bquh"},
    .key_value = {"bkm,mvh->bkvh", "bkm,vhm->bkvh"},
    .output = {"bquh,uhm->bqm", "bquh,muh->bqm"},
    .scores = "bquh,bkuh->buqk",
    .mix = "buqk,bkuh->bquh",
};

constexpr float kToyEpsilon = 1e-5f;

class ToyModel : public FamilyModel {
 public:
  explicit ToyModel(const ModelSizes& sizes) : sizes_(sizes) {
    sizes_.head_size = sizes.width / sizes.heads;
  }

  const Family& family() const override { return kToyFamily; }
  ModelSizes sizes() const override { return sizes_; }

  Result<Graph> BuildGraph(const ModelWeights& weights, bool last_token_only) const override {
    GraphBuilder graph;
    const auto norm = [&](NodeId x, ModelPart part, size_t layer) {
      return graph.RmsNorm(x, graph.Constant(weights.Tensor(part, layer), "gamma"), kToyEpsilon);
    };
    const NodeId ids = graph.TokenIds();
    const NodeId table = graph.Constant(weights.Tensor(ModelPart::kTokenEmbedding), "tokens");
    const NodeId places = graph.Constant(weights.Tensor(ModelPart::kPositionEmbedding), "places");
    NodeId x = graph.Gather(table, ids);
    x = graph.Add(x, graph.Positions(places, x));
    for (size_t i = 0; i < sizes_.layers; ++i) {
      graph.PushScope(fmt::format("layer.{}", i));
      const NodeId normed = norm(x, ModelPart::kAttentionNorm, i);
      x = graph.Add(Attention(graph, normed, weights, sizes_, i, kToyAttention), x);
      const NodeId up =
          Dense(graph, norm(x, ModelPart::kMlpNorm, i), weights.Linear(ModelPart::kUp, i), "up");
      x = graph.Add(Dense(graph, graph.Silu(up), weights.Linear(ModelPart::kDown, i), "down"), x);
      graph.PopScope();
    }
    x = norm(x, ModelPart::kOutputNorm, 0);
    if (last_token_only) x = graph.LastToken(x);
    const NodeId logits = Logits(graph, x, weights, table);
    return std::move(graph).Finish(logits);
  }

  Status AddGgufKeys(GgufKeyWriter& keys) const override {
    keys.Uint("attention.head_count_kv", sizes_.kv_heads);
    return {};
  }

  Status AddHuggingFaceConfig(nlohmann::ordered_json& json) const override {
    Put(kToyFamily.hugging_face_keys, json);
    return {};
  }

  Result<std::shared_ptr<const FamilyModel>> ForKeras() const override {
    return std::shared_ptr<const FamilyModel>(std::make_shared<ToyModel>(sizes_));
  }

  Status CheckKeras(bool /*tied*/) const override { return {}; }

  void AddKerasConfig(bool /*tied*/, nlohmann::ordered_json& json) const override {
    Put(kToyKerasKeys, json);
  }

 private:
  void Put(const HuggingFaceKeys& keys, nlohmann::ordered_json& json) const {
    json[std::string(keys.vocabulary)] = sizes_.vocabulary;
    json[std::string(keys.context)] = sizes_.max_context;
    json[std::string(keys.width)] = sizes_.width;
    json[std::string(keys.inner_width)] = sizes_.inner_width;
    json[std::string(keys.layers)] = sizes_.layers;
    json[std::string(keys.heads)] = sizes_.heads;
    json[std::string(keys.kv_heads)] = sizes_.kv_heads;
  }

  ModelSizes sizes_;
};

Result<std::unique_ptr<FamilyModel>> Checked(const ModelSizes& sizes, const std::string& where) {
  if (sizes.width % sizes.heads != 0 || sizes.heads % sizes.kv_heads != 0) {
    return CorruptFile("{}: {} heads do not fit a width of {}", where, sizes.heads, sizes.width);
  }
  return std::unique_ptr<FamilyModel>(std::make_unique<ToyModel>(sizes));
}

Result<std::unique_ptr<FamilyModel>> ToyFromGguf(const Family& /*family*/, const GgufFile& file) {
  ModelSizes sizes;
  TARE_ASSIGN_OR_RETURN(sizes.layers, GetSize(file, "toy.block_count", kMaxModelLayers));
  TARE_ASSIGN_OR_RETURN(sizes.width, GetSize(file, "toy.embedding_length"));
  TARE_ASSIGN_OR_RETURN(sizes.inner_width, GetSize(file, "toy.feed_forward_length"));
  TARE_ASSIGN_OR_RETURN(sizes.heads, GetSize(file, "toy.attention.head_count"));
  TARE_ASSIGN_OR_RETURN(sizes.kv_heads, GetSize(file, "toy.attention.head_count_kv"));
  TARE_ASSIGN_OR_RETURN(sizes.max_context, GetSize(file, "toy.context_length"));
  TARE_ASSIGN_OR_RETURN(sizes.vocabulary, GetVocabularySize(file, "toy.vocab_size"));
  return Checked(sizes, file.path());
}

Result<std::unique_ptr<FamilyModel>> ToyFromJson(const JsonObject& json,
                                                 const HuggingFaceKeys& keys) {
  ModelSizes sizes;
  TARE_ASSIGN_OR_RETURN(sizes.vocabulary, GetSize(json, keys.vocabulary));
  TARE_ASSIGN_OR_RETURN(sizes.max_context, GetSize(json, keys.context));
  TARE_ASSIGN_OR_RETURN(sizes.width, GetSize(json, keys.width));
  TARE_ASSIGN_OR_RETURN(sizes.inner_width, GetSize(json, keys.inner_width));
  TARE_ASSIGN_OR_RETURN(sizes.layers, GetSize(json, keys.layers, kMaxModelLayers));
  TARE_ASSIGN_OR_RETURN(sizes.heads, GetSize(json, keys.heads));
  TARE_ASSIGN_OR_RETURN(sizes.kv_heads, GetSize(json, keys.kv_heads));
  TARE_RETURN_IF_ERROR(ExpectSettings(json, kToySettings));
  return Checked(sizes, json.name());
}

Result<std::unique_ptr<FamilyModel>> ToyFromHuggingFace(const Family& /*family*/,
                                                        const JsonObject& json) {
  return ToyFromJson(json, kToyFamily.hugging_face_keys);
}

Result<std::unique_ptr<FamilyModel>> ToyFromKeras(const Family& /*family*/, const JsonObject& json,
                                                  std::optional<size_t> /*context*/) {
  return ToyFromJson(json, kToyKerasKeys);
}

ModelSizes SmallestToy() {
  return {.layers = 2,
          .width = 64,
          .inner_width = 96,
          .heads = 4,
          .kv_heads = 2,
          .vocabulary = 500,
          .max_context = 64};
}

std::vector<NamedShape> ToyShapes(const Family& /*family*/) {
  return {{"toy-tiny", "", {std::make_shared<ToyModel>(SmallestToy()), false}}};
}

Result<ModelShape> SpellToy(const Family& /*family*/, ShapeSettings& settings) {
  ModelSizes sizes = SmallestToy();
  TARE_RETURN_IF_ERROR(settings.TakeCommonSizes(sizes));
  TARE_RETURN_IF_ERROR(settings.TakeSize("kv_heads", sizes.kv_heads));
  TARE_RETURN_IF_ERROR(settings.ExpectNoMore(kToyFamily.shape_keys));
  return ModelShape{std::make_shared<ToyModel>(sizes), false};
}

}  // namespace

constinit const Family kToyFamily = {
    .name = "toy",
    .gguf_architecture = "toy",
    .hugging_face_type = "toy",
    .hugging_face_class = "ToyForCausalLM",
    .keras_module = "toy",
    .keras_classes = "Toy",
    .keras_task = "CausalLM",
    .tensors = {.parts = kToyParts,
                .hugging_face_prefix = "toy.",
                .hugging_face_layers = "layers.",
                .hugging_face_layout = WeightLayout::kOutIn,
                .hugging_face_ignored = {},
                .keras_layers = "toy_decoder"},
    .hugging_face_keys = {.vocabulary = "vocab_size",
                          .context = "max_position_embeddings",
                          .width = "toy_width",
                          .inner_width = "toy_inner_width",
                          .layers = "toy_layers",
                          .heads = "toy_heads",
                          .kv_heads = "toy_kv_heads",
                          .head_size = "",
                          .norm_epsilon = "",
                          .activation = "act"},
    .hugging_face_settings = kToySettings,
    .keras_tokenizer =
        {.start = "<toy>", .end = "</toy>", .names_ends = false, .second_end = "", .demanded = {}},
    .keras_names_context = true,
    .gguf_pairing = std::nullopt,
    .pre_tokenizer = "gpt-2",
    .from_gguf = ToyFromGguf,
    .from_hugging_face = ToyFromHuggingFace,
    .from_keras = ToyFromKeras,
    .named_shapes = ToyShapes,
    .shape_keys = "kv_heads",
    .spell_shape = SpellToy,
};

}  // namespace tare
