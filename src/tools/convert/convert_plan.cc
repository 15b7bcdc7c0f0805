#include "tools/convert/convert_plan.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "base/check.h"

namespace tare {
namespace {

constexpr WeightLayout kInOut = WeightLayout::kInOut;
constexpr WeightLayout kOutIn = WeightLayout::kOutIn;

WeightPart Vector(const TensorView& view) {
  const size_t size = view.shape.elements();
  return {.stored = view, .layout = kInOut, .stored_outputs = size, .outputs = size};
}

WeightPart Table(const TensorView& view) {
  return {
      .stored = view, .layout = kOutIn, .stored_outputs = view.shape[0], .outputs = view.shape[0]};
}

size_t Outputs(const LinearWeight& weight) {
  return weight.tensor.shape[weight.layout == kOutIn ? 0 : 1];
}

WeightPart Matrix(const LinearWeight& weight) {
  const size_t outputs = Outputs(weight);
  return {.stored = weight.tensor,
          .layout = weight.layout,
          .stored_outputs = outputs,
          .outputs = outputs};
}

// Outputs [index * width, (index + 1) * width).
WeightPart Slice(WeightPart whole, size_t index, size_t width) {
  whole.first = index * width;
  whole.outputs = width;
  return whole;
}

WeightPart MatrixOrBias(const LinearWeight& weight, bool is_bias) {
  return is_bias ? Vector(*weight.bias) : Matrix(weight);
}

WeightPart NormPart(const Gpt2Norm& norm, bool is_bias) {
  return Vector(is_bias ? norm.beta : norm.gamma);
}

WeightPart Gpt2Projection(const Gpt2LayerWeights& layer, ModelPart part, bool is_bias,
                          size_t width) {
  const size_t index = static_cast<size_t>(part) - static_cast<size_t>(ModelPart::kQuery);
  if (layer.query_key_value) {
    return Slice(MatrixOrBias(*layer.query_key_value, is_bias), index, width);
  }
  const LinearWeight* const weights[] = {&layer.query, &layer.key, &layer.value};
  return MatrixOrBias(*weights[index], is_bias);
}

WeightPart SourceOf(const Gpt2Model& model, ModelPart part, bool is_bias, size_t index) {
  const Gpt2Weights& weights = model.weights;
  if (part == ModelPart::kTokenEmbedding) return Table(weights.token_embedding);
  if (part == ModelPart::kPositionEmbedding) return Table(weights.position_embedding);
  if (part == ModelPart::kOutput) return Matrix(weights.output);
  if (part == ModelPart::kOutputNorm) return NormPart(weights.output_norm, is_bias);
  const Gpt2LayerWeights& layer = weights.layers[index];
  switch (part) {
    case ModelPart::kAttentionNorm:
      return NormPart(layer.attention_norm, is_bias);
    case ModelPart::kAttentionOut:
      return MatrixOrBias(layer.attention_out, is_bias);
    case ModelPart::kMlpNorm:
      return NormPart(layer.mlp_norm, is_bias);
    case ModelPart::kUp:
      return MatrixOrBias(layer.up, is_bias);
    case ModelPart::kDown:
      return MatrixOrBias(layer.down, is_bias);
    default:
      return Gpt2Projection(layer, part, is_bias, model.config.width);
  }
}

WeightPart SourceOf(const LlamaModel& model, ModelPart part, bool, size_t index) {
  const LlamaWeights& weights = model.weights;
  if (part == ModelPart::kTokenEmbedding) return Table(weights.embedding);
  if (part == ModelPart::kOutput) return Matrix(weights.output);
  if (part == ModelPart::kOutputNorm) return Vector(weights.output_norm);
  const LlamaLayerWeights& layer = weights.layers[index];
  switch (part) {
    case ModelPart::kAttentionNorm:
      return Vector(layer.attention_norm);
    case ModelPart::kQuery:
      return Matrix(layer.query);
    case ModelPart::kKey:
      return Matrix(layer.key);
    case ModelPart::kValue:
      return Matrix(layer.value);
    case ModelPart::kAttentionOut:
      return Matrix(layer.attention_out);
    case ModelPart::kMlpNorm:
      return Vector(layer.mlp_norm);
    case ModelPart::kGate:
      return Matrix(layer.gate);
    case ModelPart::kUp:
      return Matrix(layer.up);
    case ModelPart::kDown:
      return Matrix(layer.down);
    default:
      TARE_CHECK(false);
      return {};
  }
}

TensorRole RoleOf(ModelPart part, bool is_bias, bool is_output) {
  switch (part) {
    case ModelPart::kOutputNorm:
    case ModelPart::kAttentionNorm:
    case ModelPart::kMlpNorm:
      return TensorRole::kVector;
    case ModelPart::kPositionEmbedding:
      return TensorRole::kPositions;
    default:
      if (is_bias) return TensorRole::kVector;
      return is_output ? TensorRole::kOutput : TensorRole::kMatrix;
  }
}

size_t InputsOf(const WeightPart& part) {
  return part.stored.shape.elements() / part.stored_outputs;
}

// Parts that lie side by side in one stored matrix are one.
void Join(std::vector<WeightPart>& parts, const WeightPart& next) {
  if (!parts.empty() && parts.back().stored.data == next.stored.data &&
      parts.back().first + parts.back().outputs == next.first) {
    parts.back().outputs += next.outputs;
  } else {
    parts.push_back(next);
  }
}

class Planner {
 public:
  Planner(const Model& model, RopePairing pairing) : model_(model) {
    const LlamaModel* const llama = std::get_if<LlamaModel>(&model.family());
    if (llama == nullptr || llama->config.rope_pairing == pairing) return;
    head_size_ = llama->config.head_size;
    order_ = pairing == RopePairing::kInterleaved ? HeadOrder::kInterleave : HeadOrder::kSplit;
  }

