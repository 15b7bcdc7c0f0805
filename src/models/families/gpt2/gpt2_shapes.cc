#include "models/families/gpt2/gpt2_shapes.h"

#include <memory>

#include "models/families/gpt2/gpt2.h"

namespace tare {
namespace {

Gpt2Config Gpt2Size(size_t layers, size_t heads, size_t width) {
  return {layers, width, 4 * width, heads, 50257, 1024, 1e-5f};
}

Gpt2Config SmallestGpt2() { return {2, 64, 256, 4, 1000, 128, 1e-5f}; }

ModelShape Gpt2Shape(const Gpt2Config& config) {
  return {std::make_shared<Gpt2Model>(config), true};
}

}  // namespace

std::vector<NamedShape> Gpt2Shapes(const Family& /*family*/) {
  return {{"gpt2_base_en", "gpt2", Gpt2Shape(Gpt2Size(12, 12, 768))},
          {"gpt2_medium_en", "gpt2-medium", Gpt2Shape(Gpt2Size(24, 16, 1024))},
          {"gpt2_large_en", "gpt2-large", Gpt2Shape(Gpt2Size(36, 20, 1280))},
          {"gpt2_extra_large_en", "gpt2-xl", Gpt2Shape(Gpt2Size(48, 25, 1600))},
          {"gpt2-tiny", "", Gpt2Shape(SmallestGpt2())}};
}

Result<ModelShape> SpellGpt2(const Family& /*family*/, ShapeSettings& settings) {
  Gpt2Config config = SmallestGpt2();
  TARE_RETURN_IF_ERROR(settings.TakeCommonSizes(config));
  TARE_RETURN_IF_ERROR(settings.ExpectNoMore(""));
  return Gpt2Shape(config);
}

}  // namespace tare
