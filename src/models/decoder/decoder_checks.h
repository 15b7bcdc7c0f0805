#ifndef TARE_MODELS_DECODER_DECODER_CHECKS_H_
#define TARE_MODELS_DECODER_DECODER_CHECKS_H_

#include <string>

#include "base/error.h"
#include "models/decoder/decoder_spec.h"

namespace tare {

// Sets one layer for each of sizes.layers, all alike, and the scale 1 / sqrt(D) of the scores.
void SetUsualLayers(DecoderSpec& spec);

// What every format's reader checks at its end. `where` begins messages.
//   Errors  CorruptFile for heads that cannot share keys and values, an odd number of rotated
//           elements, scalings without the numbers that they need.
Status CheckDecoder(const DecoderSpec& spec, const std::string& where);

}  // namespace tare

#endif  // TARE_MODELS_DECODER_DECODER_CHECKS_H_
