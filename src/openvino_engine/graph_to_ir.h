#ifndef TARE_OPENVINO_ENGINE_GRAPH_TO_IR_H_
#define TARE_OPENVINO_ENGINE_GRAPH_TO_IR_H_

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "graph/graph.h"
#include "openvino_engine/ir_writer.h"
#include "openvino_engine/measures.h"

namespace tare {

// What a model's input gets in each step of T tokens, the first of which is at position `past`.
struct IrInput {
  enum class Kind {
    kTokenIds,      // i32 [1, T]
    kTokenRows,     // f32 [1, T, C]: the ids' rows of `table`
    kPositions,     // i32 [T]: past .. past + T - 1
    kPositionRows,  // f32 [T, C]: those rows of `table`
    kCosines,       // f32 [1, T, 1, D / 2]: of position times each of `table`
    kSines,         // the same of the sine
    kMask,          // f32 [1, 1, T, S]: 0, or -inf if the key comes after the query
    kBeam,          // i32 [1]: 0, the only sequence
    kPast,          // f32 [1, K, past, D]: the output before; at first of no tokens
  };
  Kind kind;
  TensorView table = {};  // borrowed from the graph's constants
  int64_t heads = 0;      // kPast: K
  int64_t head_size = 0;  // and D
  size_t output = 0;      // and the model's output that it is fed with, of T tokens more
};

// A model's IR.
struct IrModel {
  std::shared_ptr<IrWriter> writer;  // owns small constants
  std::string xml;
  std::vector<IrInput> inputs;  // in the order of the model's own
};

// Converts a graph with fused attention and lowered einsums. Keys and values become variables that
// begin empty, or inputs and outputs. Output 0 is the graph's output.
//   graph   its constants' memory must outlive the model.
//   Errors  Unsupported, naming the node: block-quantised weights, or an op that OpenVINO lacks.
Result<IrModel> GraphToIr(const Graph& graph, const OpenVinoMeasures& measures);

}  // namespace tare

#endif  // TARE_OPENVINO_ENGINE_GRAPH_TO_IR_H_
