#include "models/families_json.h"

#include <nlohmann/json.hpp>

#include "models/families/families.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

Json KeysJson(const HuggingFaceKeys& keys) {
  return {{"vocabulary", keys.vocabulary},
          {"context", keys.context},
          {"width", keys.width},
          {"inner_width", keys.inner_width},
          {"layers", keys.layers},
          {"heads", keys.heads},
          {"kv_heads", keys.kv_heads},
          {"head_size", keys.head_size},
          {"norm_epsilon", keys.norm_epsilon},
          {"activation", keys.activation}};
}

Json FamilyJson(const Family& family) {
  Json settings = Json::object();
  for (const auto& [key, text, on, is_read] : family.hugging_face_settings) {
    settings[std::string(key)] = text.empty() ? Json(on) : Json(text);
  }
  Json parts = Json::object();
  for (const PartNames& names : family.tensors.parts) {
    if (names.hugging_face.empty()) continue;
    parts[std::string(ModelPartName(names.part))] = {{"name", names.hugging_face},
                                                     {"bias", names.bias == PartBias::kAlways}};
  }
  return {{"prefix", family.tensors.hugging_face_prefix},
          {"layers", family.tensors.hugging_face_layers},
          {"in_out", family.tensors.hugging_face_layout == WeightLayout::kInOut},
          {"rotates", family.gguf_pairing.has_value()},
          {"keys", KeysJson(family.hugging_face_keys)},
          {"settings", std::move(settings)},
          {"parts", std::move(parts)}};
}

}  // namespace

std::string FamiliesJson() {
  Json families = Json::object();
  for (const Family* family : Families()) {
    if (!family->is_rebuilt_by_workers) continue;
    families[std::string(family->hugging_face_type)] = FamilyJson(*family);
  }
  return families.dump(1) + "\n";
}

}  // namespace tare
