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

// A vocabulary as a preset stores it: of byte-level BPE, without a pre-tokenizer, because KerasHub
// has none (docs/tokenizer.md), or of SentencePiece.
struct KerasTokenizer {
  std::vector<std::string> tokens;  // by id; normal ones in the byte alphabet, special ones as text
  std::vector<std::string> merges;  // "left right", most urgent first
  std::vector<std::string>
      special_tokens;               // matched as a whole; `bos` and `eos` are always included
  std::string sentence_piece = {};  // the bytes of vocabulary.spm, with the same tokens; then there
                                    // are no merges. Empty: byte-level BPE
  // Used only if the tokenizer's class can name others than its own.
  std::string bos;
  std::string eos;
};

struct KerasPreset {
  ModelShape backbone;
  DType dtype = DType::kF32;   // the policy that config.json names: f32, f16 or bf16
  size_t sequence_length = 0;  // default max_length of generate()
  KerasTokenizer tokenizer;
  std::vector<KerasVariableSpec> variables;  // KerasVariables(backbone, …); each may have a type of
                                             // its own, and the order may be another
  KerasExtras extras;  // written unless empty
};

// Writes the folder of a KerasHub preset (a CausalLM of the family; docs/formats.md) as
// save_to_preset of KerasHub 0.32 does, except for the date, so that the same input gives the same
// bytes. Call Create, then append the data of every variable in the order of `preset.variables` and
// in pieces of any size (AppendData), then call Finish. Only then does the folder appear. If the
// writer is dropped or anything fails, nothing remains, and an older folder stays as it was.
class KerasPresetWriter {
 public:
  // Writes everything except the weights. If the tokenizer lacks a token that KerasHub's class
  // requires, adds it after the last id, which no model ever outputs.
  //   Errors  InvalidInput (a folder that must stay, see AtomicFolder; a tokenizer that is larger
  //   than
  //           the model's vocabulary or lacks its own end tokens; a type that HDF5 lacks);
  //           Unsupported (what the backbone's class cannot express, see FamilyModel::CheckKeras);
  //           Io.
  static Result<KerasPresetWriter> Create(const std::string& folder, OldFolder old,
                                          const KerasPreset& preset);

  // As Hdf5Writer::AppendTensorData.
  Status AppendData(std::string_view name, std::span<const std::byte> bytes) {
    return weights_.AppendTensorData(name, bytes);
  }

  // Makes the preset durable and gives it its name. Do not use the writer after that.
  Status Finish();

 private:
  // In this order, so that the weights' temporary file is removed before its folder.
  KerasPresetWriter(AtomicFolder folder, Hdf5Writer weights, std::vector<NamedNumbers> extras)
      : folder_(std::move(folder)), weights_(std::move(weights)), extras_(std::move(extras)) {}

  AtomicFolder folder_;
  Hdf5Writer weights_;
  std::vector<NamedNumbers> extras_;
};

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_KERAS_PRESET_WRITER_H_
