#ifndef TARE_OPENVINO_ENGINE_MEASURES_H_
#define TARE_OPENVINO_ENGINE_MEASURES_H_

#include <string_view>

#include "base/error.h"

namespace tare {

// The measures that keep OpenVINO's memory near that of the weights, at full speed. Each can be
// switched off to see its effect.
struct OpenVinoMeasures {
  bool map = true;     // use constants in the model's mapping, without a copy
  bool drop = true;    // give the mapping's pages back while the plugin packs them
  bool huge = true;    // put packed weights in huge pages, if the kernel gives these quickly
  bool gather = true;  // read embedding rows from the mapping, so that no table is a constant
  bool sdpa = true;    // write attention as one ScaledDotProductAttention
  bool last = true;    // compute logits of the last token only
  bool apart = true;   // keep activations out of products, so that weights are packed once
  bool state = true;   // keep keys and values in OpenVINO's variables, not in outputs fed back
  bool small = true;   // copy biases and norms, so that the mapping is read only once
  bool flush = true;   // treat numbers below 2^-126 as 0: constants are then not searched for them
  bool slack = true;   // give freed heap memory back, large blocks at once
  bool code = true;    // give back the pages of OpenVINO's code that compiled the model

  // Names separated by commas, each with "no-" in front: "no-drop,no-sdpa". Empty: all stay on.
  // Errors: InvalidInput for anything else; the message lists the names.
  static Result<OpenVinoMeasures> Parse(std::string_view text);
};

}  // namespace tare

#endif  // TARE_OPENVINO_ENGINE_MEASURES_H_
