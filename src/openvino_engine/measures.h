#ifndef TARE_OPENVINO_ENGINE_MEASURES_H_
#define TARE_OPENVINO_ENGINE_MEASURES_H_

#include <string_view>

#include "base/error.h"

namespace tare {

// What keeps OpenVINO in the memory of the weights, and quick; each can be left out to see what it
// is worth.
struct OpenVinoMeasures {
  bool map = true;     // constants lie in the model's mapping, not in a copy
  bool drop = true;    // the mapping's pages are given back while the plugin packs them
  bool huge = true;    // what the plugin packs lies in huge pages, where these come quickly
  bool gather = true;  // rows of embeddings are read from the mapping: no table is a constant
  bool sdpa = true;    // attention is one ScaledDotProductAttention, not its parts
  bool last = true;    // logits of the last token only
  bool apart = true;   // activations are no part of a product, so that it packs its weights once
  bool state = true;   // keys and values are OpenVINO's variables, not outputs that are fed again
  bool small = true;   // biases and norms are copied: what lies in the mapping is read once
  bool flush = true;   // numbers below 2^-126 count as 0: else constants are searched for them
  bool slack = true;   // what the heap keeps free is given back, large blocks as they are freed
  bool code = true;    // pages of OpenVINO's code that compiled the model are given back

  // Names with commas between, each with "no-" in front: "no-drop,no-sdpa". Empty: all stay on.
  // Errors: InvalidInput for anything else; the message lists the names.
  static Result<OpenVinoMeasures> Parse(std::string_view text);
};

}  // namespace tare

#endif  // TARE_OPENVINO_ENGINE_MEASURES_H_
