#include "base/installed_paths.h"

#include <filesystem>
#include <system_error>

#include "base/find_program.h"

namespace tare {
namespace {

// `program` may be a link to the program.
std::string FromProgram(const std::string& program, std::string_view path) {
  std::error_code error;
  const auto file = std::filesystem::canonical(program, error);
  if (error) return {};
  return file.parent_path().parent_path() / path;
}

}  // namespace

std::string InstalledPath(std::string_view path) { return FromProgram("/proc/self/exe", path); }

std::string InstalledPathOfTare(std::string_view path) {
  return FromProgram(FindProgram("tare"), path);
}

}  // namespace tare
