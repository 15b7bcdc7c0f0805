#include "tools/synth/synth.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>
#include <vector>

#include "base/thread_pool.h"
#include "tools/convert/hf_folder_writer.h"
#include "tools/convert/keras_preset_writer.h"
#include "tools/synth/synth_text.h"
#include "tools/synth/synth_tokenizer.h"
#include "tools/synth/synth_weights.h"

namespace tare {
namespace {

// A run of a tensor's elements that is made and written at once.
struct Piece {
  const TensorSpec* tensor = nullptr;
  uint64_t first = 0;
  size_t bytes = 0;
};

constexpr uint64_t kPieceBytes = 4 << 20;

std::vector<Piece> CutIntoPieces(const std::vector<TensorSpec>& tensors, DType dtype) {
  const size_t element = BlockBytes(dtype);
  std::vector<Piece> pieces;
  for (const TensorSpec& tensor : tensors) {
    const uint64_t bytes = tensor.shape.elements() * element;
    for (uint64_t at = 0; at < bytes; at += kPieceBytes) {
      pieces.push_back(
          {&tensor, at / element, static_cast<size_t>(std::min(bytes - at, kPieceBytes))});
    }
  }
  return pieces;
}

// Gets the next bytes of the tensor of that name.
using TensorSink = std::function<Status(std::string_view name, std::span<const std::byte> bytes)>;

// One thread makes a piece while the other writes the one before.
Status WriteWeights(const SynthShape& shape, const SynthOptions& options, const TensorSink& sink) {
  const std::vector<TensorSpec> tensors = SynthTensors(shape);
  const std::vector<Piece> pieces = CutIntoPieces(tensors, options.dtype);
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
        status = sink(pieces[i - 1].tensor->name, bytes_of(i - 1));
      } else if (slice.index == 1 && i < pieces.size()) {
        const TensorSpec& tensor = *pieces[i].tensor;
        RandomValues(options.seed, tensor.name, options.dtype, SpreadOf(tensor, shape.backbone))
            .Fill(pieces[i].first, bytes_of(i));
      }
    });
  }
  return status;
}

Result<KerasTokenizer> MakeOrReadTokenizer(const SynthShape& shape, const SynthOptions& options) {
  const size_t size = shape.backbone.model->sizes().vocabulary;
  const KerasTokenizerClass special = SynthSpecials(shape.backbone.model->family());
  if (options.vocabulary.empty()) return MakeTokenizer(kSynthText, size, special);
  return ReadTokenizer(options.vocabulary, size, special);
}

Result<KerasPresetWriter> CreatePreset(const SynthShape& shape, const std::string& folder,
                                       const SynthOptions& options) {
  KerasPreset preset;
  preset.backbone = shape.backbone;
  preset.dtype = options.dtype;
  preset.sequence_length = shape.context();
  preset.variables = KerasVariables(shape.backbone, options.dtype);
  TARE_ASSIGN_OR_RETURN(preset.tokenizer, MakeOrReadTokenizer(shape, options));
  return KerasPresetWriter::Create(folder, options.old, preset);
}

Result<HuggingFaceFolderWriter> CreateHuggingFace(const SynthShape& shape,
                                                  const std::string& folder,
                                                  const SynthOptions& options) {
  const FamilyModel& model = *shape.backbone.model;
  TARE_ASSIGN_OR_RETURN(const KerasTokenizer made, MakeOrReadTokenizer(shape, options));
  TARE_ASSIGN_OR_RETURN(const Tokenizer tokenizer, SplittingTokenizer(made, model.family()));
  TARE_ASSIGN_OR_RETURN(const std::string config, HuggingFaceConfigText(model, shape.backbone.tied,
                                                                        tokenizer, options.dtype));
  std::vector<TensorDeclaration> declared;
  for (const TensorSpec& tensor : SynthTensors(shape)) {
    declared.push_back({.name = tensor.name, .dtype = options.dtype, .shape = tensor.shape});
  }
  return HuggingFaceFolderWriter::Create(folder, options.old, config,
                                         {.tokenizer = tokenizer,
                                          .vocabulary = model.sizes().vocabulary,
                                          .max_context = shape.context(),
                                          .pre_tokenizer = tokenizer.pre_tokenizer()},
                                         declared);
}

// Streams the weights to a writer that has everything else.
template <typename Writer>
Status WriteAndFinish(Result<Writer> writer, const SynthShape& shape, const SynthOptions& options) {
  if (!writer.ok()) return writer.error();
  const auto sink = [&](std::string_view name, std::span<const std::byte> bytes) {
    return writer->AppendData(name, bytes);
  };
  TARE_RETURN_IF_ERROR(WriteWeights(shape, options, sink));
  return writer->Finish();
}

}  // namespace

Status SynthesizeModel(const SynthShape& shape, const std::string& folder,
                       const SynthOptions& options) {
  if (shape.format() == ModelFormat::kHuggingFace) {
    return WriteAndFinish(CreateHuggingFace(shape, folder, options), shape, options);
  }
  return WriteAndFinish(CreatePreset(shape, folder, options), shape, options);
}

}  // namespace tare
