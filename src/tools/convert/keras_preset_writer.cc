#include "tools/convert/keras_preset_writer.h"

#include <algorithm>
#include <set>
#include <unordered_set>
#include <utility>

#include "base/atomic_file.h"
#include "base/count_text.h"
#include "format/quote.h"
#include "tools/convert/keras_preset_json.h"

namespace tare {
namespace {

constexpr char kGpt2End[] = "<|endoftext|>";
constexpr char kLlamaEnd[] = "<|end_of_text|>";

Status CheckBackbone(const Gpt2Config& config, bool tied) {
  if (!tied)
    return Unsupported("GPT2Backbone has no output of its own: the embedding is the output");
  if (config.heads == 0 || config.width % config.heads != 0) {
    return Unsupported("GPT2Backbone: {} heads do not divide a width of {}", config.heads,
                       config.width);
  }
  if (config.norm_epsilon != 1e-5f) {
    return Unsupported("GPT2Backbone: its norms' epsilon is 1e-05, the model's is {}",
                       config.norm_epsilon);
  }
  return {};
}

Status CheckBackbone(const LlamaConfig& config, bool /*tied*/) {
  if (config.heads * config.head_size != config.width) {
    return Unsupported(
        "Llama3Backbone: its heads' size is width / heads, but {} of {} make {}"
        " and the width is {}",
        CountText(config.heads, "head"), config.head_size, config.heads * config.head_size,
        config.width);
  }
  if (config.kv_heads == 0 || config.heads % config.kv_heads != 0) {
    return Unsupported("Llama3Backbone: {} cannot share {} evenly", CountText(config.heads, "head"),
                       CountText(config.kv_heads, "key/value head"));
  }
  if (config.rope_pairing != RopePairing::kHalf) {
    return Unsupported(
        "Llama3Backbone: it rotates halves, the model neighbours; permute query and key first");
  }
  return {};
}

Status CheckTokenizerSize(const KerasPreset& preset) {
  const size_t vocabulary =
      std::visit([](const auto& config) { return config.vocabulary; }, preset.backbone.config);
  if (preset.tokenizer.tokens.size() <= vocabulary) return {};
  return InvalidInput("the tokenizer has {}, but the model's vocabulary is {}",
                      CountText(preset.tokenizer.tokens.size(), "token"), vocabulary);
}

// Fills in what the tokenizer's class takes for granted.
Status CompleteTokenizer(bool is_llama, KerasTokenizer& tokenizer) {
  std::unordered_set<std::string_view> known(tokenizer.tokens.begin(), tokenizer.tokens.end());
  if (!is_llama) tokenizer.bos = tokenizer.eos = kGpt2End;
  for (const std::string& token : {tokenizer.bos, tokenizer.eos}) {
    if (!known.contains(token)) {
      return InvalidInput("the tokenizer has no token {}, which {} begins or ends with",
                          Quote(token), is_llama ? "a prompt" : "GPT2Tokenizer");
    }
  }
  std::set<std::string> special(tokenizer.special_tokens.begin(), tokenizer.special_tokens.end());
  special.insert({tokenizer.bos, tokenizer.eos});
  if (is_llama) {
    std::vector<std::string> demanded = {"<|start_header_id|>", "<|end_header_id|>"};
    if (tokenizer.eos == kLlamaEnd) demanded.push_back("<|eot_id|>");
    for (std::string& token : demanded) {
      special.insert(token);
      if (!known.contains(token)) tokenizer.tokens.push_back(std::move(token));
    }
  }
  tokenizer.special_tokens.assign(special.begin(), special.end());
  return {};
}

Status WriteText(const AtomicFolder& folder, const std::string& name, std::string_view text) {
  TARE_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(folder.temporary() + "/" + name));
  return file.CommitText(text);
}

Status WriteTexts(const AtomicFolder& folder, const KerasPreset& preset) {
  const KerasPresetTexts texts = DescribeKerasPreset(preset);
  TARE_RETURN_IF_ERROR(WriteText(folder, "config.json", texts.config));
  TARE_RETURN_IF_ERROR(WriteText(folder, "task.json", texts.task));
  TARE_RETURN_IF_ERROR(WriteText(folder, "preprocessor.json", texts.preprocessor));
  TARE_RETURN_IF_ERROR(WriteText(folder, "tokenizer.json", texts.tokenizer));
  TARE_RETURN_IF_ERROR(WriteText(folder, "metadata.json", texts.metadata));
  if (!preset.extras.empty()) {
    TARE_RETURN_IF_ERROR(WriteText(folder, kKerasExtrasFile, KerasExtrasText(preset.extras)));
  }
  TARE_RETURN_IF_ERROR(folder.MakeFolder("assets/tokenizer"));
  TARE_RETURN_IF_ERROR(
      WriteText(folder, "assets/tokenizer/vocabulary.json", KerasVocabularyText(preset.tokenizer)));
  return WriteText(folder, "assets/tokenizer/merges.txt", KerasMergesText(preset.tokenizer));
}

}  // namespace

Result<KerasPresetWriter> KerasPresetWriter::Create(const std::string& folder, OldFolder old,
                                                    const KerasPreset& preset) {
  TARE_RETURN_IF_ERROR(
      std::visit([&](const auto& config) { return CheckBackbone(config, preset.backbone.tied); },
                 preset.backbone.config));
  TARE_RETURN_IF_ERROR(CheckTokenizerSize(preset));
  KerasPreset complete = preset;
  const bool is_llama = std::holds_alternative<LlamaConfig>(preset.backbone.config);
  TARE_RETURN_IF_ERROR(CompleteTokenizer(is_llama, complete.tokenizer));
  TARE_ASSIGN_OR_RETURN(AtomicFolder target, AtomicFolder::Create(folder, old, "config.json"));
  TARE_RETURN_IF_ERROR(WriteTexts(target, complete));
  TARE_ASSIGN_OR_RETURN(Hdf5Writer weights,
                        Hdf5Writer::Create(target.temporary() + "/model.weights.h5"));
  for (const KerasVariableSpec& variable : preset.variables) {
    TARE_RETURN_IF_ERROR(weights.DeclareTensor(variable.name, variable.dtype, variable.shape));
  }
  return KerasPresetWriter(std::move(target), std::move(weights));
}

Status KerasPresetWriter::Finish() {
  TARE_RETURN_IF_ERROR(weights_.Finish());
  return folder_.Commit();
}

}  // namespace tare
