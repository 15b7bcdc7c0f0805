#include "os/utc_time.h"

#include <ctime>

namespace tare {

std::string UtcNow() {
  const time_t now = std::time(nullptr);
  tm parts;
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace tare
