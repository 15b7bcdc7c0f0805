#include "base/say.h"

#include <unistd.h>

#include "base/descriptor_io.h"

namespace tare {

void SayText(std::string_view text) {
  [[maybe_unused]] const int lost = WriteFully(STDERR_FILENO, std::as_bytes(std::span(text)));
}

}  // namespace tare
