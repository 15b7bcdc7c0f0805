#ifndef TARE_OPENVINO_PASS_WRITTEN_ROW_H_
#define TARE_OPENVINO_PASS_WRITTEN_ROW_H_

#include <cstddef>
#include <memory>
#include <openvino/core/model.hpp>

namespace tare {

// Whether a node writes to the bytes of its first input on the CPU plugin.
bool WritesInPlace(const ov::Node& node);

// Copies a row before it is written to, where the CPU plugin would copy all that it is a row of; in
// bodies too:
//
//   ScatterNDUpdate(Squeeze(Gather(Squeeze(Gather(x, i, 1), 1), j, 1), 1), …)
//     →  ScatterNDUpdate(Squeeze(Slice(x, from (i, j), to (i + 1, j + 1)), (1, 2)), …)
//
// for numbers i and j, where x has length 1 on the axes before and is read elsewhere too. The
// plugin makes a row that lies in one piece a view of x, and a scatter writes in place; to keep x
// for its other readers it then copies the whole of x, once a scatter. KerasHub's cache of keys and
// values is such an x: each of L layers takes its keys and its values out of it and writes a token
// into them, so that a token costs L copies of the cache of all layers. Returns how many rows were
// changed.
size_t CopyWrittenRows(const std::shared_ptr<ov::Model>& model);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_WRITTEN_ROW_H_
