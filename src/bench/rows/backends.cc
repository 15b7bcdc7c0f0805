#include "bench/rows/backends.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <vector>

#include "base/check.h"
#include "base/closest_name.h"
#include "base/environment.h"
#include "base/installed_paths.h"
#include "base/user_folders.h"
#include "bench/results/document.h"
#include "os/file_identity.h"
#include "os/proc_files.h"

namespace tare {
namespace {

constexpr std::string_view kPrepareLibrary = "hf_model.py";         // used by all `prepare` scripts
constexpr std::string_view kFamilies = "share/tare/families.json";  // the families that it knows
constexpr std::string_view kLlamaCppRequirements = "requirements/llama.cpp.txt";  // for two rows

constexpr Backend Keras(std::string_view name, std::string_view summary,
                        std::string_view requirements, std::string_view framework,
                        bool without_dependencies = true) {
  return {.name = name,
          .summary = summary,
          .script = "keras_worker.py",
          .requirements = requirements,
          .packages = {"keras", "keras-hub", framework},
          .device = "CPU",
          .argument = name,
          .without_dependencies = without_dependencies,
          .forms = {"keras"},
          .precisions = {"f32", "bf16"}};
}

constexpr Backend OnNvidia(Backend backend, std::string_view name, std::string_view summary,
                           std::string_view requirements) {
  backend.name = backend.argument = name;
  backend.summary = summary;
  backend.requirements = requirements;
  backend.device = "NVIDIA GPU";
  backend.without_dependencies = true;
  backend.gpu = GpuKind::kNvidia;
  return backend;
}

constexpr Backend kTransformers = {.name = "transformers",
                                   .summary = "Hugging Face Transformers on PyTorch",
                                   .script = "transformers_worker.py",
                                   .requirements = "requirements/transformers.txt",
                                   .packages = {"transformers", "torch", "tokenizers"},
                                   .device = "CPU",
                                   .argument = "transformers",
                                   .forms = {"safetensors"},
                                   .precisions = {"f32", "bf16"}};

constexpr Backend kOpenVinoGenai = {
    .name = "openvino-genai",
    .summary = "OpenVINO GenAI, reading the GGUF itself",
    .script = "openvino_genai_worker.py",
    .requirements = "requirements/openvino-genai.txt",
    .packages = {"openvino-genai", "openvino", "openvino-tokenizers"},
    .device = "CPU",
    .argument = "openvino-genai",
    .precisions = {"int8", "int4"}};
constexpr Backend kKerasTensorFlow = Keras("keras-tensorflow", "KerasHub on TensorFlow",
                                           "requirements/keras-tensorflow.txt", "tensorflow-cpu");
// PyTorch's own wheels have different dependencies on different machines.
constexpr Backend kKerasTorch =
    Keras("keras-torch", "KerasHub on PyTorch", "requirements/keras-torch.txt", "torch", false);
constexpr Backend kKerasJax =
    Keras("keras-jax", "KerasHub on JAX", "requirements/keras-jax.txt", "jax");
constexpr Backend kKerasOldOpenVino =
    Keras("keras-openvino-2025.2", "KerasHub on OpenVINO before its einsum fix",
          "requirements/keras-openvino-2025.2.txt", "openvino");
constexpr Backend kKerasOpenVino =
    Keras("keras-openvino", "KerasHub on OpenVINO", "requirements/keras-openvino.txt", "openvino");

// The CPU row's package includes OpenVINO's plugin for GPUs.
constexpr Backend OnIntel(Backend backend, std::string_view name, std::string_view summary) {
  backend.environment = backend.name;
  backend.name = backend.argument = name;
  backend.summary = summary;
  backend.device = "Intel GPU";
  backend.gpu = GpuKind::kIntel;
  return backend;
}

// The same row under `tare run`.
constexpr Backend Trimmed(Backend row, std::string_view name, std::string_view summary,
                          TrimKind trim) {
  row.environment = row.name;
  row.name = name;
  row.summary = summary;
  row.trim = trim;
  return row;
}

constexpr Backend kBackends[] = {
    {.name = kNativeRow,
     .summary = "Tare's own engine",
     .script = "",
     .requirements = "",
     .packages = {},
     .device = "CPU",
     .forms = {"gguf", "keras", "safetensors"},
     .reference = true},
    {.name = "openvino",
     .summary = "Tare's graph on OpenVINO, in f32",
     .script = "",
     .requirements = "requirements/openvino.txt",
     .packages = {"openvino"},
     .device = "CPU",
     .argument = "--openvino",
     .without_dependencies = true,
     .forms = {"keras", "safetensors"},
     .precisions = {"f32"}},
    kOpenVinoGenai,
    {.name = "llama.cpp",
     .summary = "llama.cpp, driven from this program",
     .script = "",
     .requirements = kLlamaCppRequirements,
     .packages = {"llama-cpp-python"},
     .device = "CPU",
     .needs_compiler = true,
     .argument = "--llama-cpp",
     .shim = "llama_cpp_shim.cc"},
    {.name = "llama-cpp-python",
     .summary = "llama.cpp through llama-cpp-python",
     .script = "llama_cpp_worker.py",
     .requirements = kLlamaCppRequirements,
     .packages = {"llama-cpp-python"},
     .device = "CPU",
     .needs_compiler = true,
     .environment = "llama.cpp"},
    {.name = "ctranslate2",
     .summary = "CTranslate2",
     .script = "ctranslate2_worker.py",
     .requirements = "requirements/ctranslate2.txt",
     .packages = {"ctranslate2", "tokenizers"},
     .device = "CPU",
     .without_dependencies = true,
     .forms = {"safetensors"},
     .prepare = "ctranslate2_prepare.py",
     .precisions = {"f32", "bf16", "int8"}},
    {.name = "onnxruntime",
     .summary = "ONNX Runtime",
     .script = "onnxruntime_worker.py",
     .requirements = "requirements/onnxruntime.txt",
     .packages = {"onnxruntime", "tokenizers"},
     .device = "CPU",
     .without_dependencies = true,
     .forms = {"safetensors"},
     .prepare = "onnxruntime_prepare.py",
     .precisions = {"f32", "int8", "int4"}},
    kTransformers,
    kKerasTensorFlow,
    kKerasTorch,
    kKerasJax,
    kKerasOpenVino,
    kKerasOldOpenVino,
    OnNvidia(kTransformers, "transformers:gpu", "Transformers on PyTorch and CUDA",
             "requirements/transformers-gpu.txt"),
    OnNvidia(Keras("", "", "", "tensorflow"), "keras-tensorflow:gpu",
             "KerasHub on TensorFlow and CUDA", "requirements/keras-tensorflow-gpu.txt"),
    OnNvidia(Keras("", "", "", "torch"), "keras-torch:gpu", "KerasHub on PyTorch and CUDA",
             "requirements/keras-torch-gpu.txt"),
    OnNvidia(Keras("", "", "", "jax"), "keras-jax:gpu", "KerasHub on JAX and CUDA",
             "requirements/keras-jax-gpu.txt"),
    OnIntel(kKerasOpenVino, "keras-openvino:gpu", "KerasHub on OpenVINO's GPU plugin"),
    OnIntel(kOpenVinoGenai, "openvino-genai:gpu", "OpenVINO GenAI on its GPU plugin"),
    Trimmed(kKerasTensorFlow, "keras-tensorflow+tare", "keras-tensorflow under tare run",
            TrimKind::kLean),
    Trimmed(kKerasTorch, "keras-torch+tare", "keras-torch under tare run", TrimKind::kLean),
    Trimmed(kKerasJax, "keras-jax+tare", "keras-jax under tare run", TrimKind::kLean),
    Trimmed(kKerasOpenVino, "keras-openvino+tare", "keras-openvino under tare run",
            TrimKind::kOpenVino),
    Trimmed(kKerasOldOpenVino, "keras-openvino-2025.2+tare", "keras-openvino-2025.2 under tare run",
            TrimKind::kOpenVino),
};

bool IsExecutable(const std::string& path) { return access(path.c_str(), X_OK) == 0; }

std::string PathOf(std::string_view script) {
  return fmt::format("{}/{}", WorkersFolder(), script);
}

// Empty if the script cannot be read.
std::string TextOf(std::string_view script) {
  const Result<std::string> text = ReadSmallFile(PathOf(script));
  return text.ok() ? *text : "";
}

std::string_view EnvironmentName(const Backend& backend) {
  return backend.environment.empty() ? backend.name : backend.environment;
}

bool IsOverridden(const Backend& backend) {
  return backend.shim.empty() && !EnvironmentVariable(InterpreterVariable(backend)).empty();
}

// The command that runs one of the backend's scripts with its interpreter.
Result<Command> ScriptCommand(const Backend& backend, std::string_view script) {
  TARE_RETURN_IF_ERROR(CheckCanRun(backend));
  const std::string python = InterpreterOf(backend);
  // The workers' folder may be read-only for this user.
  return Command{python,
                 {python, PathOf(script)},
                 {{"PYTHONDONTWRITEBYTECODE", "1"}, {"PYTHONUNBUFFERED", "1"}}};
}

// The arguments of `tare run --exec` with the row's flags, before the program.
std::vector<std::string> TrimArguments(const Backend& backend) {
  std::vector<std::string> arguments = {"tare", "run", "--exec"};
  if (backend.trim == TrimKind::kLean) {
    arguments.insert(arguments.end(), {"--no-einsum", "--no-park"});
  } else if (StateOf(backend) == BackendState::kInstalled) {
    // Given the path, `tare run` starts no Python to find it. That Python would be measured with
    // the worker.
    arguments.insert(arguments.end(), {"--openvino", PackagesFolder(backend) + "/openvino"});
  }
  arguments.emplace_back("--");
  return arguments;
}

Command BeneathTare(const Backend& backend, Command command) {
  std::vector<std::string> argv = TrimArguments(backend);
  argv.insert(argv.end(), command.argv.begin(), command.argv.end());
  return {"/proc/self/exe", std::move(argv), std::move(command.environment)};
}

}  // namespace

std::span<const Backend> AllBackends() { return kBackends; }

const Backend& ReferenceBackend() {
  const auto* found = std::ranges::find(kBackends, true, &Backend::reference);
  TARE_CHECK(found != std::end(kBackends));
  return *found;
}

Result<const Backend*> FindBackend(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Backend& backend : kBackends) {
    if (backend.name == name) return &backend;
    names.push_back(backend.name);
  }
  const std::string_view closest = ClosestName(name, names);
  return InvalidInput("there is no backend \"{}\"; {}tare backends list shows all", name,
                      closest.empty() ? "" : fmt::format("did you mean {}? ", closest));
}

