#include "tools/synth/synth_shapes.h"

#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/closest_name.h"
#include "base/count_text.h"
#include "format/quote.h"
#include "models/gguf_keys.h"

namespace tare {
namespace {

// Keys that are still to be used, by name.
using Settings = std::map<std::string, std::string, std::less<>>;

SynthShape Gpt2Shape(std::string name, std::string alias, const Gpt2Config& config) {
  return {std::move(name), std::move(alias), {config, true}, config.max_context};
}

Gpt2Config Gpt2Size(size_t layers, size_t heads, size_t width) {
  return {layers, width, 4 * width, heads, 50257, 1024, 1e-5f};
}

LlamaConfig LlamaSize(size_t layers, size_t heads, size_t kv_heads, size_t width, size_t inner) {
  LlamaConfig config;
  config.layers = layers;
  config.width = width;
  config.inner_width = inner;
  config.heads = heads;
  config.kv_heads = kv_heads;
  config.head_size = width / heads;
  config.vocabulary = 1000;
  config.max_context = 256;
  config.norm_epsilon = 1e-5f;
  config.rope_base = 500000.0f;
  config.rope_correction = RopeCorrection{8.0f, 1.0f, 4.0f, 8192};
  return config;
}

SynthShape LlamaShape(std::string name, const LlamaConfig& config, bool tied) {
  return {std::move(name), "", {config, tied}, config.max_context};
}

Gpt2Config TinyGpt2() { return {2, 64, 256, 4, 1000, 128, 1e-5f}; }
LlamaConfig TinyLlama() { return LlamaSize(2, 4, 2, 64, 256); }

LlamaConfig SmallLlama() {
  LlamaConfig config = LlamaSize(8, 8, 4, 512, 1536);
  config.vocabulary = 16384;
  config.max_context = 2048;
  return config;
}

Result<Settings> ParseSettings(std::string_view text) {
  Settings settings;
  while (!text.empty()) {
    const std::string_view setting = text.substr(0, text.find(','));
    text.remove_prefix(std::min(setting.size() + 1, text.size()));
    const size_t equals = setting.find('=');
    if (equals == std::string_view::npos) {
      return InvalidInput("shape: {} is no setting such as layers=3", Quote(setting));
    }
    const std::string key(setting.substr(0, equals));
    if (!settings.emplace(key, setting.substr(equals + 1)).second) {
      return InvalidInput("shape: {} is set twice", Quote(key));
    }
  }
  return settings;
}

// Takes `key` out of the settings; nullopt where it is not there.
std::optional<std::string> Take(Settings& settings, std::string_view key) {
  const auto found = settings.find(key);
  if (found == settings.end()) return std::nullopt;
  std::string value = std::move(found->second);
  settings.erase(found);
  return value;
}

Status TakeSize(Settings& settings, std::string_view key, size_t& size,
                uint64_t max = kMaxModelSize) {
  const auto text = Take(settings, key);
  if (!text) return {};
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, size);
  if (error == std::errc() && stop == end && size > 0 && size <= max) return {};
  return InvalidInput("shape: {}={}: expected a number from 1 to {}", key, Quote(*text), max);
}

Status TakePositive(Settings& settings, std::string_view key, float& value) {
  const auto text = Take(settings, key);
  if (!text) return {};
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  if (error == std::errc() && stop == end && value > 0.0f && std::isfinite(value)) return {};
  return InvalidInput("shape: {}={}: expected a number above 0", key, Quote(*text));
}

Status TakeBool(Settings& settings, std::string_view key, bool& value) {
  const auto text = Take(settings, key);
  if (!text) return {};
  if (*text != "true" && *text != "false") {
    return InvalidInput("shape: {}={}: expected true or false", key, Quote(*text));
  }
  value = *text == "true";
  return {};
}

Status ExpectNoMore(const Settings& settings, std::string_view keys) {
  if (settings.empty()) return {};
  return InvalidInput("shape: there is no {}; there are {}", Quote(settings.begin()->first), keys);
}

// The sizes that both families have.
template <typename Config>
Status TakeCommonSizes(Settings& settings, Config& config) {
  TARE_RETURN_IF_ERROR(TakeSize(settings, "layers", config.layers, kMaxModelLayers));
  TARE_RETURN_IF_ERROR(TakeSize(settings, "heads", config.heads));
  TARE_RETURN_IF_ERROR(TakeSize(settings, "width", config.width));
  config.inner_width = 4 * config.width;
  TARE_RETURN_IF_ERROR(TakeSize(settings, "inner", config.inner_width));
  TARE_RETURN_IF_ERROR(TakeSize(settings, "vocabulary", config.vocabulary));
  TARE_RETURN_IF_ERROR(TakeSize(settings, "context", config.max_context));
  if (config.width % config.heads == 0) return {};
  return InvalidInput("shape: a width of {} is no whole number of {} heads; try width={}",
                      config.width, config.heads, (config.width / config.heads + 1) * config.heads);
}

Result<SynthShape> SpellGpt2(std::string_view text, Settings settings) {
  Gpt2Config config = TinyGpt2();
  TARE_RETURN_IF_ERROR(TakeCommonSizes(settings, config));
  TARE_RETURN_IF_ERROR(
      ExpectNoMore(settings, "layers, heads, width, inner, vocabulary and context"));
  return Gpt2Shape(std::string(text), "", config);
}

Status CheckLlamaHeads(const LlamaConfig& config) {
  if (config.heads % config.kv_heads != 0) {
    return InvalidInput("shape: {} cannot share {} evenly", CountText(config.heads, "head"),
                        CountText(config.kv_heads, "key/value head"));
  }
  if (config.head_size % 2 != 0) {
    return InvalidInput("shape: heads of {} (width / heads) cannot be rotated, they must be even",
                        config.head_size);
  }
  return {};
}

Status TakeRope(Settings& settings, LlamaConfig& config) {
  TARE_RETURN_IF_ERROR(TakePositive(settings, "rope_base", config.rope_base));
  TARE_RETURN_IF_ERROR(TakePositive(settings, "rope_scale", config.rope_linear_factor));
  RopeCorrection rope = *config.rope_correction;
  TARE_RETURN_IF_ERROR(TakePositive(settings, "rope_factor", rope.factor));
  TARE_RETURN_IF_ERROR(TakeSize(settings, "rope_context", rope.original_context));
  if (rope.factor == 1.0f) {
    config.rope_correction.reset();
  } else {
    config.rope_correction = rope;
  }
  return {};
}

Result<SynthShape> SpellLlama(std::string_view text, Settings settings) {
  LlamaConfig config = TinyLlama();
  bool tied = false;
  TARE_RETURN_IF_ERROR(TakeCommonSizes(settings, config));
  config.head_size = config.width / config.heads;
  config.kv_heads = config.heads % 2 == 0 ? config.heads / 2 : config.heads;
  TARE_RETURN_IF_ERROR(TakeSize(settings, "kv_heads", config.kv_heads));
  TARE_RETURN_IF_ERROR(TakeRope(settings, config));
  TARE_RETURN_IF_ERROR(TakeBool(settings, "tied", tied));
  TARE_RETURN_IF_ERROR(
      ExpectNoMore(settings,
                   "layers, heads, kv_heads, width, inner, vocabulary, context, rope_base, "
                   "rope_scale, rope_factor (1: none), rope_context and tied"));
  TARE_RETURN_IF_ERROR(CheckLlamaHeads(config));
  return LlamaShape(std::string(text), config, tied);
}

}  // namespace

