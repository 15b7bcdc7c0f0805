#include "openvino/hook/read_calls.h"

#include <exception>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/properties.hpp>

#include "openvino/run_report.h"
#include "trim/contract.h"

namespace tare {
namespace {

// An OpenVINO function may call another overload; only the program's own call is changed.
thread_local bool g_in_real = false;

template <typename Real, typename... Arguments>
ov::CompiledModel CallReal(Real real, const Arguments&... arguments) {
  struct InReal {
    InReal() { g_in_real = true; }
    ~InReal() { g_in_real = false; }
  };
  const InReal in_real;
  return real(arguments...);
}

template <typename Get>
bool NamesFolder(const Get& get) {
  try {
    return !get().template as<std::string>().empty();
  } catch (const std::exception&) {
    return false;  // the device has no such property
  }
}

bool IsCached(ov::Core* core, const std::string& device, const ov::AnyMap& config) {
  const auto given = config.find(ov::cache_dir.name());
  if (given != config.end()) return NamesFolder([&] { return given->second; });
  return NamesFolder([&] { return core->get_property(ov::cache_dir.name()); }) ||
         (!device.empty() &&
          NamesFolder([&] { return core->get_property(device, ov::cache_dir.name()); }));
}

// Null if the program's own call should be made.
template <typename Read>
std::shared_ptr<ov::Model> ReadFirst(ov::Core* core, const std::string& device,
                                     const ov::AnyMap& config, const Read& read) {
  if (g_in_real) return nullptr;
  if (IsCached(core, device, config)) {
    AppendToReport(kUntouchedEvent, "OpenVINO caches compiled models (CACHE_DIR is set)");
    return nullptr;
  }
  try {
    return read();
  } catch (const std::exception&) {
    AppendToReport(kUntouchedEvent, "OpenVINO cannot read the model");
    return nullptr;
  }
}

// The options that compile_model of a path uses while it reads.
ov::AnyMap ReadingConfig(const ov::AnyMap& config) {
  const auto map = config.find(ov::enable_mmap.name());
  return map == config.end() ? ov::AnyMap{} : ov::AnyMap{*map};
}

template <typename Path>
ov::CompiledModel CompilePath(CompilePathDefault<Path> real, ov::Core* core, const Path& path,
                              const ov::AnyMap& config) {
  const std::shared_ptr<ov::Model> model = ReadFirst(
      core, "", config, [&] { return core->read_model(path, Path(), ReadingConfig(config)); });
  if (model == nullptr) return CallReal(real, core, path, config);
  return core->compile_model(model, config);
}

template <typename Path>
ov::CompiledModel CompilePathOn(CompilePathDevice<Path> real, ov::Core* core, const Path& path,
                                const std::string& device, const ov::AnyMap& config) {
  const std::shared_ptr<ov::Model> model = ReadFirst(
      core, device, config, [&] { return core->read_model(path, Path(), ReadingConfig(config)); });
  if (model == nullptr) return CallReal(real, core, path, device, config);
  return core->compile_model(model, device, config);
}

ov::CompiledModel CompileText(CompileTextDevice real, ov::Core* core, const std::string& text,
                              const ov::Tensor& weights, const std::string& device,
                              const ov::AnyMap& config) {
  const std::shared_ptr<ov::Model> model =
      ReadFirst(core, device, config, [&] { return core->read_model(text, weights); });
  if (model == nullptr) return CallReal(real, core, text, weights, device, config);
  return core->compile_model(model, device, config);
}

template <typename Path>
PathCalls<Path> CallsOf() {
  return {&CompilePath<Path>, &CompilePathOn<Path>};
}

}  // namespace

void SetReadCalls(PassCalls* calls) {
  calls->narrow_path = CallsOf<std::string>();
  calls->wide_path = CallsOf<std::wstring>();
  calls->path = CallsOf<std::filesystem::path>();
  calls->compile_text = &CompileText;
}

}  // namespace tare
