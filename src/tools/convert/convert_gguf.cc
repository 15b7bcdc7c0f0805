#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "format/gguf/gguf_writer.h"
#include "tools/convert/convert_plan.h"
#include "tools/convert/convert_rope.h"
#include "tools/convert/convert_targets.h"
#include "tools/convert/convert_types.h"

namespace tare {
namespace {

constexpr int32_t kUnused = 5;
constexpr char kRopeDivisors[] = "rope_freqs.weight";

// Adds keys until the first fails.
class Keys {
 public:
  Keys(GgufWriter& writer, std::string prefix) : writer_(writer), prefix_(std::move(prefix)) {}

  void Uint(const std::string& key, size_t value) {
    if (status_.ok()) status_ = writer_.AddScalar(prefix_ + key, static_cast<uint32_t>(value));
  }
  void Float(const std::string& key, float value) {
    if (status_.ok()) status_ = writer_.AddScalar(prefix_ + key, value);
  }
  void Bool(const std::string& key, bool value) {
    if (status_.ok()) status_ = writer_.AddScalar(prefix_ + key, value);
  }
  void String(const std::string& key, std::string_view value) {
    if (status_.ok()) status_ = writer_.AddString(prefix_ + key, value);
  }
  const Status& status() const { return status_; }

 private:
  GgufWriter& writer_;
  std::string prefix_;
  Status status_;
};

void AddSizes(const ModelInfo& info, Keys& keys) {
  keys.Uint("context_length", info.max_context);
  keys.Uint("embedding_length", info.width);
  keys.Uint("block_count", info.layers);
  keys.Uint("feed_forward_length", info.inner_width);
  keys.Uint("attention.head_count", info.heads);
  keys.Uint("vocab_size", info.vocabulary);
}

void AddFamily(const Gpt2Config& config, Keys& keys) {
  keys.Float("attention.layer_norm_epsilon", config.norm_epsilon);
}

void AddFamily(const LlamaConfig& config, Keys& keys) {
  keys.Uint("attention.head_count_kv", config.kv_heads);
  keys.Float("attention.layer_norm_rms_epsilon", config.norm_epsilon);
  keys.Float("rope.freq_base", config.rope_base);
  keys.Uint("rope.dimension_count", config.head_size);
  if (config.head_size * config.heads != config.width) {
    keys.Uint("attention.key_length", config.head_size);
    keys.Uint("attention.value_length", config.head_size);
  }
  if (config.rope_linear_factor != 1.0f) {
    keys.String("rope.scaling.type", "linear");
    keys.Float("rope.scaling.factor", config.rope_linear_factor);
  }
}

Status AddModelKeys(const ConvertSource& source, const std::string& out, DType main,
                    GgufWriter& writer) {
  const ModelInfo& info = source.model.info();
  Keys general(writer, "general.");
  general.String("architecture", info.family);
  const bool is_named = !info.name.empty() && info.format != "keras";  // KerasHub's mean nothing
  general.String("name", is_named ? info.name : std::filesystem::path(out).stem().string());
  general.Uint("file_type", *RowOf(main).gguf_file_type);
  if (IsBlockQuantized(main)) general.Uint("quantization_version", 2);
  TARE_RETURN_IF_ERROR(general.status());
  Keys keys(writer, info.family + ".");
  AddSizes(info, keys);
  std::visit([&](const auto& family) { AddFamily(family.config, keys); }, source.model.family());
  return keys.status();
}

Status AddVocabulary(const FittedVocabulary& fitted, GgufWriter& writer) {
  std::vector<std::string_view> tokens = fitted.tokens;
  std::vector<int32_t> types = fitted.types;
  // Every row needs a token; llama.cpp's own converter names those that have none so.
  std::vector<std::string> padding;
  for (size_t i = 0; i < fitted.missing; ++i) {
    padding.push_back(fmt::format("[PAD{}]", fitted.tokens.size() + i));
  }
  tokens.insert(tokens.end(), padding.begin(), padding.end());
  types.resize(tokens.size(), kUnused);
  TARE_RETURN_IF_ERROR(writer.AddStrings("tokenizer.ggml.tokens", tokens));
  TARE_RETURN_IF_ERROR(
      writer.AddArray<int32_t>("tokenizer.ggml.token_type", std::span<const int32_t>(types)));
  std::string text;  // of all merges
  std::vector<size_t> ends;
  for (const Tokenizer::MergedPair& merge : fitted.merges) {
    text.append(fitted.tokens[static_cast<size_t>(merge.left)]).append(" ");
    text.append(fitted.tokens[static_cast<size_t>(merge.right)]);
    ends.push_back(text.size());
  }
  std::vector<std::string_view> merges;
  for (size_t i = 0; i < ends.size(); ++i) {
    const size_t begin = i == 0 ? 0 : ends[i - 1];
    merges.push_back(std::string_view(text).substr(begin, ends[i] - begin));
  }
  return writer.AddStrings("tokenizer.ggml.merges", merges);
}

PreTokenizer GgufPreTokenizer(const ConvertSource& source, std::vector<std::string>& notes) {
  PreTokenizer pre_tokenizer = source.pre_tokenizer;
  if (pre_tokenizer == PreTokenizer::kWhole) {
    const bool is_gpt2 = source.model.info().family == "gpt2";
    pre_tokenizer = is_gpt2 ? PreTokenizer::kGpt2 : PreTokenizer::kLlama3;
    notes.push_back(
        fmt::format("the source's tokenizer does not split texts before it merges; GGUF has no "
                    "name for that, so {} is written, and a few texts get other ids",
                    PreTokenizerName(pre_tokenizer)));
    return pre_tokenizer;
  }
  if (source.tokenizer.pre_tokenizer() == PreTokenizer::kWhole) return pre_tokenizer;
  const bool ignores = pre_tokenizer == PreTokenizer::kLlama3;  // llama.cpp takes it for granted
  if (source.tokenizer.ignores_merges() != ignores) {
    notes.push_back(
        "GGUF cannot say whether a piece that is a token becomes it whatever its merges make; a "
        "few texts may get other ids");
  }
  return pre_tokenizer;
}

Status AddTokenizer(const ConvertSource& source, GgufWriter& writer,
                    std::vector<std::string>& notes) {
  const Tokenizer& tokenizer = source.tokenizer;
  const FittedVocabulary fitted = FitVocabulary(tokenizer, source.model.info().vocabulary);
  Keys keys(writer, "tokenizer.ggml.");
  keys.String("model", "gpt2");
  keys.String("pre", PreTokenizerName(GgufPreTokenizer(source, notes)));
  const auto add_id = [&](const std::string& key, std::optional<int32_t> id) {
    if (id && static_cast<size_t>(*id) < fitted.tokens.size()) {
      keys.Uint(key, static_cast<size_t>(*id));
    }
  };
  add_id("bos_token_id", tokenizer.bos_id());
  add_id("eos_token_id", tokenizer.eos_id());
  const auto ends = tokenizer.end_ids();
  if (ends.size() > 1) add_id("eot_token_id", ends[1]);
  if (ends.size() > 2) {
    notes.push_back(fmt::format("{} tokens end a text; GGUF names two of them", ends.size()));
  }
  add_id("padding_token_id", source.padding_id);
  add_id("unknown_token_id", source.unknown_id);
  keys.Bool("add_bos_token", source.adds_bos);
  TARE_RETURN_IF_ERROR(keys.status());
  TARE_RETURN_IF_ERROR(AddVocabulary(fitted, writer));
  if (source.chat_template.empty()) return {};
  return writer.AddString("tokenizer.chat_template", source.chat_template);
}

// The divisors of rotary frequencies, where there are any.
Result<std::vector<float>> AddRopeCorrection(const Model& model, GgufWriter& writer) {
  const LlamaModel* const llama = std::get_if<LlamaModel>(&model.family());
  if (llama == nullptr) return std::vector<float>();
  std::optional<RopeCorrection> correction = llama->config.rope_correction;
  std::vector<float> divisors;
  if (llama->weights.rope_divisors) {
    const TensorView& view = *llama->weights.rope_divisors;
    divisors.assign(view.f32(), view.f32() + view.shape.elements());
    // A file whose divisors follow from nothing known is copied as it is.
    if (const auto known = RopeCorrectionOf(model); known.ok()) correction = *known;
  } else if (correction) {
    divisors = RopeDivisors(llama->config);
  }
  if (correction) {
    const float numbers[] = {correction->factor, correction->low, correction->high,
                             static_cast<float>(correction->original_context)};
    TARE_RETURN_IF_ERROR(
        writer.AddArray<float>(kRopeCorrectionKey, std::span<const float>(numbers)));
  }
  return divisors;
}

}  // namespace

Status ConvertToGguf(const ConvertSource& source, const std::string& out,
                     const ConvertOptions& options, ConvertSummary& summary) {
  const Model& model = source.model;
  const TensorConverter::Drop drop = [&](std::span<const std::byte> bytes) {
    model.DropPages(bytes);
  };
  TARE_ASSIGN_OR_RETURN(const DType main, MainType(options, model.info().precision));
  std::vector<PlannedTensor> tensors = PlanGguf(model);
  ChooseTypes(options, main, drop, tensors, summary.notes);
  TARE_ASSIGN_OR_RETURN(GgufWriter writer, GgufWriter::Create(out));
  TARE_RETURN_IF_ERROR(AddModelKeys(source, out, main, writer));
  TARE_RETURN_IF_ERROR(AddTokenizer(source, writer, summary.notes));
  TARE_ASSIGN_OR_RETURN(const std::vector<float> divisors, AddRopeCorrection(model, writer));
  if (!divisors.empty()) {
    TARE_RETURN_IF_ERROR(writer.DeclareTensor(kRopeDivisors, DType::kF32, {divisors.size()}));
  }
  for (const PlannedTensor& tensor : tensors) {
    TARE_RETURN_IF_ERROR(writer.DeclareTensor(tensor.name, tensor.dtype, tensor.shape));
  }
  if (!divisors.empty()) {
    TARE_RETURN_IF_ERROR(
        writer.AppendTensorData(kRopeDivisors, std::as_bytes(std::span(divisors))));
  }
  const auto sink = [&](std::string_view name, std::span<const std::byte> bytes) {
    return writer.AppendTensorData(name, bytes);
  };
  TARE_RETURN_IF_ERROR(StreamTensors(source, tensors, sink, summary));
  return writer.Finish();
}

}  // namespace tare
