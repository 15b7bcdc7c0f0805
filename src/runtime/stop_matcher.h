#ifndef TARE_RUNTIME_STOP_MATCHER_H_
#define TARE_RUNTIME_STOP_MATCHER_H_

#include <string>
#include <string_view>
#include <vector>

namespace tare {

// Watches streamed text for the first stop text, wherever pieces are cut. Text that may be the
// beginning of one is held back until it is known not to be.
class StopMatcher {
 public:
  // Empty stop texts never match.
  explicit StopMatcher(std::vector<std::string> stops);

  // The text that may be shown after `piece`. Once a stop text is found, what came before it, and
  // then nothing more.
  std::string Push(std::string_view piece);
  // What was held back, when the text ends.
  std::string Flush();
  bool stopped() const { return stopped_; }

 private:
  std::vector<std::string> stops_;
  std::string held_;
  bool stopped_ = false;
};

}  // namespace tare

#endif  // TARE_RUNTIME_STOP_MATCHER_H_
