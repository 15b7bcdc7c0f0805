#ifndef TARE_MODELS_DECODER_DECODER_GRAPH_H_
#define TARE_MODELS_DECODER_DECODER_GRAPH_H_

#include "base/error.h"
#include "graph/graph.h"
#include "models/decoder/decoder_spec.h"
#include "models/model_weights.h"

namespace tare {

// token ids i32 [1, T] -> logits f32 [1, T, V], or [1, 1, V] with last_token_only. The einsums are
// those of KerasHub's decoders, with each weight's labels in the
// order of the file.
//   Errors  OutOfMemory.
Result<Graph> BuildDecoder(const DecoderSpec& spec, const ModelWeights& weights,
                           bool last_token_only);

}  // namespace tare

#endif  // TARE_MODELS_DECODER_DECODER_GRAPH_H_
