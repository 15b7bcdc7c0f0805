#ifndef TARE_DESCRIBE_TOKEN_READS_H_
#define TARE_DESCRIBE_TOKEN_READS_H_

#include <cstdint>
#include <string_view>

#include "describe/model_header.h"
#include "tensor/shape.h"

namespace tare {

// How many bytes of weights one decoded token must read, by the names that the formats' writers
// give tensors in every architecture: GGUF's, Transformers' and KerasHub's. A name that is not
// known counts whole, so the figure is too high rather than too low.

struct TensorFacts {
  std::string_view name;
  uint64_t bytes = 0;
  const Shape& shape;
};

// Whether a tensor gives the logits, so that the token embedding is only looked up.
bool IsOutput(std::string_view name);

// All of a tensor; one row of a table in which a token looks up a row; and of stacked or numbered
// experts the share that a token uses.
//   has_output  whether any tensor of the model is its output.
uint64_t TokenReadBytes(const TensorFacts& tensor, bool has_output, const ModelHeader& header);

}  // namespace tare

#endif  // TARE_DESCRIBE_TOKEN_READS_H_
