#include "openvino/hook/pass_calls.h"

#include <exception>
#include <openvino/runtime/core.hpp>
#include <utility>

#include "base/say.h"
#include "heap/page_dropper.h"
#include "openvino/hook/read_calls.h"
#include "openvino/memory/constant_parking.h"
#include "openvino/memory/packing.h"
#include "openvino/memory/packing_heap.h"
#include "openvino/pass/prepare_model.h"
#include "openvino/policy/choices.h"
#include "openvino/run_report.h"
#include "trim/contract.h"

namespace tare {
namespace {

// compile_model may call another overload of itself; only the outermost call changes the model.
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

void Report(const ParkingTotals& totals, bool logs) {
  AppendToReport(kParkEvent, totals.parked_bytes, totals.file_backed_bytes, totals.left_because);
  if (logs) {
    Say("tare: {} MiB of constants moved to disk, {} MiB already in the model file{}{}\n",
        totals.parked_bytes >> 20, totals.file_backed_bytes >> 20,
        totals.left_because.empty() ? "" : "; the others stay in the heap: ", totals.left_because);
  }
}

// Null if there is nothing to drop.
std::unique_ptr<ConstantParking> Park(const std::shared_ptr<ov::Model>& copy,
                                      const TrimChoices& choices) {
  if (!choices.parks) return nullptr;
  try {
    auto constants = std::make_unique<ConstantParking>(copy, choices.park_folder);
    Report(constants->totals(), choices.logs);
    if (!constants->empty()) return constants;
  } catch (const std::exception& error) {
    Say("tare: constants stay in memory: {}\n", error.what());
  }
  return nullptr;
}

constexpr std::chrono::milliseconds kLongestCompile{600'000};

HugeAllocationCalls g_huge_calls = {};

// Never destroyed: at process exit Python is gone before the arrays that this may refer to.
PackingQueue* const g_queue = new PackingQueue;

template <typename Real, typename... Rest>
ov::CompiledModel Compile(Real real, ov::Core* core, const std::shared_ptr<const ov::Model>& model,
                          const Rest&... rest) {
  const Compiling compiling;
  if (!compiling.is_outer()) return real(core, model, rest...);
  const std::shared_ptr<const ov::Model> copy = PrepareModel(model, ChoicesFor(/*on_cpu=*/false));
  return real(core, copy == nullptr ? model : copy, rest...);
}

ov::CompiledModel CompileOnDevice(CompileDevice real, ov::Core* core,
                                  const std::shared_ptr<const ov::Model>& model,
                                  const std::string& device, const ov::AnyMap& config) {
  const Compiling compiling;
  if (!compiling.is_outer()) return real(core, model, device, config);
  const TrimChoices choices = ChoicesFor(device == "CPU");
  const std::shared_ptr<ov::Model> copy = PrepareModel(model, choices);
  if (copy == nullptr) return real(core, model, device, config);
  std::unique_ptr<ConstantParking> constants = Park(copy, choices);
  if (constants == nullptr) return real(core, copy, device, config);
  const PackingHeap heap(g_huge_calls, choices.huge);
  auto dropper =
      std::make_unique<PageDropper>([&] { constants->DropPages(); }, kDropPeriod, kLongestCompile);
  ov::CompiledModel compiled = real(core, copy, device, config);
  dropper.reset();
  g_queue->Add(std::move(constants));
  return compiled;
}

void Infer(InferCall real, ov::InferRequest* request) {
  if (!g_queue->waiting()) return real(request);
  const PackingHeap heap(g_huge_calls, ChoicesFor(/*on_cpu=*/true).huge);
  const std::unique_ptr<DroppingConstants> dropping = g_queue->Begin();
  real(request);
}

void StartAsync(InferCall real, ov::InferRequest* request) {
  if (g_queue->waiting()) g_queue->BeginAsync();
  real(request);
}

void Wait(InferCall real, ov::InferRequest* request) {
  real(request);
  if (g_queue->waiting()) g_queue->End();
}

bool WaitFor(WaitForCall real, ov::InferRequest* request, std::chrono::milliseconds timeout) {
  const bool ended = real(request, timeout);
  if (ended && g_queue->waiting()) g_queue->End();
  return ended;
}

}  // namespace
}  // namespace tare

extern "C" __attribute__((visibility("default"))) void TareOpenVinoPassCalls(
    const tare::HugeAllocationCalls& hook, tare::PassCalls* calls) {
  tare::g_huge_calls = hook;
  calls->compile_default = &tare::Compile<tare::CompileDefault, ov::AnyMap>;
  calls->compile_device = &tare::CompileOnDevice;
  calls->compile_context = &tare::Compile<tare::CompileContext, ov::RemoteContext, ov::AnyMap>;
  tare::SetReadCalls(calls);
  calls->infer = &tare::Infer;
  calls->start_async = &tare::StartAsync;
  calls->wait = &tare::Wait;
  calls->wait_for = &tare::WaitFor;
}
