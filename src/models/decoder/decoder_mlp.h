#ifndef TARE_MODELS_DECODER_DECODER_MLP_H_
#define TARE_MODELS_DECODER_DECODER_MLP_H_

#include "graph/builder.h"
#include "models/decoder/decoder_spec.h"
#include "models/model_weights.h"

namespace tare {

// What a layer of the shared decoder does after attention: x [1, T, C] -> [1, T, C]. A gated MLP,
// or a mixture of experts, which are gated MLPs: a softmax over all of them rates each for a token,
// and the U best are run and their results added up by their rates.
//   Source  Shazeer et al. 2017; transformers' sparse MoE blocks do the same.
NodeId DecoderMlp(GraphBuilder& graph, NodeId x, const DecoderSpec& spec,
                  const ModelWeights& weights, size_t layer);

}  // namespace tare

#endif  // TARE_MODELS_DECODER_DECODER_MLP_H_