  void Add(std::string name, WeightLayout layout, std::initializer_list<ModelPart> parts,
           bool is_bias = false, size_t layer = 0) {
    PlannedTensor tensor;
    size_t outputs = 0;
    for (const ModelPart part : parts) {
      WeightPart source = SourceOfWeight(model_, part, is_bias, layer);
      if (part == ModelPart::kQuery || part == ModelPart::kKey) Reorder(source);
      tensor.inputs = InputsOf(source);
      outputs += source.outputs;
      Join(tensor.parts, source);
    }
    const ModelPart first = *parts.begin();
    const bool is_output = first == ModelPart::kOutput ||
                           (first == ModelPart::kTokenEmbedding && model_.info().tied_output);
    tensor.name = std::move(name);
    tensor.role = RoleOf(first, is_bias, is_output);
    tensor.dtype = tensor.parts.front().stored.dtype;
    if (tensor.role == TensorRole::kVector) layout = kInOut;
    tensor.layout = layout;
    tensor.shape = layout == kOutIn ? Shape{outputs, tensor.inputs} : Shape{tensor.inputs, outputs};
    if (tensor.role == TensorRole::kVector) tensor.shape = Shape{outputs};
    tensors_.push_back(std::move(tensor));
  }

  // The weight and the bias of a layer of GPT-2's.
  void AddBoth(const std::string& name, WeightLayout layout, std::initializer_list<ModelPart> parts,
               size_t layer = 0) {
    Add(name + ".weight", layout, parts, false, layer);
    Add(name + ".bias", layout, parts, true, layer);
  }

  PlannedTensor& back() { return tensors_.back(); }
  std::vector<PlannedTensor> Take() { return std::move(tensors_); }

 private:
  void Reorder(WeightPart& part) const {
    part.order = order_;
    part.head_size = head_size_;
  }

