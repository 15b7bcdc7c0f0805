#ifndef TARE_BENCH_RESULTS_QUALITY_RECORD_H_
#define TARE_BENCH_RESULTS_QUALITY_RECORD_H_

#include <string>

#include "bench/stats/divergence.h"

namespace tare {

// How a row's predictions of the fixed text differ from the reference's; docs/measurement.md
// defines each figure.
struct QualityRecord {
  std::string reference;  // the row whose predictions are P
  DivergenceSummary divergence;
  std::string error;            // why nothing could be compared; empty: it was
  bool is_unsupported = false;  // the error is none of a backend that works: it gives no logits
};

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_QUALITY_RECORD_H_
