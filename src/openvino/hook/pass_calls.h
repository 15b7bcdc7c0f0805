#ifndef TARE_OPENVINO_HOOK_PASS_CALLS_H_
#define TARE_OPENVINO_HOOK_PASS_CALLS_H_

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "openvino/memory/huge_pages.h"

// Declared, not included: OpenVINO's headers would bring libstdc++ into every process that loads
// the hook.
namespace ov {
class Any;
class CompiledModel;
class Core;
class InferRequest;
class Model;
class RemoteContext;
class Tensor;
}  // namespace ov

namespace tare {

using CompileConfig = std::map<std::string, ov::Any>;  // ov::AnyMap

// OpenVINO's own member functions, as the hook found them; `this` is the first argument.
using CompileDefault = ov::CompiledModel (*)(ov::Core*, const std::shared_ptr<const ov::Model>&,
                                             const CompileConfig&);
using CompileDevice = ov::CompiledModel (*)(ov::Core*, const std::shared_ptr<const ov::Model>&,
                                            const std::string&, const CompileConfig&);
using CompileContext = ov::CompiledModel (*)(ov::Core*, const std::shared_ptr<const ov::Model>&,
                                             const ov::RemoteContext&, const CompileConfig&);

template <typename Path>
using CompilePathDefault = ov::CompiledModel (*)(ov::Core*, const Path&, const CompileConfig&);
template <typename Path>
using CompilePathDevice = ov::CompiledModel (*)(ov::Core*, const Path&, const std::string&,
                                                const CompileConfig&);
using CompileTextDevice = ov::CompiledModel (*)(ov::Core*, const std::string&, const ov::Tensor&,
                                                const std::string&, const CompileConfig&);

using InferCall = void (*)(ov::InferRequest*);  // infer, start_async, wait
using WaitForCall = bool (*)(ov::InferRequest*, std::chrono::milliseconds);

template <typename Path>
struct PathCalls {
  ov::CompiledModel (*on_default)(CompilePathDefault<Path> real, ov::Core*, const Path&,
                                  const CompileConfig&);
  ov::CompiledModel (*on_device)(CompilePathDevice<Path> real, ov::Core*, const Path&,
                                 const std::string& device, const CompileConfig&);
};

// The pass library's replacements for compile_model. They change a copy of the model and call
// `real` with that copy. They drop the pages of constants that the plugin has read, during
// compilation and the first inference. Exceptions from `real` pass through.
struct PassCalls {
  ov::CompiledModel (*compile_default)(CompileDefault real, ov::Core*,
                                       const std::shared_ptr<const ov::Model>&,
                                       const CompileConfig&);
  ov::CompiledModel (*compile_device)(CompileDevice real, ov::Core*,
                                      const std::shared_ptr<const ov::Model>&, const std::string&,
                                      const CompileConfig&);
  ov::CompiledModel (*compile_context)(CompileContext real, ov::Core*,
                                       const std::shared_ptr<const ov::Model>&,
                                       const ov::RemoteContext&, const CompileConfig&);
  PathCalls<std::string> narrow_path;
  PathCalls<std::wstring> wide_path;
  PathCalls<std::filesystem::path> path;
  ov::CompiledModel (*compile_text)(CompileTextDevice real, ov::Core*, const std::string& text,
                                    const ov::Tensor& weights, const std::string& device,
                                    const CompileConfig&);
  void (*infer)(InferCall real, ov::InferRequest*);
  void (*start_async)(InferCall real, ov::InferRequest*);
  void (*wait)(InferCall real, ov::InferRequest*);
  bool (*wait_for)(WaitForCall real, ov::InferRequest*, std::chrono::milliseconds);
};

// The only symbol of the pass library; fills `calls`. The functions in `hook` stay valid.
using GetPassCalls = void (*)(const HugeAllocationCalls& hook, PassCalls* calls);
inline constexpr char kGetPassCallsName[] = "TareOpenVinoPassCalls";

}  // namespace tare

#endif  // TARE_OPENVINO_HOOK_PASS_CALLS_H_
