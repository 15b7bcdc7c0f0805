#include "graph/op.h"

#include <array>

#include "base/check.h"

namespace tare {
namespace {

constexpr OpInfo kInfos[] = {
    // name, inputs min..max, foldable, in_place, is_view
    {"input", 0, 0, false, false, false},
    {"constant", 0, 0, false, false, false},
    {"reshape", 1, 1, true, false, true},
    {"repeat", 1, 1, true, false, false},
    {"slice", 1, 1, true, false, false},
    {"last_token", 1, 1, false, false, true},
    {"gather", 2, 2, false, false, false},
    {"positions", 2, 2, false, false, false},
    {"einsum", 2, 2, false, false, false},
    {"matmul", 2, kUnlimited, false, false, false},
    {"batched_matmul", 2, 2, false, false, false},
    {"attention", 3, 3, false, false, false},
    {"rms_norm", 2, 2, true, true, false},
    {"layer_norm", 3, 3, true, true, false},
    {"softmax", 1, 1, true, true, false},
    {"causal_softmax", 1, 1, false, true, false},
    {"rope", 2, 2, false, true, false},
    {"add", 2, 2, true, true, false},
    {"mul", 2, 2, true, true, false},
    {"div", 2, 2, true, true, false},
    {"scale", 1, 1, true, true, false},
    {"silu", 1, 1, true, true, false},
    {"gelu_tanh", 1, 1, true, true, false},
    {"gelu_erf", 1, 1, true, true, false},
    {"cache_append", 1, 1, false, false, true},
};
static_assert(std::size(kInfos) == kOpCount);

}  // namespace

const OpInfo& InfoOf(Op op) {
  TARE_CHECK_LT(static_cast<int>(op), kOpCount);
  return kInfos[static_cast<int>(op)];
}

}  // namespace tare
