#include "describe/quantized_folder.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include "format/quote.h"

namespace tare {
namespace {

struct Method {
  std::string_view key;   // quant_method, in lower case; "_4bit" and the like behind it are cut
  std::string_view name;  // as its makers write it
};

constexpr Method kMethods[] = {
    {"awq", "AWQ"},
    {"gptq", "GPTQ"},
    {"bitsandbytes", "bitsandbytes"},
    {"compressed-tensors", "compressed-tensors"},
    {"fp8", "FP8"},
    {"fbgemm_fp8", "FP8 (FBGEMM)"},
    {"mxfp4", "MXFP4"},
};

std::string TextOf(const JsonObject& object, std::string_view key) {
  const nlohmann::json* const value = object.Find(key);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

std::string BitsOf(const JsonObject& object) {
  for (const char* key : {"bits", "w_bit"}) {
    const Result<uint64_t> bits = object.GetUint(key);
    if (bits.ok()) return fmt::format(", {} bits", *bits);
  }
  for (const auto& [key, bits] : {std::pair("load_in_4bit", 4), std::pair("load_in_8bit", 8)}) {
    const Result<bool> set = object.GetBool(key);
    if (set.ok() && *set) return fmt::format(", {} bits", bits);
  }
  return {};
}

std::string MethodName(std::string method) {
  std::ranges::transform(method, method.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const Method& known : kMethods) {
    if (method == known.key) return std::string(known.name);
  }
  for (const Method& known : kMethods) {
    if (method.starts_with(known.key)) return std::string(known.name);
  }
  return Printable(method);
}

// A KerasHub preset's policy: "int8_from_float32".
std::string KerasQuantization(const JsonObject& config) {
  const Result<JsonObject> sizes = config.GetObject("config");
  if (!sizes.ok()) return {};
  const Result<JsonObject> policy = sizes->GetObject("dtype");
  if (!policy.ok()) return {};
  const Result<JsonObject> inner = policy->GetObject("config");
  if (!inner.ok()) return {};
  std::string mode = TextOf(*inner, "mode");
  const std::string name = TextOf(*inner, "name");
  if (mode.empty() && name.find("_from_") != std::string::npos) {
    mode = name.substr(0, name.find("_from_"));
  }
  if (mode.empty() && TextOf(*policy, "class_name") == "QuantizedDTypePolicy") mode = "quantised";
  return mode.empty() ? std::string() : "Keras " + Printable(mode);
}

}  // namespace

std::string QuantizationOf(const JsonObject& config) {
  if (config.Has("class_name")) return KerasQuantization(config);
  for (const char* key : {"quantization_config", "compression_config"}) {
    const Result<JsonObject> quantized = config.GetObject(key);
    if (!quantized.ok()) continue;
    const std::string method = TextOf(*quantized, "quant_method");
    if (!method.empty()) return MethodName(method) + BitsOf(*quantized);
  }
  // MLX's own key, beside which it repeats it under Transformers' without a method.
  const Result<JsonObject> mlx = config.GetObject("quantization");
  return mlx.ok() ? "MLX" + BitsOf(*mlx) : std::string();
}

Status CheckNotQuantized(const JsonObject& config) {
  const std::string what = QuantizationOf(config);
  if (what.empty()) return {};
  return Unsupported(
      "{}: the weights are quantised ({}), which Tare does not read; use the original model, or a "
      "GGUF file of it, and tare convert --type for smaller weights",
      config.name(), what);
}

}  // namespace tare
