#ifndef TARE_OPENVINO_PASS_WRITTEN_ROW_H_
#define TARE_OPENVINO_PASS_WRITTEN_ROW_H_

#include <cstddef>
#include <memory>
#include <openvino/core/model.hpp>

namespace tare {

// Whether the CPU plugin lets a node write to the bytes of its first input.
bool WritesInPlace(const ov::Node& node);

// Copies a single row before it is written, where the CPU plugin would copy the whole tensor that
// holds it; in bodies too:
//
//   ScatterNDUpdate(Squeeze(Gather(Squeeze(Gather(x, i, 1), 1), j, 1), 1), …)
//     →  ScatterNDUpdate(Squeeze(Slice(x, from (i, j), to (i + 1, j + 1)), (1, 2)), …)
//
// for numbers i and j, if x has length 1 on the axes before these and is also read elsewhere. The
// plugin makes a contiguous row a view of x, and a scatter writes in place. To keep x for its other
// readers, the plugin then copies all of x for each scatter. KerasHub's cache of keys and values is
// such an x: each of L layers takes its keys and values from it and writes one token, so each token
// costs L copies of the cache of all layers. Returns the number of changed rows.
size_t CopyWrittenRows(const std::shared_ptr<ov::Model>& model);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_WRITTEN_ROW_H_