const Backend* OnGpu(const Backend& backend) {
  const std::string name = fmt::format("{}:gpu", backend.name);
  const auto found = std::ranges::find(kBackends, name, &Backend::name);
  return found == std::end(kBackends) ? nullptr : &*found;
}

std::string_view BackendStateName(BackendState state) {
  switch (state) {
    case BackendState::kBuiltIn:
      return "built in";
    case BackendState::kOverridden:
      return "by environment";
    case BackendState::kInstalled:
      return "installed";
    case BackendState::kOutdated:
      return "outdated";
    case BackendState::kIncomplete:
      return "incomplete";
    case BackendState::kMissing:
      return "not installed";
  }
  return "";
}

Status CheckCanRun(const Backend& backend) {
  const BackendState state = StateOf(backend);
  if (CanRun(state)) return {};
  return Unsupported("backend {} is {}; try: tare backends install {}", backend.name,
                     BackendStateName(state), backend.name);
}

std::string InterpreterVariable(const Backend& backend) {
  std::string variable = "TARE_BACKEND_";
  for (const char c : EnvironmentName(backend)) {
    const auto byte = static_cast<unsigned char>(c);
    variable += std::isalnum(byte) != 0 ? static_cast<char>(std::toupper(byte)) : '_';
  }
  return variable + "_PYTHON";
}

