#ifndef TARE_TOOLS_SYNTH_SYNTH_H_
#define TARE_TOOLS_SYNTH_SYNTH_H_

#include <cstdint>
#include <string>

#include "base/atomic_folder.h"
#include "base/error.h"
#include "tensor/dtype.h"
#include "tools/synth/synth_shapes.h"

namespace tare {

struct SynthOptions {
  uint64_t seed = 0;
  DType dtype = DType::kF32;  // f32, f16 or bf16; the same values, rounded
  std::string vocabulary;     // a folder for ReadTokenizer; empty: train one on a built-in text
  OldFolder old = OldFolder::kKeep;
};

// Writes random weights (SpreadOf) and a working tokenizer: a KerasHub preset, or a Hugging Face
// folder where the family has no class in KerasHub (SynthShape::format). The same shape and options
// give the same bytes. Memory: the tokenizer and 8 MiB; two threads.
//   Errors  those of MakeTokenizer, ReadTokenizer and the folder's writer; nothing remains then.
Status SynthesizeModel(const SynthShape& shape, const std::string& folder,
                       const SynthOptions& options);

}  // namespace tare

#endif  // TARE_TOOLS_SYNTH_SYNTH_H_
