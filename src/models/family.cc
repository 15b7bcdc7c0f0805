#include "models/family.h"

#include "models/decoder/decoder_rules.h"

namespace tare {

float NormOffset(const Family& family, ModelFormat format) {
  if (family.decoder == nullptr || format == ModelFormat::kGguf) return 0.0f;
  return family.decoder->stores_norms_from_one ? 1.0f : 0.0f;
}

}  // namespace tare
