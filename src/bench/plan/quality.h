#ifndef TARE_BENCH_PLAN_QUALITY_H_
#define TARE_BENCH_PLAN_QUALITY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "bench/protocol/protocol.h"
#include "bench/stats/divergence.h"
#include "bench/watch/measurement.h"

namespace tare {

// The quality of a row: its predictions of a fixed text, position by position, beside the
// reference's. A distribution over a vocabulary takes up to a MiB a position, and some rows score a
// token at a time, so the text is sampled: short sequences spread evenly over it, at most
// kMostQualitySequences, and as many as kMaxQualityBytes of f32 hold.

// Of one row's logits on the disk; there are two rows' at a time.
inline constexpr uint64_t kMaxQualityBytes = uint64_t{256} << 20;
// Enough that most predictions have a context to draw on, few enough that any model's holds them.
inline constexpr size_t kQualitySequence = 256;  // tokens
// At the text's beginning, middle and end: 765 positions.
inline constexpr size_t kMostQualitySequences = 3;

// The text, from share/tare. Errors: Io.
Result<std::string> ReadQualityText();

// Sequences of the text's ids, in order, none overlapping another unless the text is short.
//   start       ids that every prompt begins with; each sequence does too.
//   context     of the model, in tokens; 0: not known.
//   vocabulary  of the model; 0: not known, then the largest common one is assumed.
//   Errors      InvalidInput for a text of fewer than two tokens, or a context below two.
Result<std::vector<std::vector<uint32_t>>> QualitySequences(const std::vector<uint32_t>& start,
                                                            const std::vector<uint32_t>& text,
                                                            size_t context, size_t vocabulary);

// A file for a worker's logits, removed with this object and by signals. Move-only.
class LogitsFile {
 public:
  // Errors: Io.
  static Result<LogitsFile> Create(const std::string& folder, const std::string& name);
  LogitsFile(LogitsFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  LogitsFile& operator=(LogitsFile&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~LogitsFile();

  const std::string& path() const { return path_; }

 private:
  explicit LogitsFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// One row's logits.
struct ScoredLogits {
  std::string path;
  ScoresMessage scores;
};

// Compares two rows' logits of the same sequences, a position at a time. Where the vocabularies
// differ in length, both are cut to the shorter: rows may pad theirs.
//   Errors  Io; InvalidInput for a file of another length than its worker said; those of
//           Divergence::Add.
Result<DivergenceSummary> CompareLogits(const ScoredLogits& reference, const ScoredLogits& other,
                                        const std::vector<std::vector<uint32_t>>& sequences);

}  // namespace tare

#endif  // TARE_BENCH_PLAN_QUALITY_H_
