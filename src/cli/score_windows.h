#ifndef TARE_CLI_SCORE_WINDOWS_H_
#define TARE_CLI_SCORE_WINDOWS_H_

#include <cstddef>
#include <vector>

#include "base/error.h"

namespace tare {

// Tokens [begin, end) of a text. This window scores those from first_scored on.
struct ScoreWindow {
  size_t begin = 0;
  size_t end = 0;
  size_t first_scored = 0;
};

// Windows that score each token but the first once. Each is `context` tokens long, the last at
// most; each begins `stride` tokens after the one before, so that all tokens but the first context
// - 1 are scored with at least context - stride tokens before them.
//   tokens   at least 1; where the context holds them all, there is one window.
//   stride   0: half the context.
//   Errors   InvalidInput for a stride that is not below the context.
Result<std::vector<ScoreWindow>> ScoreWindows(size_t tokens, size_t context, size_t stride);

}  // namespace tare

#endif  // TARE_CLI_SCORE_WINDOWS_H_
