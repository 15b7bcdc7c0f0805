#ifndef TARE_RUNTIME_EVALUATOR_H_
#define TARE_RUNTIME_EVALUATOR_H_

#include <vector>

#include "graph/graph.h"
#include "kernels/kernel_table.h"

namespace tare {

// Folds constants with the kernels that would otherwise run, so that folded and unfolded graphs
// agree to the last bit.
class KernelEvaluator : public Evaluator {
 public:
  // `kernels` must outlive the evaluator.
  explicit KernelEvaluator(const KernelTable& kernels) : kernels_(kernels) {}

  Result<Storage> Evaluate(const Node& node, const std::vector<TensorView>& inputs) override;

 private:
  const KernelTable& kernels_;
};

}  // namespace tare

#endif  // TARE_RUNTIME_EVALUATOR_H_
