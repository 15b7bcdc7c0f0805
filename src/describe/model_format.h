#ifndef TARE_DESCRIBE_MODEL_FORMAT_H_
#define TARE_DESCRIBE_MODEL_FORMAT_H_

namespace tare {

// The forms in which a model is read and written: a KerasHub preset, a Hugging Face folder, a GGUF
// file.
enum class ModelFormat { kKeras, kHuggingFace, kGguf };

}  // namespace tare

#endif  // TARE_DESCRIBE_MODEL_FORMAT_H_
