#include "tools/convert/keras_preset_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

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

// Every object has these four; `file` is the module's last part: that of the family and
// "_backbone".
Json Object(const KerasClasses& family, std::string_view file, std::string_view suffix,
            Json config) {
  const std::string class_name = fmt::format("{}{}", family.classes, suffix);
  return {{"module", fmt::format("keras_hub.src.models.{}.{}", family.module, file)},
          {"class_name", class_name},
          {"config", std::move(config)},
          {"registered_name", "keras_hub>" + class_name}};
}

Json LayerConfig(std::string_view name, std::string_view policy) {
  return {{"name", name}, {"trainable", true}, {"dtype", Policy(policy)}};
}

Json DescribeBackbone(const KerasPreset& preset, const KerasClasses& family) {
  const std::string name = fmt::format("{}_backbone", family.module);
  Json config = LayerConfig(name, PolicyName(preset.dtype));
  preset.backbone.model->AddKerasConfig(preset.backbone.tied, config);
  return Object(family, name, "Backbone", std::move(config));
}

Json DescribeTokenizer(const KerasPreset& preset, const KerasClasses& family) {
  const std::string name = fmt::format("{}_tokenizer", family.module);
  const KerasTokenizer& tokenizer = preset.tokenizer;
  const KerasTokenizerClass& known = family.tokenizer;
  Json config = LayerConfig(name, "int32");
  config["config_file"] = "tokenizer.json";
  config["sequence_length"] = nullptr;
  if (!tokenizer.sentence_piece.empty()) {
    config["proto"] = nullptr;  // it is an asset
    config["add_bos"] = false;
    config["add_eos"] = false;
    if (!known.switched_off.empty()) config[std::string(known.switched_off)] = false;
    return Object(family, name, "Tokenizer", std::move(config));
  }
  config["add_prefix_space"] = false;
  config["unsplittable_tokens"] = tokenizer.special_tokens;
  if (known.names_ends) {
    if (tokenizer.bos != known.start) config["bos_token"] = tokenizer.bos;
    if (tokenizer.eos != known.end) config["eos_token"] = tokenizer.eos;
  }
  return Object(family, name, "Tokenizer", std::move(config));
}

Json DescribePreprocessor(const KerasPreset& preset, const KerasClasses& family) {
  const std::string name = fmt::format("{}_causal_lm_preprocessor", family.module);
  Json config = LayerConfig(name, PolicyName(preset.dtype));
  config["tokenizer"] = DescribeTokenizer(preset, family);
  config["config_file"] = "preprocessor.json";
  config["sequence_length"] = preset.sequence_length;
  config["add_start_token"] = true;
  config["add_end_token"] = true;
  return Object(family, name, "CausalLMPreprocessor", std::move(config));
}

Json DescribeTask(const KerasPreset& preset, const KerasClasses& family) {
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
  for (const NamedNumbers& extra : preset.backbone.model->MakeKerasExtras()) {
    parameters += extra.numbers.size();
  }
  return {{"keras_version", "3.15.1"},
          {"keras_hub_version", "0.32.0"},
          {"parameter_count", parameters},
          {"tasks", {family.keras_task}}};
}

std::string ToText(const Json& json) {
  return json.dump(4, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

KerasPresetTexts DescribeKerasPreset(const KerasPreset& preset) {
  const Family& family = preset.backbone.model->family();
  const KerasClasses classes = KerasClassesOf(family, !preset.tokenizer.sentence_piece.empty());
  return {ToText(DescribeBackbone(preset, classes)), ToText(DescribeTask(preset, classes)),
          ToText(DescribePreprocessor(preset, classes)), ToText(DescribeTokenizer(preset, classes)),
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
