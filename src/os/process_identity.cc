#include "os/process_identity.h"

#include <fmt/format.h>
#include <unistd.h>

#include <sstream>

#include "os/proc_files.h"

namespace tare {
namespace {

std::string BootId() {
  const Result<std::string> text = ReadSmallFile("/proc/sys/kernel/random/boot_id");
  return text.ok() ? text->substr(0, text->find('\n')) : "unknown";
}

// Empty if there is no such process, or only what is left of one.
std::string IdentityOf(const std::string& pid) {
  const Result<std::string> stat = ReadSmallFile(fmt::format("/proc/{}/stat", pid));
  if (!stat.ok()) return {};
  // The second field is a name in brackets that may hold anything; the 22nd is the start.
  const size_t name_end = stat->rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream fields(stat->substr(name_end + 1));
  std::string state, field;
  fields >> state;
  for (int i = 4; i <= 22; ++i) fields >> field;
  if (!fields || state == "Z" || state == "X") return {};
  return fmt::format("{} {} {}", BootId(), pid, field);
}

}  // namespace

std::string OwnIdentity() { return IdentityOf(std::to_string(getpid())); }

bool StillRuns(const std::string& identity) {
  std::istringstream words(identity);
  std::string boot, pid;
  words >> boot >> pid;
  const bool is_number = !pid.empty() && pid.find_first_not_of("0123456789") == std::string::npos;
  return is_number && IdentityOf(pid) == identity;
}

}  // namespace tare
