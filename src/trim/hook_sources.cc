#include "trim/hook_sources.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <sstream>

#include "base/environment.h"
#include "base/installed_paths.h"
#include "os/file_identity.h"
#include "os/small_file.h"
#include "trim/contract.h"

namespace tare {
namespace {

// "base/error.h" for `#include "base/error.h"`, or empty.
std::string IncludedBy(const std::string& line) {
  constexpr std::string_view kInclude = "#include \"";
  if (!line.starts_with(kInclude)) return {};
  return line.substr(kInclude.size(), line.find('"', kInclude.size()) - kInclude.size());
}

// Tare's own files that a source text includes.
std::vector<std::string> Includes(const std::string& text, const std::string& root) {
  std::vector<std::string> paths;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::string name = IncludedBy(line);
    for (const char* folder : {"src", "include"}) {
      std::string path = fmt::format("{}/{}/{}", root, folder, name);
      std::error_code error;
      if (!name.empty() && std::filesystem::exists(path, error)) paths.push_back(std::move(path));
    }
  }
  return paths;
}

}  // namespace

std::string SourceFolder() {
  const std::string folder = EnvironmentVariable(kSourceVariable);
  return folder.empty() ? InstalledPath("share/tare") : folder;
}

Result<std::vector<std::string>> SourcesIn(std::string_view list, const std::string& root) {
  TARE_ASSIGN_OR_RETURN(const std::string text, ReadSmallFile(fmt::format("{}/{}", root, list)));
  std::vector<std::string> paths;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    paths.push_back(fmt::format("{}/src/{}", root, line));
  }
  return paths;
}

Result<uint64_t> HashOfHookSources(const std::string& root) {
  std::set<std::string> waiting, done;
  for (const std::string_view list : {kHookSources, kPassSources}) {
    const Result<std::vector<std::string>> sources = SourcesIn(list, root);
    if (!sources.ok()) {
      return Unsupported("{}: has no sources of the hook; set {} to the folder of Tare's sources",
                         root, kSourceVariable);
    }
    waiting.insert(fmt::format("{}/{}", root, list));
    waiting.insert(sources->begin(), sources->end());
  }
  uint64_t sum = 0;  // a sum over the files, so that their order does not matter
  while (!waiting.empty()) {
    const std::string path = *waiting.begin();
    waiting.erase(waiting.begin());
    if (!done.insert(path).second) continue;
    TARE_ASSIGN_OR_RETURN(const std::string text, ReadSmallFile(path));
    sum += Fnv1a64(text, Fnv1a64(path.substr(root.size())));
    for (std::string& included : Includes(text, root)) waiting.insert(std::move(included));
  }
  return sum;
}

}  // namespace tare
