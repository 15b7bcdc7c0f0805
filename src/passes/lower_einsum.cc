// Einsums become products that kernels exist for.
//
//   before                                           after
//   %3 = einsum "bqm,uhm->bquh" (%2, @query)         %3 = matmul [n,k] (%2, @query as [576, 576])
//        @query [9, 64, 576]                         %4 = reshape (%3) : [1, T, 9, 64]
//   %7 = einsum "bquh,bkuh->buqk" (%5, %6)           %8 = batched_matmul (%5, %6), by strides
//   %9 = einsum "bqm,umh->bquh" (%2, @key)           %10 = matmul [k,n] (%2, @key), head by head
//
// A constant is read in place: the matrix is a view of the same bytes. Where a reshape cannot
// make it a matrix, an f32 constant is read through strides like a variable, and a block-quantised
// one stays an einsum, which the notes say. Two variables are never moved in memory.
#include <algorithm>
#include <optional>
#include <utility>

#include "einsum/axis_groups.h"
#include "einsum/equation.h"
#include "einsum/matmul_form.h"
#include "graph/reached_nodes.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace tare {
namespace {

using Role = BatchedMatMulSpec::Role;
using Axis = BatchedMatMulSpec::Axis;
constexpr uint8_t kAbsent = BatchedMatMulSpec::kAbsent;

// The constant at the end of a chain of reshapes, or null.
const Node* ConstantBehind(const Graph& graph, NodeId id) {
  while (graph.node(id).op == Op::kReshape) id = graph.node(id).inputs[0];
  return graph.node(id).op == Op::kConstant ? &graph.node(id) : nullptr;
}

// Axes of a value by einsum label.
struct Labelled {
  const std::string& labels;
  const ValueType& type;

  Dim operator[](char label) const { return type.dims[labels.find(label)]; }
  std::vector<Dim> Dims(const std::string& wanted) const {
    std::vector<Dim> dims;
    for (char label : wanted) dims.push_back((*this)[label]);
    return dims;
  }
  size_t Product(const std::string& wanted) const {
    size_t product = 1;
    for (char label : wanted) product *= (*this)[label].value();
    return product;
  }
};

Node MakeReshape(NodeId input, ValueType type, const std::string& name) {
  Node node;
  node.op = Op::kReshape;
  node.type = std::move(type);
  node.inputs = {input};
  node.name = name;
  return node;
}

Node MatrixView(const Node& constant, size_t rows, size_t columns) {
  Node node = constant;
  node.constant.shape = Shape{rows, columns};
  node.type = ValueType::Of(node.constant);
  return node;
}

class Lowering {
 public:
  Lowering(const Graph& from, PassContext* context)
      : from_(from), context_(context), rewriter_(from) {}

  Result<Graph> Run() {
    const std::vector<bool> reached = ReachedNodes(from_);
    for (NodeId id = 0; id < from_.size(); ++id) {
      if (from_.node(id).op != Op::kEinsum || !reached[id]) {
        rewriter_.Copy(id);
        continue;
      }
      TARE_ASSIGN_OR_RETURN(const bool lowered, Lower(id));
      if (!lowered) rewriter_.Copy(id);
    }
    return std::move(rewriter_).Finish();
  }

 private:
  Result<bool> Lower(NodeId id) {
    const Node& node = from_.node(id);
    TARE_ASSIGN_OR_RETURN(const EinsumEquation equation,
                          EinsumEquation::Parse(node.attributes.equation));
    for (size_t side : {size_t{1}, size_t{0}}) {
      if (LowerToMatMul(id, equation, side)) return true;
    }
    if (LowerToHeads(id, equation)) return true;
    if (LowerToBatched(id, equation)) return true;
    context_->notes.push_back(
        fmt::format("%{} (einsum \"{}\" {}) stays: it is not a product of views", id,
                    equation.ToString(), node.name));
    return false;
  }

  bool LowerToMatMul(NodeId id, const EinsumEquation& equation, size_t side) {
    const Node& node = from_.node(id);
    const Node* constant = ConstantBehind(from_, node.inputs[side]);
    const Labelled w{equation.operand(side), from_.node(node.inputs[side]).type};
    const Labelled x{equation.operand(1 - side), from_.node(node.inputs[1 - side]).type};
    if (constant == nullptr || x.type.dtype != DType::kF32) return false;
    const auto form = LowerConstant(equation, side);
    if (!form || !form->variable_identity || !form->output_identity) return false;
    if (!form->out_in && IsBlockQuantized(w.type.dtype)) return false;

    const size_t n = w.Product(form->columns);
    const size_t k = w.Product(form->contracted);
    Node product;
    product.op = Op::kMatMul;
    product.name = node.name;
    product.attributes.layout = form->out_in ? WeightLayout::kOutIn : WeightLayout::kInOut;
    std::vector<Dim> flat = x.Dims(form->rows);
    flat.emplace_back(k);
    product.inputs = {
        Reshaped(rewriter_.NewId(node.inputs[1 - side]), x.type.dims, flat, node),
        rewriter_.Add(form->out_in ? MatrixView(*constant, n, k) : MatrixView(*constant, k, n))};
    flat.back() = Dim(n);
    product.type = {DType::kF32, flat};
    const NodeId result = rewriter_.Add(std::move(product));
    rewriter_.Replace(id, Reshaped(result, flat, node.type.dims, node));
    return true;
  }

