#include "openvino/pass_calls.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <openvino/runtime/core.hpp>
#include <vector>

#include "openvino/einsum_to_matmul.h"
#include "openvino/run_report.h"

namespace tare {
namespace {

// compile_model may call another overload of itself: a model is changed on the way in only.
thread_local bool g_compiling = false;

class Compiling {
 public:
  Compiling() : outer_(g_compiling) { g_compiling = true; }
  ~Compiling() { g_compiling = outer_; }
  Compiling(const Compiling&) = delete;
  Compiling& operator=(const Compiling&) = delete;
  bool is_outer() const { return !outer_; }

 private:
  bool outer_;
};

bool IsSet(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

void Report(const std::string& name, const std::vector<EinsumCount>& counts) {
  size_t rewritten = 0, left = 0;
  for (const EinsumCount& count : counts) {
    (count.left_because.empty() ? rewritten : left) += count.count;
    AppendToReport("einsum", {count.equation, count.operands, std::to_string(count.count),
                              count.left_because});
  }
  if (IsSet(kLogVariable)) {
    fmt::print(stderr, "tare: compiling {}: {} einsums rewritten, {} left\n", name, rewritten,
               left);
  }
}

// A copy of the model with its einsums rewritten; it shares the constants' bytes. The model itself
// is the program's, and stays as it is. Where OpenVINO refuses, that very model is compiled.
std::shared_ptr<const ov::Model> Prepared(const std::shared_ptr<const ov::Model>& model) {
  if (model == nullptr || IsSet(kNoEinsumVariable)) return model;
  try {
    const std::shared_ptr<ov::Model> copy = model->clone();
    const std::vector<EinsumCount> counts = EinsumToMatMul(copy);
    AppendToReport("model", {model->get_friendly_name()});
    Report(model->get_friendly_name(), counts);
    return copy;
  } catch (const std::exception& error) {
    fmt::print(stderr, "tare: a model is compiled as it is: {}\n", error.what());
    AppendToReport("refused", {model->get_friendly_name(), error.what()});
    return model;
  }
}

template <typename Real, typename... Rest>
ov::CompiledModel Compile(Real real, ov::Core* core, const std::shared_ptr<const ov::Model>& model,
                          const Rest&... rest) {
  const Compiling compiling;
  if (!compiling.is_outer()) return real(core, model, rest...);
  return real(core, Prepared(model), rest...);
}

}  // namespace
}  // namespace tare

extern "C" __attribute__((visibility("default"))) void TareOpenVinoPassCalls(
    tare::PassCalls* calls) {
  calls->compile_default = &tare::Compile<tare::CompileDefault, ov::AnyMap>;
  calls->compile_device = &tare::Compile<tare::CompileDevice, std::string, ov::AnyMap>;
  calls->compile_context = &tare::Compile<tare::CompileContext, ov::RemoteContext, ov::AnyMap>;
}