std::vector<SynthShape> NamedSynthShapes() {
  return {Gpt2Shape("gpt2_base_en", "gpt2", Gpt2Size(12, 12, 768)),
          Gpt2Shape("gpt2_medium_en", "gpt2-medium", Gpt2Size(24, 16, 1024)),
          Gpt2Shape("gpt2_large_en", "gpt2-large", Gpt2Size(36, 20, 1280)),
          Gpt2Shape("gpt2_extra_large_en", "gpt2-xl", Gpt2Size(48, 25, 1600)),
          Gpt2Shape("gpt2-tiny", "", TinyGpt2()),
          LlamaShape("llama3-tiny", TinyLlama(), false),
          LlamaShape("llama3-tiny-tied", TinyLlama(), true),
          LlamaShape("llama3-small", SmallLlama(), false),
          LlamaShape("llama3-small-tied", SmallLlama(), true)};
}

Result<SynthShape> ParseSynthShape(std::string_view text) {
  std::vector<SynthShape> shapes = NamedSynthShapes();
  std::vector<std::string_view> names;
  for (SynthShape& shape : shapes) {
    if (text == shape.name || (!shape.alias.empty() && text == shape.alias)) {
      return std::move(shape);
    }
    names.push_back(shape.name);
  }
  const size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view family = text.substr(0, colon);
    TARE_ASSIGN_OR_RETURN(Settings settings, ParseSettings(text.substr(colon + 1)));
    if (family == "gpt2") return SpellGpt2(text, std::move(settings));
    if (family == "llama3") return SpellLlama(text, std::move(settings));
  }
  constexpr std::string_view kFamilies[] = {"gpt2", "llama3"};
  if (colon != std::string_view::npos) {
    const std::string_view family = text.substr(0, colon);
    return InvalidInput("there is no family {} to spell a shape of; {}", Quote(family),
                        NameAdvice(family, kFamilies));
  }
  return InvalidInput(
      "there is no shape {}; {}; tare synth --list shows all, and shapes can be spelt out, such as "
      "gpt2:layers=3,heads=6,width=90 or llama3:layers=3,tied=true",
      Quote(text), NameAdvice(text, names));
}

uint64_t CountParameters(const SynthShape& shape) {
  uint64_t parameters = 0;
  for (const KerasVariableSpec& variable : KerasVariables(shape.backbone, DType::kF32)) {
    parameters += variable.shape.elements();
  }
  return parameters;
}

std::string ListSynthShapes() {
  std::string text =
      fmt::format("{:<20} {:<12} {:>14} {:>12}\n", "shape", "or", "parameters", "MiB in f32");
  for (const SynthShape& shape : NamedSynthShapes()) {
    const uint64_t parameters = CountParameters(shape);
    text += fmt::format("{:<20} {:<12} {:>14} {:>12.1f}\n", shape.name, shape.alias, parameters,
                        static_cast<double>(parameters) * sizeof(float) / (1 << 20));
  }
  return text;
}

}  // namespace tare
