#ifndef TARE_NATIVE_WORKER_BENCH_DESCRIPTION_H_
#define TARE_NATIVE_WORKER_BENCH_DESCRIPTION_H_

#include "base/error.h"
#include "bench/protocol/protocol.h"
#include "native_worker/worker.h"

namespace tare {

// What a hello says of the model in describe mode. Of a model that Tare's engine cannot run, it
// says what the header does, and why the engine refuses it; prompts for which Tare has no tokenizer
// have no ids.
//   Errors  those of ModelFile::Open; InvalidInput for a model without weights.
Result<ModelFacts> DescribeForBench(const WorkerOptions& options);

}  // namespace tare

#endif  // TARE_NATIVE_WORKER_BENCH_DESCRIPTION_H_
