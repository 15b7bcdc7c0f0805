#include "cli/score_windows.h"

#include <algorithm>

#include "base/count_text.h"

namespace tare {

Result<std::vector<ScoreWindow>> ScoreWindows(size_t tokens, size_t context, size_t stride) {
  const size_t step = stride == 0 ? std::max<size_t>(1, context / 2) : stride;
  if (tokens > context && step >= context) {
    return InvalidInput(
        "--stride {}: expected less than the context of {}, so that windows overlap", step,
        CountText(context, "token"));
  }
  std::vector<ScoreWindow> windows = {{0, std::min(tokens, context), 1}};
  while (windows.back().end < tokens) {
    const ScoreWindow& before = windows.back();
    const size_t begin = before.begin + step;
    windows.push_back({begin, std::min(tokens, begin + context), before.end});
  }
  return windows;
}

}  // namespace tare
