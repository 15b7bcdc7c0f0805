#include "golden_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <string_view>

#include "base/testing/test_paths.h"
#include "format/json/json_file.h"
#include "format/safetensors/safetensors_writer.h"
#include "models/find_family.h"

namespace tare {
namespace {

using Json = nlohmann::json;

const std::string kFolder = SourceFile("tests/golden/family_logits");

// The finaliser of SplitMix64 (Steele et al. 2014).
uint64_t Mix(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

// FNV-1a.
uint64_t KeyOf(std::string_view name) {
  uint64_t key = 0xcbf29ce484222325;
  for (const char c : name) key = (key ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return key;
}

std::vector<float> WeightsOf(const std::string& name, const Shape& shape, double norm_base) {
  double scale = 0.3;
  double base = 0.0;
  if (shape.rank() > 1) {
    scale = 1.7 / std::sqrt(static_cast<double>(shape[shape.rank() - 1]));
  } else if (!name.ends_with(".bias")) {
    base = norm_base;
  }
  std::vector<float> values(shape.elements());
  const uint64_t key = KeyOf(name);
  for (size_t i = 0; i < values.size(); ++i) {
    const uint64_t bits = Mix(key + i * 0x9e3779b97f4a7c15) >> 40;
    const double unit = static_cast<double>(bits) * 0x1p-23 - 1.0;
    values[i] = static_cast<float>(unit * scale + base);
  }
  return values;
}

Status WriteText(const std::string& path, const Json& json) {
  std::ofstream file(path);
  file << json.dump();
  file.close();
  return file ? Status() : IoError("{}: cannot be written", path);
}

// Printable characters and the special tokens that presets insist on, in the kind that KerasHub's
// class for the family has.
Json SmallTokenizer(size_t vocabulary, bool is_sentence_piece) {
  Json tokens = Json::object();
  Json added = Json::array();
  for (const char* const text : {"<pad>", "<s>", "</s>", "<|endoftext|>", "<|im_end|>",
                                 "<|end_of_text|>", "<bos>", "<eos>"}) {
    const size_t id = tokens.size();
    tokens[text] = id;
    added.push_back({{"content", text}, {"id", id}, {"special", true}, {"normalized", false}});
  }
  for (char c = '!'; tokens.size() < vocabulary; ++c) tokens[std::string(1, c)] = tokens.size();
  if (is_sentence_piece) {
    const Json replace = {
        {"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "\u2581"}};
    return {{"version", "1.0"},
            {"added_tokens", added},
            {"normalizer", replace},
            {"pre_tokenizer", nullptr},
            {"post_processor", nullptr},
            {"decoder", nullptr},
            {"model",
             {{"type", "BPE"},
              {"unk_token", "<pad>"},
              {"fuse_unk", true},
              {"vocab", tokens},
              {"merges", Json::array()}}}};
  }
  return {
      {"version", "1.0"},
      {"added_tokens", added},
      {"normalizer", nullptr},
      {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", true}}},
      {"post_processor", nullptr},
      {"decoder", {{"type", "ByteLevel"}}},
      {"model", {{"type", "BPE"}, {"vocab", tokens}, {"merges", Json::array()}}}};
}

struct Written {
  Shape shape;
  std::vector<float> values;
};

void AddWeights(const TensorSpec& spec, std::vector<float> values, const GoldenForm& form,
                std::map<std::string, Written>& tensors) {
  constexpr std::string_view kUsualPrefix = "model.";
  const bool is_output = spec.parts.front() == ModelPart::kOutput;
  std::string name = is_output ? form.output_prefix + spec.name
                               : form.prefix + spec.name.substr(kUsualPrefix.size());
  if (!form.stacks_experts || !IsOfExperts(spec.parts.front())) {
    tensors[name] = {spec.shape, std::move(values)};
    return;
  }
  // [E, N, K], or [E, 2 N, K] of gate and up.
  const bool is_down = spec.parts.front() == ModelPart::kExpertDown;
  name = name.substr(0, name.find("experts.")) +
         (is_down ? "experts.down_proj" : "experts.gate_up_proj");
  const size_t matrices = is_down ? 1 : 2;
  const size_t at = spec.expert * matrices + (spec.parts.front() == ModelPart::kExpertUp ? 1 : 0);
  Written& stack = tensors[name];
  stack.values.resize(std::max(stack.values.size(), (spec.expert + 1) * matrices * values.size()));
  std::ranges::copy(values, stack.values.begin() + static_cast<ptrdiff_t>(at * values.size()));
  stack.shape = {spec.expert + 1, matrices * spec.outputs, spec.inputs};
}

}  // namespace

std::vector<std::string> GoldenModelNames() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    names.push_back(entry.path().stem());
  }
  std::ranges::sort(names);
  return names;
}

GoldenModel ReadGoldenModel(const std::string& name) {
  std::ifstream file(kFolder + "/" + name + ".json");
  const Json json = Json::parse(file, nullptr, false);
  return {.name = name,
          .config = json.at("config"),
          .tied = json.at("tied"),
          .tokens = json.at("tokens"),
          .positions = json.at("positions"),
          .logits = json.at("logits"),
          .tolerance = json.at("tolerance"),
          .prompt = json.at("prompt"),
          .greedy = json.at("greedy"),
          .steps_from = json.at("steps_from")};
}

Status WriteGoldenModel(const GoldenModel& golden, const std::string& folder,
                        const GoldenForm& form) {
  std::filesystem::create_directories(folder);
  TARE_RETURN_IF_ERROR(WriteText(folder + "/config.json", golden.config));
  TARE_ASSIGN_OR_RETURN(JsonObject config, JsonObject::Open(folder + "/config.json"));
  if (config.Has("text_config")) {
    TARE_ASSIGN_OR_RETURN(config, config.GetObject("text_config"));
  }
  TARE_ASSIGN_OR_RETURN(const std::string type, config.GetString("model_type"));
  const Family* const family = FindFamily(&Family::hugging_face_type, type);
  if (family == nullptr) return Unsupported("{}: no family reads it", golden.name);
  TARE_ASSIGN_OR_RETURN(const auto model, family->from_hugging_face(*family, config));
  const ModelSizes sizes = model->sizes();
  const bool is_sentence_piece = family->keras_tokenizer.is_sentence_piece;
  TARE_RETURN_IF_ERROR(
      WriteText(folder + "/tokenizer.json", SmallTokenizer(sizes.vocabulary, is_sentence_piece)));
  const double norm_base =
      1.0 - static_cast<double>(NormOffset(*family, ModelFormat::kHuggingFace));
  std::map<std::string, Written> tensors;
  for (const TensorSpec& spec :
       ListTensors(family->tensors, sizes, ModelFormat::kHuggingFace, golden.tied)) {
    AddWeights(spec, WeightsOf(spec.name, spec.shape, norm_base), form, tensors);
  }
  for (const std::string& name : form.more) {
    tensors[name] = {Shape{2}, WeightsOf(name, Shape{2}, norm_base)};
  }
  TARE_ASSIGN_OR_RETURN(SafetensorsWriter writer,
                        SafetensorsWriter::Create(folder + "/model.safetensors"));
  for (const auto& [alias, kept] : form.aliases) {
    tensors.erase(alias);
    TARE_RETURN_IF_ERROR(writer.AddMetadata(alias, kept));
  }
  for (const auto& [name, tensor] : tensors) {
    TARE_RETURN_IF_ERROR(writer.DeclareTensor(name, DType::kF32, tensor.shape));
  }
  for (const auto& [name, tensor] : tensors) {
    TARE_RETURN_IF_ERROR(writer.AppendTensorData(name, std::as_bytes(std::span(tensor.values))));
  }
  return writer.Finish();
}

}  // namespace tare
