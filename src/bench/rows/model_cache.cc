#include "bench/rows/model_cache.h"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>

#include "base/user_folders.h"
#include "os/run_command.h"

namespace tare {
namespace {

constexpr uint64_t kConvertTimeoutNs = uint64_t{3600} * 1'000'000'000;

// The form's name in `tare convert --to`.
std::string_view TargetName(std::string_view form) { return form == "safetensors" ? "hf" : form; }

std::string FileName(std::string content_id) {
  for (char& c : content_id) {
    if (c == ':' || c == '/') c = '-';
  }
  return content_id;
}

// The reason that a command gave last, without the program's name.
std::string ReasonOf(std::string tail) {
  while (tail.ends_with('\n')) tail.pop_back();
  tail.erase(0, tail.rfind('\n') + 1);  // npos + 1 is 0
  constexpr std::string_view kPrefix = "tare: error: ";
  return tail.starts_with(kPrefix) ? tail.substr(kPrefix.size()) : tail;
}

// Runs the command unless its output exists.
Result<std::string> MakeOnce(const Command& command, const std::string& cache,
                             const std::string& out, InterruptWatch& interrupt) {
  std::error_code error;
  if (std::filesystem::exists(out, error)) return out;
  std::filesystem::create_directories(cache, error);
  if (error) return IoError("cannot make the folder {}: {}", cache, error.message());
  TARE_ASSIGN_OR_RETURN(const CommandEnd end,
                        RunToEnd(command, kConvertTimeoutNs, interrupt, nullptr));
  if (!end.exit.signaled && end.exit.code == kRefusedStatus) {
    return Unsupported("{}", ReasonOf(end.tail));
  }
  TARE_RETURN_IF_ERROR(CheckEnd(command, end));
  return out;
}

}  // namespace

Result<std::string> DefaultModelCache() {
  const Result<std::string> cache = UserCacheFolder();
  if (!cache.ok()) return cache.error().In("no place to keep converted models");
  return *cache + "/tare/models";
}

std::string ConvertedPath(const std::string& cache, const ModelFacts& model, std::string_view form,
                          std::string_view type) {
  std::string name = FileName(model.content_id);
  if (!type.empty()) name += fmt::format("-{}", type);
  return fmt::format("{}/{}{}{}", cache, name, form == "gguf" ? "." : "-", form);
}

Result<std::string> ConvertOnce(const Command& convert, const std::string& cache,
                                const std::string& path, const ModelFacts& model,
                                std::string_view form, InterruptWatch& interrupt,
                                std::string_view type) {
  Command command = convert;
  const std::string out = ConvertedPath(cache, model, form, type);
  for (std::string_view argument : {std::string_view(path), std::string_view(out),
                                    std::string_view("--to"), TargetName(form)}) {
    command.argv.emplace_back(argument);
  }
  if (!type.empty()) command.argv.insert(command.argv.end(), {"--type", std::string(type)});
  return MakeOnce(command, cache, out, interrupt);
}

Result<std::string> PrepareOnce(const Preparation& preparation, const std::string& cache,
                                InterruptWatch& interrupt) {
  std::string out =
      fmt::format("{}/{}-{}", cache, FileName(preparation.content_id), preparation.row);
  if (!preparation.precision.empty()) out += "-" + preparation.precision;
  out += "-" + preparation.id;
  Command command = preparation.command;
  command.argv.insert(command.argv.end(), {preparation.path, out});
  if (!preparation.precision.empty()) {
    command.argv.insert(command.argv.end(), {"--precision", preparation.precision});
  }
  return MakeOnce(command, cache, out, interrupt);
}

}  // namespace tare