  // out [.., h, d] = Σ_k x [.., k] · constant [h, k, d]
  bool LowerToHeads(NodeId id, const EinsumEquation& equation) {
    const Node& node = from_.node(id);
    const std::string& x = equation.operand(0);
    const std::string& w = equation.operand(1);
    const Node* constant = ConstantBehind(from_, node.inputs[1]);
    if (constant == nullptr || w.size() != 3 || x.empty() || x.back() != w[1]) return false;
    const std::string rows = x.substr(0, x.size() - 1);
    const bool is_apart = rows.find_first_of(w) == std::string::npos;
    if (!is_apart || equation.output() != rows + w[0] + w[2]) return false;
    if (constant->constant.shape.rank() != 3 || IsBlockQuantized(constant->type.dtype) ||
        from_.node(node.inputs[0]).type.dtype != DType::kF32) {
      return false;
    }
    Node product;
    product.op = Op::kMatMul;
    product.name = node.name;
    product.attributes.layout = WeightLayout::kInOut;
    product.inputs = {rewriter_.NewId(node.inputs[0]), rewriter_.Add(*constant)};
    std::vector<Dim> flat = from_.node(node.inputs[0]).type.dims;
    flat.pop_back();
    flat.emplace_back(constant->constant.shape[0] * constant->constant.shape[2]);
    product.type = {DType::kF32, flat};
    const NodeId result = rewriter_.Add(std::move(product));
    rewriter_.Replace(id, Reshaped(result, flat, node.type.dims, node));
    return true;
  }

  NodeId Reshaped(NodeId input, const std::vector<Dim>& from, const std::vector<Dim>& to,
                  const Node& node) {
    if (from == to) return input;
    return rewriter_.Add(MakeReshape(input, {DType::kF32, to}, node.name));
  }

  bool LowerToBatched(NodeId id, const EinsumEquation& equation) {
    const Node& node = from_.node(id);
    for (NodeId input : node.inputs) {
      if (from_.node(input).type.dtype != DType::kF32) return false;
    }
    const AxisGroups groups = ClassifyAxes(equation);
    if (!groups.IsMatMul()) return false;
    BatchedMatMulSpec spec;
    AddAxes(equation, groups.batch, Role::kBatch, &spec);
    AddAxes(equation, groups.lhs_free, Role::kRow, &spec);
    AddAxes(equation, groups.rhs_free, Role::kColumn, &spec);
    AddAxes(equation, groups.contracted, Role::kContracted, &spec);
    if (!ContractsOneAxis(spec, node)) return false;
    Node product = node;
    product.op = Op::kBatchedMatMul;
    product.inputs = rewriter_.NewIds(node.inputs);
    product.attributes = {};
    product.attributes.batched = std::move(spec);
    rewriter_.Replace(id, rewriter_.Add(std::move(product)));
    return true;
  }

  static void AddAxes(const EinsumEquation& equation, const std::string& group, Role role,
                      BatchedMatMulSpec* spec) {
    const auto place = [](const std::string& labels, char label) {
      const size_t at = labels.find(label);
      return at == std::string::npos ? kAbsent : static_cast<uint8_t>(at);
    };
    for (char label : group) {
      spec->axes.push_back({role, place(equation.operand(0), label),
                            place(equation.operand(1), label), place(equation.output(), label)});
    }
  }

  Dim SizeOf(const Axis& axis, const Node& node) const {
    return axis.a_axis != kAbsent ? from_.node(node.inputs[0]).type.dims[axis.a_axis]
                                  : from_.node(node.inputs[1]).type.dims[axis.b_axis];
  }

  // Two contracted axes can be merged if the second follows the first in both operands.
  static bool Follows(const Axis& first, const Axis& second) {
    return second.a_axis == first.a_axis + 1 && second.b_axis == first.b_axis + 1;
  }

  // Rows, columns and batches may be looped over; the contraction must be one axis to a kernel.
  bool ContractsOneAxis(const BatchedMatMulSpec& spec, const Node& node) const {
    size_t count = 0;
    const Axis* last = nullptr;
    for (const Axis& axis : spec.axes) {
      if (axis.role != Role::kContracted || SizeOf(axis, node) == Dim(1)) continue;
      if (last == nullptr || !Follows(*last, axis)) ++count;
      last = &axis;
    }
    return count <= 1;
  }

  const Graph& from_;
  PassContext* context_;
  Rewriter rewriter_;
};

}  // namespace

Status LowerEinsum(Graph* graph, PassContext* context) {
  TARE_ASSIGN_OR_RETURN(Graph lowered, Lowering(*graph, context).Run());
  *graph = std::move(lowered);
  return {};
}

}  // namespace tare
