#ifndef TARE_RUNTIME_STOP_MATCHER_H_
#define TARE_RUNTIME_STOP_MATCHER_H_

#include <string>
#include <string_view>
#include <vector>

namespace tare {

// Finds the first stop text in streamed text, however the text is cut into pieces. Holds back text
// that may be the beginning of a stop text until that is certain.
class StopMatcher {
 public:
  // Empty stop texts never match.
  explicit StopMatcher(std::vector<std::string> stops);

  // The text that may be shown after `piece`. Once a stop text is found: the text before it, then
  // nothing more.
  std::string Push(std::string_view piece);
  // The text that was held back, at the end.
  std::string Flush();
  bool stopped() const { return stopped_; }

 private:
  std::vector<std::string> stops_;
  std::string held_;
  bool stopped_ = false;
};

}  // namespace tare

#endif  // TARE_RUNTIME_STOP_MATCHER_H_
