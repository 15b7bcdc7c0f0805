#ifndef TARE_GRAPH_DUMP_H_
#define TARE_GRAPH_DUMP_H_

#include <string>

#include "graph/graph.h"

namespace tare {

// One line per node that the output depends on, and the bytes of constants at the end:
//   %12 = einsum "bqm,uhm->bquh" (%3, @blk.0.attn_q.weight) : f32 [1, T, 9, 64]   #
//   layer.0.attention.query
std::string DumpGraph(const Graph& graph);

}  // namespace tare

#endif  // TARE_GRAPH_DUMP_H_
