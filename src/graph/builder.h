#ifndef TARE_GRAPH_BUILDER_H_
#define TARE_GRAPH_BUILDER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace tare {

// Builds a graph node by node and checks each new node against its op's shape rule. A mismatch is a
// bug in Tare, because the family's builder has validated the file's shapes, and ends in
// TARE_CHECK. `name` labels the node in dumps and errors; PushScope adds a prefix to the names that
// follow.
class GraphBuilder {
 public:
  NodeId TokenIds();  // i32 [1, T]
  // The tensor's memory must outlive the graph.
  NodeId Constant(const TensorView& tensor, std::string name);
  NodeId OwnedConstant(std::shared_ptr<const Storage> storage, std::string name);

  NodeId Reshape(NodeId x, std::vector<Dim> dims);
  NodeId Repeat(NodeId x, size_t repeats);
  // Elements begin .. begin + size - 1 of the last axis.
  NodeId Slice(NodeId x, size_t begin, size_t size);
  NodeId LastToken(NodeId x);
  NodeId Gather(NodeId table, NodeId ids);
  NodeId Positions(NodeId table, NodeId like);
  NodeId Einsum(std::string_view equation, NodeId a, NodeId b, const std::string& name = {});
  NodeId RmsNorm(NodeId x, NodeId gamma, float epsilon, const std::string& name = {},
                 float gamma_offset = 0.0f);
  NodeId LayerNorm(NodeId x, NodeId gamma, NodeId beta, float epsilon,
                   const std::string& name = {});
  NodeId Softmax(NodeId x);
  // The `used` most likely experts of each token.
  NodeId TopExperts(NodeId probabilities, size_t used);
  NodeId ExpertWeights(NodeId probabilities, NodeId experts, bool normalise);
  // weights: one of [E, N, K], or [N, K] of each expert.
  NodeId ExpertMatMul(NodeId x, NodeId experts, const std::vector<NodeId>& weights,
                      const std::string& name);
  // window: keys that a query sees, its own included; 0: all.
  NodeId CausalSoftmax(NodeId scores, size_t window = 0);
  NodeId Rope(NodeId x, NodeId inverse_frequencies, RopePairing pairing, float scale = 1.0f);
  // With other frequencies in sequences of more than `long_after` tokens.
  NodeId RopeByLength(NodeId x, NodeId short_frequencies, NodeId long_frequencies,
                      size_t long_after, RopePairing pairing, float scale);
  NodeId Add(NodeId a, NodeId b);
  NodeId Mul(NodeId a, NodeId b);
  NodeId Div(NodeId a, NodeId b);
  NodeId Scale(NodeId x, float scale);
  NodeId Silu(NodeId x);
  NodeId GeluTanh(NodeId x);
  NodeId GeluErf(NodeId x);
  NodeId SoftCap(NodeId x, float soft_cap);
  // Uses the next cache slot.
  NodeId CacheAppend(NodeId x, const std::string& name);

  const ValueType& type(NodeId id) const { return graph_.node(id).type; }
  void PushScope(std::string_view scope);
  void PopScope();

  // The finished graph. Do not use the builder after that.
  Graph Finish(NodeId output) &&;

 private:
  NodeId Append(Op op, std::vector<NodeId> inputs, Attributes attributes = {},
                const std::string& name = {});
  NodeId AppendChecked(Node node);
  std::string Scoped(const std::string& name) const;

  Graph graph_;
  std::vector<std::string> scopes_;
  uint32_t next_cache_slot_ = 0;
};

}  // namespace tare

#endif  // TARE_GRAPH_BUILDER_H_
