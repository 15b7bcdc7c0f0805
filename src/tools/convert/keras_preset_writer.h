#ifndef TARE_TOOLS_CONVERT_KERAS_PRESET_WRITER_H_
#define TARE_TOOLS_CONVERT_KERAS_PRESET_WRITER_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/atomic_folder.h"
#include "base/error.h"
#include "format/hdf5/hdf5_writer.h"
#include "models/keras_extras.h"
#include "tools/convert/keras_preset_variables.h"

namespace tare {

// A byte-level BPE vocabulary as a preset keeps it. KerasHub has no pre-tokenizers (see
// docs/tokenizer.md), so there is none here.
struct KerasTokenizer {
  std::vector<std::string> tokens;  // by id; normal ones in the byte alphabet, special ones as text
  std::vector<std::string> merges;  // "left right", most urgent first
  std::vector<std::string> special_tokens;  // matched whole; `bos` and `eos` are taken in anyway
  // Where the tokenizer's class can name another; else its own, whatever is here.
  std::string bos;
  std::string eos;
};

struct KerasPreset {
  ModelShape backbone;
  DType dtype = DType::kF32;   // the policy that config.json names: f32, f16 or bf16
  size_t sequence_length = 0;  // generate()'s max_length where none is given
  KerasTokenizer tokenizer;
  std::vector<KerasVariableSpec> variables;  // KerasVariables(backbone, …); each may have a type of
                                             // its own, and the order may be another
  KerasExtras extras;  // written where it says anything
};

// Writes the folder of a KerasHub preset (a CausalLM of the family's; docs/formats.md) as
// save_to_preset of KerasHub 0.32 does, but for the date, so that the same input gives the same
// bytes. First Create, then the data of every variable in the order of `preset.variables` and in
// pieces of any size (AppendData), then Finish. The folder appears only then; when the writer is
// given up or anything fails, nothing remains, and an older folder stays as it was.
class KerasPresetWriter {
 public:
  // Writes everything but the weights. A tokenizer that lacks a token which KerasHub's class
  // insists on gets it, behind its last id, where no model ever says it.
  //   Errors  InvalidInput (a folder that must stay, see AtomicFolder; a tokenizer larger than the
  //           model's vocabulary, or without its own end tokens; a type HDF5 has no word for);
  //           Unsupported (what the backbone's class cannot express: FamilyModel::CheckKeras); Io.
  static Result<KerasPresetWriter> Create(const std::string& folder, OldFolder old,
                                          const KerasPreset& preset);

  // As Hdf5Writer::AppendTensorData.
  Status AppendData(std::string_view name, std::span<const std::byte> bytes) {
    return weights_.AppendTensorData(name, bytes);
  }

  // Makes the preset durable and gives it its name. The writer is then spent.
  Status Finish();

 private:
  // In this order, so that the weights' temporary file goes before the folder it lies in.
  KerasPresetWriter(AtomicFolder folder, Hdf5Writer weights)
      : folder_(std::move(folder)), weights_(std::move(weights)) {}

  AtomicFolder folder_;
  Hdf5Writer weights_;
};

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_KERAS_PRESET_WRITER_H_
