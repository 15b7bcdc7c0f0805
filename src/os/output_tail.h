#ifndef TARE_OS_OUTPUT_TAIL_H_
#define TARE_OS_OUTPUT_TAIL_H_

#include <string>
#include <string_view>

namespace tare {

// Keeps only the last bytes of a stream.
class OutputTail {
 public:
  explicit OutputTail(size_t limit_bytes) : limit_bytes_(limit_bytes) {}

  void Append(std::string_view bytes) {
    text_ += bytes;
    if (text_.size() > 2 * limit_bytes_) text_.erase(0, text_.size() - limit_bytes_);
  }

  std::string Text() const {
    return text_.size() <= limit_bytes_ ? text_ : text_.substr(text_.size() - limit_bytes_);
  }

 private:
  const size_t limit_bytes_;
  std::string text_;
};

}  // namespace tare

#endif  // TARE_OS_OUTPUT_TAIL_H_
