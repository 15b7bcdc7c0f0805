#include "models/families/llama/llama_shapes.h"

#include <memory>
#include <utility>

#include "base/count_text.h"
#include "models/families/llama/llama.h"

namespace tare {
namespace {

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

LlamaConfig SmallestLlama() { return LlamaSize(2, 4, 2, 64, 256); }

LlamaConfig SmallLlama() {
  LlamaConfig config = LlamaSize(8, 8, 4, 512, 1536);
  config.vocabulary = 16384;
  config.max_context = 2048;
  return config;
}

ModelShape LlamaShape(const LlamaConfig& config, bool tied) {
  return {std::make_shared<LlamaModel>(config), tied};
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

Status TakeRope(ShapeSettings& settings, LlamaConfig& config) {
  TARE_RETURN_IF_ERROR(settings.TakePositive("rope_base", config.rope_base));
  TARE_RETURN_IF_ERROR(settings.TakePositive("rope_scale", config.rope_linear_factor));
  RopeCorrection rope = *config.rope_correction;
  TARE_RETURN_IF_ERROR(settings.TakePositive("rope_factor", rope.factor));
  TARE_RETURN_IF_ERROR(settings.TakeSize("rope_context", rope.original_context));
  if (rope.factor == 1.0f) {
    config.rope_correction.reset();
  } else {
    config.rope_correction = rope;
  }
  return {};
}

}  // namespace

std::vector<NamedShape> LlamaShapes() {
  return {{"llama3-tiny", "", LlamaShape(SmallestLlama(), false)},
          {"llama3-tiny-tied", "", LlamaShape(SmallestLlama(), true)},
          {"llama3-small", "", LlamaShape(SmallLlama(), false)},
          {"llama3-small-tied", "", LlamaShape(SmallLlama(), true)}};
}

Result<ModelShape> SpellLlama(ShapeSettings& settings) {
  LlamaConfig config = SmallestLlama();
  bool tied = false;
  TARE_RETURN_IF_ERROR(settings.TakeCommonSizes(config));
  config.head_size = config.width / config.heads;
  config.kv_heads = config.heads % 2 == 0 ? config.heads / 2 : config.heads;
  TARE_RETURN_IF_ERROR(settings.TakeSize("kv_heads", config.kv_heads));
  TARE_RETURN_IF_ERROR(TakeRope(settings, config));
  TARE_RETURN_IF_ERROR(settings.TakeBool("tied", tied));
  TARE_RETURN_IF_ERROR(settings.ExpectNoMore(kLlamaFamily.shape_keys));
  TARE_RETURN_IF_ERROR(CheckLlamaHeads(config));
  return LlamaShape(config, tied);
}

}  // namespace tare
