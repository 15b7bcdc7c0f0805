#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "base/atomic_file.h"
#include "base/atomic_folder.h"
#include "format/safetensors/safetensors_writer.h"
#include "tools/convert/convert_hf_tokenizer.h"
#include "tools/convert/convert_plan.h"
#include "tools/convert/convert_rope.h"
#include "tools/convert/convert_targets.h"
#include "tools/convert/convert_types.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

// The shortest decimal that reads back as this f32.
double Shortest(float value) { return std::stod(fmt::format("{}", value)); }

const char* TorchType(DType type) {
  if (type == DType::kF16) return "float16";
  return type == DType::kBF16 ? "bfloat16" : "float32";
}

Result<Json> DescribeGpt2(const Model& model) {
  const Gpt2Config& gpt2 = std::get<Gpt2Model>(model.family()).config;
  return Json{{"architectures", Json::array({"GPT2LMHeadModel"})},
              {"model_type", "gpt2"},
              {"activation_function", "gelu_new"},
              {"vocab_size", gpt2.vocabulary},
              {"n_positions", gpt2.max_context},
              {"n_ctx", gpt2.max_context},
              {"n_embd", gpt2.width},
              {"n_layer", gpt2.layers},
              {"n_head", gpt2.heads},
              {"n_inner", gpt2.inner_width},
              {"layer_norm_epsilon", Shortest(gpt2.norm_epsilon)},
              {"scale_attn_weights", true},
              {"scale_attn_by_inverse_layer_idx", false},
              {"reorder_and_upcast_attn", false}};
}

Result<Json> RopeScaling(const Model& model, const LlamaConfig& llama) {
  TARE_ASSIGN_OR_RETURN(const std::optional<RopeCorrection> correction, RopeCorrectionOf(model));
  const bool is_linear = llama.rope_linear_factor != 1.0f;
  if (correction && is_linear) {
    return Unsupported(
        "{}: rotary frequencies are both corrected and divided by {}; a Hugging Face "
        "configuration can say only one of them",
        model.info().path, llama.rope_linear_factor);
  }
  if (is_linear) {
    return Json{{"rope_type", "linear"}, {"factor", Shortest(llama.rope_linear_factor)}};
  }
  if (!correction) return Json();
  return Json{{"rope_type", "llama3"},
              {"factor", Shortest(correction->factor)},
              {"low_freq_factor", Shortest(correction->low)},
              {"high_freq_factor", Shortest(correction->high)},
              {"original_max_position_embeddings", correction->original_context}};
}

Result<Json> DescribeLlama(const Model& model) {
  const LlamaConfig& llama = std::get<LlamaModel>(model.family()).config;
  TARE_ASSIGN_OR_RETURN(Json scaling, RopeScaling(model, llama));
  return Json{{"architectures", Json::array({"LlamaForCausalLM"})},
              {"model_type", "llama"},
              {"hidden_act", "silu"},
              {"vocab_size", llama.vocabulary},
              {"max_position_embeddings", llama.max_context},
              {"hidden_size", llama.width},
              {"intermediate_size", llama.inner_width},
              {"num_hidden_layers", llama.layers},
              {"num_attention_heads", llama.heads},
              {"num_key_value_heads", llama.kv_heads},
              {"head_dim", llama.head_size},
              {"rms_norm_eps", Shortest(llama.norm_epsilon)},
              {"rope_theta", Shortest(llama.rope_base)},
              {"rope_scaling", std::move(scaling)},
              {"attention_bias", false},
              {"mlp_bias", false}};
}

Status WriteConfig(const ConvertSource& source, DType main, const std::string& folder) {
  const Model& model = source.model;
  const bool is_gpt2 = std::holds_alternative<Gpt2Model>(model.family());
  TARE_ASSIGN_OR_RETURN(Json config, is_gpt2 ? DescribeGpt2(model) : DescribeLlama(model));
  config["tie_word_embeddings"] = model.info().tied_output;
  // Null where there is none: GPT-2's own ids stand in otherwise.
  const auto id_or_null = [](std::optional<int32_t> id) { return id ? Json(*id) : Json(); };
  config["bos_token_id"] = id_or_null(source.tokenizer.bos_id());
  config["eos_token_id"] = id_or_null(source.tokenizer.eos_id());
  config["torch_dtype"] = TorchType(main);
  TARE_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(folder + "/config.json"));
  return file.CommitText(config.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Status WriteWeights(const ConvertSource& source, std::vector<PlannedTensor> tensors,
                    const std::string& folder, ConvertSummary& summary) {
  // Wider types first, so that all are aligned; then by name, as the format's own library does.
  std::ranges::sort(tensors, [](const PlannedTensor& a, const PlannedTensor& b) {
    const size_t a_bytes = BlockBytes(a.dtype);
    const size_t b_bytes = BlockBytes(b.dtype);
    return a_bytes != b_bytes ? a_bytes > b_bytes : a.name < b.name;
  });
  TARE_ASSIGN_OR_RETURN(SafetensorsWriter writer,
                        SafetensorsWriter::Create(folder + "/model.safetensors"));
  TARE_RETURN_IF_ERROR(writer.AddMetadata("format", "pt"));
  for (const PlannedTensor& tensor : tensors) {
    TARE_RETURN_IF_ERROR(writer.DeclareTensor(tensor.name, tensor.dtype, tensor.shape));
  }
  const auto sink = [&](std::string_view name, std::span<const std::byte> bytes) {
    return writer.AppendTensorData(name, bytes);
  };
  TARE_RETURN_IF_ERROR(StreamTensors(source, tensors, sink, summary));
  return writer.Finish();
}

}  // namespace

Status ConvertToHuggingFace(const ConvertSource& source, const std::string& out,
                            const ConvertOptions& options, ConvertSummary& summary) {
  const TensorConverter::Drop drop = [&](std::span<const std::byte> bytes) {
    source.model.DropPages(bytes);
  };
  TARE_ASSIGN_OR_RETURN(const DType main, MainType(options, source.model.info().precision));
  std::vector<PlannedTensor> tensors = PlanHuggingFace(source.model);
  ChooseTypes(options, main, drop, tensors, summary.notes);
  const OldFolder old = options.replace ? OldFolder::kReplace : OldFolder::kKeep;
  TARE_ASSIGN_OR_RETURN(AtomicFolder folder, AtomicFolder::Create(out, old, "config.json"));
  TARE_RETURN_IF_ERROR(WriteConfig(source, main, folder.temporary()));
  TARE_RETURN_IF_ERROR(WriteHuggingFaceTokenizer(source, folder.temporary()));
  TARE_RETURN_IF_ERROR(WriteWeights(source, std::move(tensors), folder.temporary(), summary));
  return folder.Commit();
}

}  // namespace tare