  const Model& model_;
  HeadOrder order_ = HeadOrder::kSame;
  size_t head_size_ = 1;
  std::vector<PlannedTensor> tensors_;
};

void PlanGgufGpt2Layer(Planner& plan, size_t i) {
  const std::string layer = fmt::format("blk.{}.", i);
  plan.AddBoth(layer + "attn_norm", kOutIn, {ModelPart::kAttentionNorm}, i);
  plan.AddBoth(layer + "attn_qkv", kOutIn, {ModelPart::kQuery, ModelPart::kKey, ModelPart::kValue},
               i);
  plan.AddBoth(layer + "attn_output", kOutIn, {ModelPart::kAttentionOut}, i);
  plan.AddBoth(layer + "ffn_norm", kOutIn, {ModelPart::kMlpNorm}, i);
  plan.AddBoth(layer + "ffn_up", kOutIn, {ModelPart::kUp}, i);
  plan.AddBoth(layer + "ffn_down", kOutIn, {ModelPart::kDown}, i);
}

struct LlamaName {
  ModelPart part;
  std::string_view gguf;
  std::string_view hugging_face;
};
constexpr LlamaName kLlamaNames[] = {
    {ModelPart::kAttentionNorm, "attn_norm", "input_layernorm"},
    {ModelPart::kQuery, "attn_q", "self_attn.q_proj"},
    {ModelPart::kKey, "attn_k", "self_attn.k_proj"},
    {ModelPart::kValue, "attn_v", "self_attn.v_proj"},
    {ModelPart::kAttentionOut, "attn_output", "self_attn.o_proj"},
    {ModelPart::kMlpNorm, "ffn_norm", "post_attention_layernorm"},
    {ModelPart::kGate, "ffn_gate", "mlp.gate_proj"},
    {ModelPart::kUp, "ffn_up", "mlp.up_proj"},
    {ModelPart::kDown, "ffn_down", "mlp.down_proj"},
};

void PlanHuggingFaceGpt2Layer(Planner& plan, size_t i) {
  const std::string layer = fmt::format("transformer.h.{}.", i);
  plan.AddBoth(layer + "ln_1", kInOut, {ModelPart::kAttentionNorm}, i);
  plan.AddBoth(layer + "attn.c_attn", kInOut,
               {ModelPart::kQuery, ModelPart::kKey, ModelPart::kValue}, i);
  plan.AddBoth(layer + "attn.c_proj", kInOut, {ModelPart::kAttentionOut}, i);
  plan.AddBoth(layer + "ln_2", kInOut, {ModelPart::kMlpNorm}, i);
  plan.AddBoth(layer + "mlp.c_fc", kInOut, {ModelPart::kUp}, i);
  plan.AddBoth(layer + "mlp.c_proj", kInOut, {ModelPart::kDown}, i);
}

}  // namespace

WeightPart SourceOfWeight(const Model& model, ModelPart part, bool is_bias, size_t layer) {
  return std::visit([&](const auto& family) { return SourceOf(family, part, is_bias, layer); },
                    model.family());
}

std::vector<PlannedTensor> PlanGguf(const Model& model) {
  Planner plan(model, RopePairing::kInterleaved);
  const bool is_gpt2 = std::holds_alternative<Gpt2Model>(model.family());
  plan.Add("token_embd.weight", kOutIn, {ModelPart::kTokenEmbedding});
  if (is_gpt2) plan.Add("position_embd.weight", kOutIn, {ModelPart::kPositionEmbedding});
  for (size_t i = 0; i < model.info().layers; ++i) {
    if (is_gpt2) {
      PlanGgufGpt2Layer(plan, i);
      continue;
    }
    for (const LlamaName& name : kLlamaNames) {
      plan.Add(fmt::format("blk.{}.{}.weight", i, name.gguf), kOutIn, {name.part}, false, i);
    }
  }
  plan.Add("output_norm.weight", kOutIn, {ModelPart::kOutputNorm});
  if (is_gpt2) plan.Add("output_norm.bias", kOutIn, {ModelPart::kOutputNorm}, true);
  if (!model.info().tied_output) plan.Add("output.weight", kOutIn, {ModelPart::kOutput});
  return plan.Take();
}

std::vector<PlannedTensor> PlanHuggingFace(const Model& model) {
  Planner plan(model, RopePairing::kHalf);
  const bool is_gpt2 = std::holds_alternative<Gpt2Model>(model.family());
  if (is_gpt2) {
    plan.Add("transformer.wte.weight", kOutIn, {ModelPart::kTokenEmbedding});
    plan.Add("transformer.wpe.weight", kOutIn, {ModelPart::kPositionEmbedding});
  } else {
    plan.Add("model.embed_tokens.weight", kOutIn, {ModelPart::kTokenEmbedding});
  }
  for (size_t i = 0; i < model.info().layers; ++i) {
    if (is_gpt2) {
      PlanHuggingFaceGpt2Layer(plan, i);
      continue;
    }
    for (const LlamaName& name : kLlamaNames) {
      plan.Add(fmt::format("model.layers.{}.{}.weight", i, name.hugging_face), kOutIn, {name.part},
               false, i);
    }
  }
  if (is_gpt2) {
    plan.AddBoth("transformer.ln_f", kInOut, {ModelPart::kOutputNorm});
  } else {
    plan.Add("model.norm.weight", kInOut, {ModelPart::kOutputNorm});
  }
  if (!model.info().tied_output) plan.Add("lm_head.weight", kOutIn, {ModelPart::kOutput});
  return plan.Take();
}

std::vector<PlannedTensor> PlanKeras(const Model& model,
                                     const std::vector<KerasVariableSpec>& variables) {
  Planner plan(model, RopePairing::kHalf);
  for (const KerasVariableSpec& variable : variables) {
    const bool is_table = variable.part == ModelPart::kTokenEmbedding ||
                          variable.part == ModelPart::kPositionEmbedding;
    plan.Add(variable.name, is_table ? kOutIn : kInOut, {variable.part}, variable.is_bias,
             variable.layer);
    TARE_CHECK_EQ(plan.back().shape.elements(), variable.shape.elements());
    plan.back().shape = variable.shape;
  }
  return plan.Take();
}

}  // namespace tare
