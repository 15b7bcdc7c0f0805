#ifndef TARE_BENCH_WATCH_WEIGHT_RESIDENCY_H_
#define TARE_BENCH_WATCH_WEIGHT_RESIDENCY_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/protocol/protocol.h"

namespace tare {

// Bytes of `ranges` (weights in the file at `path`) that are in none of the page tables of process
// `pid`: never touched, dropped, or not mapped. nullopt if the process maps none of the file or
// /proc does not report it.
std::optional<uint64_t> UntouchedWeightBytes(pid_t pid, const std::string& path,
                                             const std::vector<FileRange>& ranges);

}  // namespace tare

#endif  // TARE_BENCH_WATCH_WEIGHT_RESIDENCY_H_
