#ifndef TARE_MODELS_KERAS_EXTRAS_H_
#define TARE_MODELS_KERAS_EXTRAS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "describe/model_header.h"
#include "tare/tokenizer.h"

namespace tare {

// Facts that a KerasHub preset cannot express. Tare keeps them in a file of its own in the preset
// (kKerasExtrasFile), which KerasHub ignores. Each may be missing.
struct KerasExtras {
  std::optional<size_t> context_length;       // in tokens; if the backbone has none
  std::optional<PreTokenizer> pre_tokenizer;  // of the model from which the preset was made
  bool ignores_merges = true;                 // of that model's tokenizer; goes with the above
  std::optional<bool> adds_bos;               // the same
  std::string chat_template;                  // Jinja
  // Control tokens that vocabulary.spm has as user-defined ones, so that KerasHub finds them.
  std::vector<uint64_t> control_ids;

  bool empty() const {
    return !context_length && !pre_tokenizer && !adds_bos && chat_template.empty() &&
           control_ids.empty();
  }
};

// Reads the file in a preset's folder; empty if there is no such file.
//   Errors  those of JsonObject; CorruptFile for an impossible context; Unsupported for an unknown
//           pre-tokenizer.
Result<KerasExtras> ReadKerasExtras(const std::string& folder);

// The file's text.
std::string KerasExtrasText(const KerasExtras& extras);

}  // namespace tare

#endif  // TARE_MODELS_KERAS_EXTRAS_H_
