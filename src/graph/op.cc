#include "graph/op.h"

#include <array>

#include "base/check.h"

namespace tare {
namespace {

constexpr OpInfo kInfos[] = {
    // name, inputs min..max, foldable, in_place, is_view, is_tail
    {"input", 0, 0, false, false, false, false},
    {"constant", 0, 0, false, false, false, false},
    {"reshape", 1, 1, true, false, true, false},
    {"repeat", 1, 1, true, false, false, false},
    {"slice", 1, 1, true, false, false, false},
    {"last_token", 1, 1, false, false, true, false},
    {"gather", 2, 2, false, false, false, false},
    {"positions", 2, 2, false, false, false, false},
    {"einsum", 2, 2, false, false, false, false},
    {"matmul", 2, kUnlimited, false, false, false, false},
    {"batched_matmul", 2, 2, false, false, false, false},
    {"attention", 3, 3, false, false, false, false},
    {"top_experts", 1, 1, false, false, false, false},
    {"expert_weights", 2, 2, false, false, false, false},
    {"expert_matmul", 3, kUnlimited, false, false, false, false},
    {"rms_norm", 2, 2, true, true, false, false},
    {"layer_norm", 3, 3, true, true, false, false},
    {"softmax", 1, 1, true, true, false, false},
    {"causal_softmax", 1, 1, false, true, false, false},
    {"rope", 2, 3, false, true, false, false},
    {"add", 2, 2, true, true, false, true},
    {"mul", 2, 2, true, true, false, true},
    {"div", 2, 2, true, true, false, false},
    {"scale", 1, 1, true, true, false, false},
    {"silu", 1, 1, true, true, false, true},
    {"gelu_tanh", 1, 1, true, true, false, true},
    {"gelu_erf", 1, 1, true, true, false, false},
    {"soft_cap", 1, 1, true, true, false, false},
    {"cache_append", 1, 1, false, false, true, false},
};
static_assert(std::size(kInfos) == kOpCount);

}  // namespace

const OpInfo& InfoOf(Op op) {
  TARE_CHECK_LT(static_cast<int>(op), kOpCount);
  return kInfos[static_cast<int>(op)];
}

}  // namespace tare
