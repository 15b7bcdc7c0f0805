#include "bench/model_cache.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "bench/run_command.h"

namespace tare {
namespace {

constexpr uint64_t kConvertTimeoutNs = uint64_t{3600} * 1'000'000'000;

// How `tare convert --to` calls the form.
std::string_view TargetName(std::string_view form) { return form == "safetensors" ? "hf" : form; }

}  // namespace

Result<std::string> DefaultModelCache() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') {
    return std::string(cache) + "/tare/models";
  }
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') {
    return InvalidInput("neither XDG_CACHE_HOME nor HOME is set: converted models have no place");
  }
  return std::string(home) + "/.cache/tare/models";
}

std::string ConvertedPath(const std::string& cache, const ModelFacts& model,
                          std::string_view form) {
  std::string id = model.content_id;
  for (char& c : id) {
    if (c == ':' || c == '/') c = '-';
  }
  return fmt::format("{}/{}{}{}", cache, id, form == "gguf" ? "." : "-", form);
}

Result<std::string> ConvertOnce(const Command& convert, const std::string& cache,
                                const std::string& path, const ModelFacts& model,
                                std::string_view form, InterruptWatch& interrupt) {
  std::string converted = ConvertedPath(cache, model, form);
  std::error_code error;
  if (std::filesystem::exists(converted, error)) return converted;
  std::filesystem::create_directories(cache, error);
  if (error) return IoError("cannot make the folder {}: {}", cache, error.message());
  Command command = convert;
  for (std::string_view argument : {std::string_view(path), std::string_view(converted),
                                    std::string_view("--to"), TargetName(form)}) {
    command.argv.emplace_back(argument);
  }
  TARE_RETURN_IF_ERROR(RunCommand(command, kConvertTimeoutNs, interrupt, nullptr));
  return converted;
}

}  // namespace tare
