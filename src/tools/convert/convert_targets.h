#ifndef TARE_TOOLS_CONVERT_CONVERT_TARGETS_H_
#define TARE_TOOLS_CONVERT_CONVERT_TARGETS_H_

#include <string>

#include "base/error.h"
#include "tools/convert/convert.h"
#include "tools/convert/convert_source.h"

namespace tare {

// One writer per format: plans the tensors, chooses their types, writes everything else, and
// streams. `summary` gets notes, tensors and rounding. Errors: those of ConvertModel.
Status ConvertToGguf(const ConvertSource& source, const std::string& out,
                     const ConvertOptions& options, ConvertSummary& summary);
Status ConvertToHuggingFace(const ConvertSource& source, const std::string& out,
                            const ConvertOptions& options, ConvertSummary& summary);
Status ConvertToKeras(const ConvertSource& source, const std::string& out,
                      const ConvertOptions& options, ConvertSummary& summary);

// From one GGUF file to another: all metadata, all names and shapes, of any architecture; only the
// matrices' type changes, or nothing where none is asked for. The parts of a split file become one.
//   Errors  those of GgufFile::Open; Io.
Result<ConvertSummary> RetypeGguf(const std::string& in, const std::string& out,
                                  const ConvertOptions& options);

// Shared by all: counts the bytes and types of a plan, and streams its data to `sink` in
// order.
Status StreamTensors(const ConvertSource& source, const std::vector<PlannedTensor>& tensors,
                     const TensorConverter::Sink& sink, ConvertSummary& summary);
Status StreamTensors(TensorConverter::Drop drop, const std::vector<PlannedTensor>& tensors,
                     const TensorConverter::Sink& sink, ConvertSummary& summary);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_CONVERT_TARGETS_H_
