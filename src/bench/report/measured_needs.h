#ifndef TARE_BENCH_REPORT_MEASURED_NEEDS_H_
#define TARE_BENCH_REPORT_MEASURED_NEEDS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "bench/results/document.h"

namespace tare {

// What was measured of the memory that a row needs.
struct MeasuredNeed {
  std::optional<uint64_t> required_bytes;  // the smallest limit, where a search found it
  uint64_t too_small_bytes = 0;            // the largest limit that stopped it; 0: none is known
  // The session that measured it, where that is not the one which is reported; 0: it is.
  uint64_t session = 0;
};

using NeedsByRow = std::map<std::string, MeasuredNeed, std::less<>>;

// By row, for one scenario: from the document, and from the other sessions of the same machine,
// model and workload. The document's own searches count most, then those of the latest session.
//   others   oldest first; ResultStore::LimitedRuns
NeedsByRow MeasuredNeeds(const Document& document, size_t scenario,
                         std::span<const Document> others);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_MEASURED_NEEDS_H_
