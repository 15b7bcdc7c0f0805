#ifndef TARE_OPENVINO_PASS_CALLS_H_
#define TARE_OPENVINO_PASS_CALLS_H_

#include <map>
#include <memory>
#include <string>

// Declared, not included: OpenVINO's headers would bring libstdc++ into every process that the hook
// is preloaded into.
namespace ov {
class Any;
class CompiledModel;
class Core;
class Model;
class RemoteContext;
}  // namespace ov

namespace tare {

using CompileConfig = std::map<std::string, ov::Any>;  // ov::AnyMap

// OpenVINO's own functions, as the hook found them: members with `this` in front.
using CompileDefault = ov::CompiledModel (*)(ov::Core*, const std::shared_ptr<const ov::Model>&,
                                             const CompileConfig&);
using CompileDevice = ov::CompiledModel (*)(ov::Core*, const std::shared_ptr<const ov::Model>&,
                                            const std::string&, const CompileConfig&);
using CompileContext = ov::CompiledModel (*)(ov::Core*, const std::shared_ptr<const ov::Model>&,
                                             const ov::RemoteContext&, const CompileConfig&);

// What the pass library does in the place of compile_model: it changes a copy of the model and
// calls `real` with that. Exceptions of `real` pass through.
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
};

// The one symbol of the pass library: fills `calls`.
using GetPassCalls = void (*)(PassCalls* calls);
inline constexpr char kGetPassCallsName[] = "TareOpenVinoPassCalls";
inline constexpr char kPassLibraryName[] = "libtare_openvino_pass.so";

// The environment by which `tare run` tells hook and pass what to do.
inline constexpr char kReportVariable[] = "TARE_OPENVINO_REPORT";  // a file to append lines to
inline constexpr char kNoEinsumVariable[] = "TARE_OPENVINO_NO_EINSUM";
inline constexpr char kLogVariable[] = "TARE_OPENVINO_LOG";

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_CALLS_H_
