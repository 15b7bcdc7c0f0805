#include "tools/convert/keras_preset_json.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

// How KerasHub names the classes of a family, and the modules they come from.
struct Family {
  std::string_view module;   // below keras_hub.src.models
  std::string_view classes;  // "GPT2", as in GPT2Backbone
  std::string_view task;     // in metadata.json
};

Family FamilyOf(const KerasPreset& preset) {
  if (std::holds_alternative<Gpt2Config>(preset.backbone.config))
    return {"gpt2", "GPT2", "CausalLM"};
  return {"llama3", "Llama3", "LlamaCausalLM"};
}

// The shortest decimal that means this float: 1e-06, not 9.999999974752427e-07.
double AsWritten(float value) {
  const std::string text = fmt::format("{}", value);
  double result = 0.0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

std::string_view PolicyName(DType dtype) {
  if (dtype == DType::kF16) return "float16";
  return dtype == DType::kBF16 ? "bfloat16" : "float32";
}

Json Policy(std::string_view name) {
  return {{"module", "keras"},
          {"class_name", "DTypePolicy"},
          {"config", {{"name", name}}},
          {"registered_name", nullptr}};
}

// Every object has these four; `file` is the module's last part, "gpt2_backbone".
Json Object(const Family& family, std::string_view file, std::string_view suffix, Json config) {
  const std::string class_name = fmt::format("{}{}", family.classes, suffix);
  return {{"module", fmt::format("keras_hub.src.models.{}.{}", family.module, file)},
          {"class_name", class_name},
          {"config", std::move(config)},
          {"registered_name", "keras_hub>" + class_name}};
}

Json LayerConfig(std::string_view name, std::string_view policy) {
  return {{"name", name}, {"trainable", true}, {"dtype", Policy(policy)}};
}

void AddSizes(const Gpt2Config& sizes, bool /*tied*/, Json& config) {
  config["vocabulary_size"] = sizes.vocabulary;
  config["num_layers"] = sizes.layers;
  config["num_heads"] = sizes.heads;
  config["hidden_dim"] = sizes.width;
  config["intermediate_dim"] = sizes.inner_width;
  config["dropout"] = 0.1;
  config["max_sequence_length"] = sizes.max_context;
}

void AddSizes(const LlamaConfig& sizes, bool tied, Json& config) {
  config["vocabulary_size"] = sizes.vocabulary;
  config["num_layers"] = sizes.layers;
  config["num_query_heads"] = sizes.heads;
  config["hidden_dim"] = sizes.width;
  config["intermediate_dim"] = sizes.inner_width;
  if (sizes.rope_base == std::floor(sizes.rope_base)) {
    config["rope_max_wavelength"] = static_cast<int64_t>(sizes.rope_base);
  } else {
    config["rope_max_wavelength"] = AsWritten(sizes.rope_base);
  }
  config["rope_position_scaling_factor"] = AsWritten(sizes.rope_linear_factor);
  const auto& rope = sizes.rope_correction;
  config["rope_frequency_adjustment_factor"] = rope ? Json(AsWritten(rope->factor)) : Json();
  config["rope_low_freq_factor"] = rope ? Json(AsWritten(rope->low)) : Json();
  config["rope_high_freq_factor"] = rope ? Json(AsWritten(rope->high)) : Json();
  config["rope_pretraining_sequence_length"] = rope ? Json(rope->original_context) : Json();
  config["num_key_value_heads"] = sizes.kv_heads;
  config["layer_norm_epsilon"] = AsWritten(sizes.norm_epsilon);
  config["dropout"] = 0;
  // KerasHub 0.32 reads it but loses it while saving; without it, it cannot load the weights.
  if (tied) config["tie_word_embeddings"] = true;
}

Json DescribeBackbone(const KerasPreset& preset, const Family& family) {
  const std::string name = fmt::format("{}_backbone", family.module);
  Json config = LayerConfig(name, PolicyName(preset.dtype));
  std::visit([&](const auto& sizes) { AddSizes(sizes, preset.backbone.tied, config); },
             preset.backbone.config);
  return Object(family, name, "Backbone", std::move(config));
}

Json DescribeTokenizer(const KerasPreset& preset, const Family& family) {
  const std::string name = fmt::format("{}_tokenizer", family.module);
  const KerasTokenizer& tokenizer = preset.tokenizer;
  Json config = LayerConfig(name, "int32");
  config["config_file"] = "tokenizer.json";
  config["sequence_length"] = nullptr;
  config["add_prefix_space"] = false;
  config["unsplittable_tokens"] = tokenizer.special_tokens;
  if (std::holds_alternative<LlamaConfig>(preset.backbone.config)) {
    if (tokenizer.bos != "<|begin_of_text|>") config["bos_token"] = tokenizer.bos;
    if (tokenizer.eos != "<|end_of_text|>") config["eos_token"] = tokenizer.eos;
  }
  return Object(family, name, "Tokenizer", std::move(config));
}

Json DescribePreprocessor(const KerasPreset& preset, const Family& family) {
  const std::string name = fmt::format("{}_causal_lm_preprocessor", family.module);
  Json config = LayerConfig(name, PolicyName(preset.dtype));
  config["tokenizer"] = DescribeTokenizer(preset, family);
  config["config_file"] = "preprocessor.json";
  config["sequence_length"] = preset.sequence_length;
  config["add_start_token"] = true;
  config["add_end_token"] = true;
  return Object(family, name, "CausalLMPreprocessor", std::move(config));
}

Json DescribeTask(const KerasPreset& preset, const Family& family) {
  const std::string name = fmt::format("{}_causal_lm", family.module);
  return Object(family, name, "CausalLM",
                {{"backbone", DescribeBackbone(preset, family)},
                 {"preprocessor", DescribePreprocessor(preset, family)},
                 {"name", name}});
}

Json DescribeMetadata(const KerasPreset& preset, const Family& family) {
  size_t parameters = 0;
  for (const KerasVariableSpec& variable : preset.variables) {
    parameters += variable.shape.elements();
  }
  return {{"keras_version", "3.15.1"},
          {"keras_hub_version", "0.32.0"},
          {"parameter_count", parameters},
          {"tasks", {family.task}}};
}

std::string ToText(const Json& json) {
  return json.dump(4, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

KerasPresetTexts DescribeKerasPreset(const KerasPreset& preset) {
  const Family family = FamilyOf(preset);
  return {ToText(DescribeBackbone(preset, family)), ToText(DescribeTask(preset, family)),
          ToText(DescribePreprocessor(preset, family)), ToText(DescribeTokenizer(preset, family)),
          ToText(DescribeMetadata(preset, family))};
}

std::string KerasVocabularyText(const KerasTokenizer& tokenizer) {
  std::string text = "{";
  for (size_t id = 0; id < tokenizer.tokens.size(); ++id) {
    if (id > 0) text += ", ";
    text += Json(tokenizer.tokens[id]).dump(-1, ' ', true, Json::error_handler_t::replace);
    fmt::format_to(std::back_inserter(text), ": {}", id);
  }
  return text + "}";
}

std::string KerasMergesText(const KerasTokenizer& tokenizer) {
  std::string text;
  for (const std::string& merge : tokenizer.merges) {
    text += merge;
    text += '\n';
  }
  return text;
}

}  // namespace tare
