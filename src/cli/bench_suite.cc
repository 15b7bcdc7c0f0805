#include "cli/bench_suite.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/closest_name.h"
#include "base/environment.h"
#include "base/installed_paths.h"
#include "bench/protocol/json_fields.h"
#include "bench/protocol/protocol.h"
#include "bench/rows/model_cache.h"
#include "os/interrupt.h"
#include "os/proc_files.h"
#include "os/run_command.h"

namespace tare {
namespace {

constexpr uint64_t kSynthTimeoutNs = uint64_t{3600} * 1'000'000'000;
constexpr size_t kMaxDepth = 8;
constexpr size_t kMaxItems = 64;
constexpr size_t kMaxText = 4096;
constexpr uint64_t kMaxTokens = uint64_t{1} << 20;
constexpr uint64_t kMaxRuns = 1000;
constexpr std::string_view kMembers[] = {"about",         "model",      "workload", "max_length",
                                         "prompt_tokens", "new_tokens", "backends", "devices",
                                         "runs",          "warmups"};

std::string PathOf(const std::string& name) {
  if (name.find('/') != std::string::npos || name.ends_with(".json")) return name;
  const std::string folder = EnvironmentVariable("TARE_SUITES_DIR");
  return fmt::format("{}/{}.json", folder.empty() ? InstalledPath("share/tare/suites") : folder,
                     name);
}

Status CheckMembers(const nlohmann::json& object, const std::string& where) {
  for (const auto& [member, value] : object.items()) {
    if (std::ranges::count(kMembers, member) == 0) {
      return InvalidInput("{}: there is no member \"{}\" in a suite; {}", where, member,
                          NameAdvice(member, kMembers));
    }
  }
  return {};
}

Status ReadModel(const nlohmann::json& object, const JsonFields& fields, BenchSuite& suite) {
  if (object["model"].is_string()) {
    TARE_ASSIGN_OR_RETURN(suite.model, fields.Text("model", kMaxText));
    return {};
  }
  TARE_ASSIGN_OR_RETURN(const JsonFields model, fields.Object("model"));
  TARE_ASSIGN_OR_RETURN(suite.synth_shape, model.Text("synth", kMaxText));
  if (!model.Has("seed")) return {};
  TARE_ASSIGN_OR_RETURN(suite.synth_seed, model.Count("seed", UINT64_MAX));
  return {};
}

Status ReadCounts(const JsonFields& fields, BenchSuite& suite) {
  if (fields.Has("max_length")) {
    TARE_ASSIGN_OR_RETURN(suite.max_length, fields.Count("max_length", kMaxTokens));
  }
  if (fields.Has("runs")) {
    TARE_ASSIGN_OR_RETURN(suite.runs, fields.Count("runs", kMaxRuns));
  }
  if (fields.Has("warmups")) {
    TARE_ASSIGN_OR_RETURN(suite.warmups, fields.Count("warmups", kMaxRuns));
  }
  if (fields.Has("prompt_tokens")) {
    TARE_ASSIGN_OR_RETURN(suite.prompt_tokens,
                          fields.Counts("prompt_tokens", kMaxItems, kMaxTokens));
  }
  if (fields.Has("new_tokens")) {
    TARE_ASSIGN_OR_RETURN(suite.new_tokens, fields.Counts("new_tokens", kMaxItems, kMaxTokens));
  }
  return {};
}

}  // namespace

Result<BenchSuite> LoadBenchSuite(const std::string& name) {
  const std::string path = PathOf(name);
  TARE_ASSIGN_OR_RETURN(const std::string text, ReadSmallFile(path));
  TARE_ASSIGN_OR_RETURN(const nlohmann::json object, ParseJsonObject(text, kMaxDepth));
  TARE_RETURN_IF_ERROR(CheckMembers(object, path));
  const JsonFields fields(object, path);
  BenchSuite suite;
  if (fields.Has("about")) {
    TARE_ASSIGN_OR_RETURN(suite.about, fields.Text("about", kMaxText));
  }
  if (fields.Has("model")) TARE_RETURN_IF_ERROR(ReadModel(object, fields, suite));
  if (fields.Has("workload")) {
    TARE_ASSIGN_OR_RETURN(const std::string workload, fields.Text("workload", kMaxText));
    if (workload != "study") {
      constexpr std::string_view kWorkloads[] = {"study"};
      return InvalidInput("{}: there is no workload \"{}\"; {}", path, workload,
                          NameAdvice(workload, kWorkloads));
    }
    suite.study = true;
  }
  TARE_RETURN_IF_ERROR(ReadCounts(fields, suite));
  if (fields.Has("backends")) {
    TARE_ASSIGN_OR_RETURN(suite.backends, fields.Texts("backends", kMaxItems, kMaxText));
  }
  if (fields.Has("devices")) {
    TARE_ASSIGN_OR_RETURN(suite.devices, fields.Texts("devices", kMaxItems, kMaxText));
    for (const std::string& device : suite.devices) {
      if (std::ranges::count(kDevices, device) > 0) continue;
      return InvalidInput("{}: there is no device \"{}\"; {}", path, device,
                          NameAdvice(device, kDevices));
    }
  }
  return suite;
}

Result<std::string> SuiteModel(const BenchSuite& suite) {
  if (suite.synth_shape.empty()) return suite.model;
  TARE_ASSIGN_OR_RETURN(const std::string cache, DefaultModelCache());
  std::string path = fmt::format("{}/synth-{}-{}", cache, suite.synth_shape, suite.synth_seed);
  std::error_code error;
  if (std::filesystem::exists(path, error)) return path;
  std::filesystem::create_directories(cache, error);
  if (error) return IoError("cannot make the folder {}: {}", cache, error.message());
  TARE_ASSIGN_OR_RETURN(InterruptWatch interrupt, InterruptWatch::Start());
  const Command synth{
      "/proc/self/exe",
      {"tare", "synth", suite.synth_shape, path, "--seed", std::to_string(suite.synth_seed)},
      {}};
  TARE_RETURN_IF_ERROR(RunCommand(synth, kSynthTimeoutNs, interrupt, nullptr));
  return path;
}

}  // namespace tare
