#ifndef TARE_MODELS_KERAS_EXTRAS_H_
#define TARE_MODELS_KERAS_EXTRAS_H_

#include <cstddef>
#include <optional>
#include <string>

#include "base/error.h"
#include "describe/model_header.h"
#include "tare/tokenizer.h"

namespace tare {

// What a KerasHub preset has no word for, in a file of Tare's own beside the others
// (kKerasExtrasFile), which KerasHub leaves alone. Each may be missing.
struct KerasExtras {
  std::optional<size_t> context_length;       // tokens; where the backbone names none
  std::optional<PreTokenizer> pre_tokenizer;  // of the model that the preset was made from
  std::optional<bool> adds_bos;               // the same
  std::string chat_template;                  // Jinja

  bool empty() const {
    return !context_length && !pre_tokenizer && !adds_bos && chat_template.empty();
  }
};

// Of a preset's folder; nothing where it has no such file.
//   Errors  those of JsonObject; CorruptFile for a context that cannot be; Unsupported for a
//           pre-tokenizer that is not known.
Result<KerasExtras> ReadKerasExtras(const std::string& folder);

// The file's text.
std::string KerasExtrasText(const KerasExtras& extras);

}  // namespace tare

#endif  // TARE_MODELS_KERAS_EXTRAS_H_