std::string BackendFolder(const Backend& backend) {
  std::string home = EnvironmentVariable("TARE_HOME");
  if (home.empty()) {
    const Result<std::string> data = UserDataFolder();
    home = (data.ok() ? *data : "/.local/share") + "/tare";  // without HOME, assume /
  }
  std::string name(EnvironmentName(backend));
  std::ranges::replace(name, ':', '-');  // a virtual environment's path may not contain a colon
  return fmt::format("{}/backends/{}", home, name);
}

std::string PackagesFolder(const Backend& backend) {
  const std::filesystem::path folder = BackendFolder(backend) + "/lib";
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().filename().string().starts_with("python3")) {
      return (entry.path() / "site-packages").string();
    }
  }
  return "";
}

std::string ShimPath(const Backend& backend) {
  return fmt::format("{}/lib/tare_shim-{:016x}.so", BackendFolder(backend),
                     Fnv1a64(TextOf(backend.shim)));
}

std::string WorkersFolder() {
  const std::string folder = EnvironmentVariable("TARE_WORKERS_DIR");
  return folder.empty() ? InstalledPath("share/tare/workers") : folder;
}

std::string RequirementsId(const Backend& backend) {
  const Result<std::string> text = ReadSmallFile(PathOf(backend.requirements));
  return text.ok() ? fmt::format("fnv1a64:{:016x}\n", Fnv1a64(*text)) : std::string();
}

