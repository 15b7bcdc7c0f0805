#include "tools/synth/synth.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/thread_pool.h"
#include "tools/convert/keras_preset_writer.h"
#include "tools/synth/synth_text.h"
#include "tools/synth/synth_tokenizer.h"
#include "tools/synth/synth_weights.h"

namespace tare {
namespace {

// A run of a variable's elements that is made and written at once.
struct Piece {
  const KerasVariableSpec* variable = nullptr;
  uint64_t first = 0;
  size_t bytes = 0;
};

constexpr uint64_t kPieceBytes = 4 << 20;

std::vector<Piece> CutIntoPieces(const std::vector<KerasVariableSpec>& variables) {
  std::vector<Piece> pieces;
  for (const KerasVariableSpec& variable : variables) {
    const size_t element = BlockBytes(variable.dtype);
    const uint64_t bytes = variable.shape.elements() * element;
    for (uint64_t at = 0; at < bytes; at += kPieceBytes) {
      pieces.push_back(
          {&variable, at / element, static_cast<size_t>(std::min(bytes - at, kPieceBytes))});
    }
  }
  return pieces;
}

// One thread makes a piece while the other writes the one before.
Status WriteWeights(const KerasPreset& preset, uint64_t seed, KerasPresetWriter& writer) {
  const std::vector<Piece> pieces = CutIntoPieces(preset.variables);
  std::array<std::vector<std::byte>, 2> buffers;
  for (auto& buffer : buffers) buffer.resize(kPieceBytes);
  const auto bytes_of = [&](size_t index) {
    return std::span(buffers[index % 2]).first(pieces[index].bytes);
  };
  ThreadPool threads(2);
  Status status;
  for (size_t i = 0; i <= pieces.size() && status.ok(); ++i) {
    threads.Run([&](ThreadSlice slice) {
      if (slice.index == 0 && i > 0) {
        status = writer.AppendData(pieces[i - 1].variable->name, bytes_of(i - 1));
      } else if (slice.index == 1 && i < pieces.size()) {
        const KerasVariableSpec& variable = *pieces[i].variable;
        RandomValues(seed, variable, SpreadOf(variable, preset.backbone))
            .Fill(pieces[i].first, bytes_of(i));
      }
    });
  }
  return status;
}

}  // namespace

Status SynthesizePreset(const SynthShape& shape, const std::string& folder,
                        const SynthOptions& options) {
  KerasPreset preset;
  preset.backbone = shape.backbone;
  preset.dtype = options.dtype;
  preset.sequence_length = shape.context();
  preset.variables = KerasVariables(shape.backbone, options.dtype);
  const size_t size = shape.backbone.model->sizes().vocabulary;
  const KerasTokenizerClass& special = shape.backbone.model->family().keras_tokenizer;
  TARE_ASSIGN_OR_RETURN(preset.tokenizer, options.vocabulary.empty()
                                              ? MakeTokenizer(kSynthText, size, special)
                                              : ReadTokenizer(options.vocabulary, size, special));
  TARE_ASSIGN_OR_RETURN(KerasPresetWriter writer,
                        KerasPresetWriter::Create(folder, options.old, preset));
  preset.tokenizer = {};
  TARE_RETURN_IF_ERROR(WriteWeights(preset, options.seed, writer));
  return writer.Finish();
}

}  // namespace tare
