#ifndef TARE_NATIVE_WORKER_EINSUM_KINDS_H_
#define TARE_NATIVE_WORKER_EINSUM_KINDS_H_

#include <vector>

#include "base/error.h"
#include "bench/protocol/einsum_kind.h"
#include "models/model.h"

namespace tare {

// The einsums of a model's graph, and what attention fusion and lowering turn them into; for the
// study's report. Errors: those of the passes.
Result<std::vector<EinsumKind>> EinsumKindsOf(const Model& model);

}  // namespace tare

#endif  // TARE_NATIVE_WORKER_EINSUM_KINDS_H_
