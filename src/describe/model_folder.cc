#include "describe/model_folder.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <vector>

#include "format/quote.h"

namespace tare {
namespace {

namespace fs = std::filesystem;

constexpr size_t kShown = 5;

// Names in the folder in order, a folder's with a slash behind.
std::vector<std::string> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    std::error_code ignored;
    names.push_back(entry.path().filename().string() + (entry.is_directory(ignored) ? "/" : ""));
  }
  std::ranges::sort(names);
  return names;
}

std::string Listed(const std::vector<std::string>& names) {
  if (names.empty()) return "is empty";
  std::string text = "holds ";
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i) {
    text += (i == 0 ? "" : ", ") + Printable(names[i]);
  }
  if (names.size() > kShown) text += fmt::format(" and {} more", names.size() - kShown);
  return text;
}

// What in the folder can be given instead of it; empty: nothing.
std::string Instead(const std::string& folder, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    std::error_code error;
    const bool is_model =
        name.ends_with(".gguf") ||
        (name.ends_with('/') && fs::exists(folder + "/" + name + "config.json", error));
    if (is_model) return (fs::path(folder) / name).string();
  }
  return {};
}

}  // namespace

Status ExpectInModelFolder(const std::string& folder, const std::string& file) {
  std::error_code error;
  if (fs::exists(folder + "/" + file, error)) return {};
  const std::vector<std::string> names = NamesIn(folder);
  const std::string instead = Instead(folder, names);
  return InvalidInput(
      "{}: this folder has no {}, which a KerasHub preset or a Hugging Face model has; it {}{}",
      folder, file, Listed(names), instead.empty() ? "" : fmt::format("; try: {}", instead));
}

}  // namespace tare
