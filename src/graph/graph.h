#ifndef TARE_GRAPH_GRAPH_H_
#define TARE_GRAPH_GRAPH_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "graph/op.h"
#include "tensor/layout.h"
#include "tensor/storage.h"
#include "tensor/tensor_view.h"

namespace tare {

// A dimension: a number, or T or S, which are known only when a step runs.
class Dim {
 public:
  enum class Kind : uint8_t { kStatic, kTokens /* T */, kContext /* S */ };

  constexpr Dim(size_t value) : value_(value) {}  // NOLINT
  static constexpr Dim Tokens() { return Dim(Kind::kTokens); }
  static constexpr Dim Context() { return Dim(Kind::kContext); }

  constexpr Kind kind() const { return kind_; }
  constexpr bool is_static() const { return kind_ == Kind::kStatic; }
  constexpr size_t value() const { return value_; }  // precondition: is_static()
  constexpr size_t Resolve(size_t tokens, size_t context) const {
    return kind_ == Kind::kStatic ? value_ : kind_ == Kind::kTokens ? tokens : context;
  }
  constexpr bool operator==(const Dim&) const = default;
  std::string ToString() const;  // "64", "T", "S"

 private:
  constexpr explicit Dim(Kind kind) : kind_(kind) {}

  Kind kind_ = Kind::kStatic;
  size_t value_ = 0;
};

// The type of a value: element type and symbolic shape, row-major and contiguous.
struct ValueType {
  DType dtype = DType::kF32;
  std::vector<Dim> dims;

  static ValueType Of(const TensorView& tensor);

  size_t rank() const { return dims.size(); }
  bool is_static() const;
  Shape Resolve(size_t tokens, size_t context) const;
  bool operator==(const ValueType&) const = default;
  std::string ToString() const;  // "f32 [1, T, 576]"
};

// A node has one output, so a node's index also names its value.
using NodeId = uint32_t;
inline constexpr NodeId kNoNode = ~NodeId{0};

// A pointwise step on the result of a MatMul. If it takes two inputs, it also reads one of the
// node's inputs: a vector [N] or a tensor of the result's type.
struct Tail {
  Op op = Op::kAdd;   // an op with OpInfo::is_tail
  uint8_t input = 0;  // index into the node's inputs, for an op of two inputs
  bool operator==(const Tail&) const = default;
};

// C[g] = A[g] x B[g] over strided views: output axis order is the node's own type. Each axis of the
// loop nest has a size and three strides (in elements; 0 if the operand lacks the axis).
struct BatchedMatMulSpec {
  enum class Role : uint8_t { kBatch, kRow, kColumn, kContracted };
  struct Axis {
    Role role = Role::kBatch;
    uint8_t a_axis = kAbsent;  // which axis of operand a, b and of the output this is
    uint8_t b_axis = kAbsent;
    uint8_t out_axis = kAbsent;
    bool operator==(const Axis&) const = default;
  };
  static constexpr uint8_t kAbsent = 0xff;
  std::vector<Axis> axes;  // batch axes first, then rows, columns, contracted
  bool operator==(const BatchedMatMulSpec&) const = default;
};

// Largest number of tails of one product; the executor has room for these.
inline constexpr size_t kMaxTails = 8;

// Attributes; each op reads only its own (see Op).
struct Attributes {
  std::string equation;                        // kEinsum
  float epsilon = 0.0f;                        // kRmsNorm, kLayerNorm
  float gamma_offset = 0.0f;                   // kRmsNorm: scales by gamma_offset + gamma
  float scale = 1.0f;                          // kScale, kAttention; kRope: of what is rotated
  float soft_cap = 0.0f;                       // kSoftCap, kAttention; 0: none
  size_t window = 0;                           // kAttention, kCausalSoftmax: keys seen; 0: all
  size_t long_after = 0;                       // kRope of three inputs
  size_t repeats = 1;                          // kRepeat
  size_t begin = 0;                            // kSlice
  RopePairing pairing = RopePairing::kHalf;    // kRope
  uint32_t cache_slot = 0;                     // kCacheAppend
  bool normalise = false;                      // kExpertWeights: so that they sum to 1
  WeightLayout layout = WeightLayout::kOutIn;  // kMatMul
  std::vector<Tail> tails;                     // kMatMul
  BatchedMatMulSpec batched;                   // kBatchedMatMul
};

struct Node {
  Op op = Op::kInput;
  ValueType type;
  std::vector<NodeId> inputs;
  Attributes attributes;
  std::string name;  // for people: "layer.3.attention.query"

  // kConstant only. `constant` borrows from the model file's mapping, or from `owned` if this graph
  // made the constant.
  TensorView constant;
  std::shared_ptr<const Storage> owned;
};

// Nodes in an order in which every input comes before its users. Constants borrow memory that must
// outlive the graph. Passes may replace nodes; they keep the order, and Verify() follows.
class Graph {
 public:
  // Appends a node and returns its id. Does not check it; the builder and Verify() do.
  NodeId Add(Node node);

  size_t size() const { return nodes_.size(); }
  const Node& node(NodeId id) const { return nodes_[id]; }
  Node& node(NodeId id) { return nodes_[id]; }
  const std::vector<Node>& nodes() const { return nodes_; }

  NodeId output() const { return output_; }
  void set_output(NodeId id) { output_ = id; }
  uint32_t cache_slots() const { return cache_slots_; }
  void set_cache_slots(uint32_t n) { cache_slots_ = n; }

  // How many inputs read each node; the graph's output counts as one more reader.
  std::vector<uint32_t> UseCounts() const;

 private:
  std::vector<Node> nodes_;
  NodeId output_ = kNoNode;
  uint32_t cache_slots_ = 0;  // kCacheAppend nodes: two a layer, keys then values
};

// Bytes of the constants that the graph's output depends on. A tensor that several nodes share
// counts once.
struct ConstantBytes {
  size_t borrowed = 0;
  size_t owned = 0;
};
ConstantBytes CountConstantBytes(const Graph& graph);

// Computes a foldable node from constant inputs. `runtime` implements it, so that folded and
// unfolded graphs agree to the last bit.
class Evaluator {
 public:
  virtual ~Evaluator() = default;

  // inputs: one view for each of node.inputs; node.type must be static.
  // Errors: Unsupported if the op or a type cannot be evaluated in advance; OutOfMemory.
  virtual Result<Storage> Evaluate(const Node& node, const std::vector<TensorView>& inputs) = 0;
};

}  // namespace tare

#endif  // TARE_GRAPH_GRAPH_H_