std::string StampPath(const Backend& backend) { return BackendFolder(backend) + "/tare-complete"; }

std::string InterpreterOf(const Backend& backend) {
  return IsOverridden(backend) ? EnvironmentVariable(InterpreterVariable(backend))
                               : BackendFolder(backend) + "/bin/python";
}

BackendState StateOf(const Backend& backend) {
  if (backend.requirements.empty()) return BackendState::kBuiltIn;
  if (IsOverridden(backend)) return BackendState::kOverridden;
  std::error_code error;
  if (!std::filesystem::exists(BackendFolder(backend), error)) return BackendState::kMissing;
  const Result<std::string> stamp = ReadSmallFile(StampPath(backend));
  if (!stamp.ok() || !IsExecutable(InterpreterOf(backend))) return BackendState::kIncomplete;
  const bool has_shim = backend.shim.empty() || std::filesystem::exists(ShimPath(backend), error);
  const bool is_present = has_shim && *stamp == RequirementsId(backend);
  return is_present ? BackendState::kInstalled : BackendState::kOutdated;
}

Result<Command> WorkerCommand(const Backend& backend) {
  TARE_RETURN_IF_ERROR(CheckCanRun(backend));
  Command command{"/proc/self/exe", {"tare", "worker"}, {}};
  if (!backend.script.empty()) {
    TARE_ASSIGN_OR_RETURN(command, ScriptCommand(backend, backend.script));
  }
  if (!backend.argument.empty()) command.argv.emplace_back(backend.argument);
  for (const char* argument : {"--fd-in", "3", "--fd-out", "4"}) command.argv.push_back(argument);
  if (backend.trim != TrimKind::kNone) return BeneathTare(backend, std::move(command));
  return command;
}

Result<std::optional<Command>> BeforehandCommand(const Backend& backend) {
  if (backend.trim != TrimKind::kOpenVino) return std::optional<Command>();
  TARE_RETURN_IF_ERROR(CheckCanRun(backend));
  const std::string python = InterpreterOf(backend);
  return std::optional(BeneathTare(backend, {python, {python, "-c", "pass"}, {}}));
}

Result<Command> PrepareCommand(const Backend& backend) {
  return ScriptCommand(backend, backend.prepare);
}

std::string PrepareId(const Backend& backend) {
  const Result<std::string> families = ReadSmallFile(InstalledPath(kFamilies));
  return fmt::format("{:016x}",
                     Fnv1a64(TextOf(backend.prepare) + TextOf(kPrepareLibrary) +
                             (families.ok() ? *families : "") + TextOf(backend.requirements)));
}

}  // namespace tare
