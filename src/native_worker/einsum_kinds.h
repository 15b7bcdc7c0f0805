#ifndef TARE_NATIVE_WORKER_EINSUM_KINDS_H_
#define TARE_NATIVE_WORKER_EINSUM_KINDS_H_

#include <vector>

#include "base/error.h"
#include "bench/protocol/einsum_kind.h"
#include "models/model.h"

namespace tare {

// The einsums that a model's graph is built of, and what fusing attention and lowering make of
// them: what the study's report shows of a model. Errors: those of the passes.
Result<std::vector<EinsumKind>> EinsumKindsOf(const Model& model);

}  // namespace tare

#endif  // TARE_NATIVE_WORKER_EINSUM_KINDS_H_
