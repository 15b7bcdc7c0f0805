#include "models/family.h"

#include "models/decoder/decoder_rules.h"

namespace tare {

KerasClasses KerasClassesOf(const Family& family, bool is_sentence_piece) {
  const KerasClasses* const other = family.other_keras;
  if (other != nullptr && other->tokenizer.is_sentence_piece == is_sentence_piece) return *other;
  return {family.keras_module, family.keras_classes, family.keras_tokenizer};
}

float NormOffset(const Family& family, ModelFormat format) {
  if (family.decoder == nullptr || format == ModelFormat::kGguf) return 0.0f;
  return family.decoder->stores_norms_from_one ? 1.0f : 0.0f;
}

ModelFormat SynthesisFormat(const Family& family) {
  return family.keras_classes.empty() ? ModelFormat::kHuggingFace : ModelFormat::kKeras;
}

}  // namespace tare
