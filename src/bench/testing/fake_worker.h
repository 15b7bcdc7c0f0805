#ifndef TARE_BENCH_TESTING_FAKE_WORKER_H_
#define TARE_BENCH_TESTING_FAKE_WORKER_H_

#include <string>

#include "base/testing/test_paths.h"

namespace tare {

// A worker with known memory use or deliberate faults (tests/process/fake_worker.cc).
inline std::string FakeWorker() { return BuiltFile("bin/tare_fake_worker"); }

}  // namespace tare

#endif  // TARE_BENCH_TESTING_FAKE_WORKER_H_
