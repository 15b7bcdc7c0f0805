#include "openvino/hook/pass_calls.h"

#include <exception>
#include <openvino/runtime/core.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "base/count_text.h"
#include "base/environment.h"
#include "base/say.h"
#include "heap/heap_slack.h"
#include "openvino/hook/read_calls.h"
#include "openvino/memory/constant_parking.h"
#include "openvino/memory/huge_pages.h"
#include "openvino/memory/packing.h"
#include "openvino/pass/attention_fusion.h"
#include "openvino/pass/einsum_to_matmul.h"
#include "openvino/pass/scaled_query.h"
#include "openvino/pass/transposed_constant.h"
#include "openvino/pass/worth_preparing.h"
#include "openvino/pass/written_row.h"
#include "openvino/run_report.h"
#include "trim/contract.h"

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

bool IsSet(const char* variable) { return !EnvironmentVariable(variable).empty(); }

void Report(const ov::Model& model, const std::vector<EinsumCount>& counts) {
  const std::string& name = model.get_friendly_name();
  AppendToReport(kModelEvent, name);
  size_t rewritten = 0, left = 0;
  for (const EinsumCount& count : counts) {
    (count.left_because.empty() ? rewritten : left) += count.count;
    AppendToReport(kEinsumEvent, count.equation, count.operands, count.count, count.left_because);
  }
  if (IsSet(kLogVariable)) {
    Say("tare: compiling {}: {} rewritten, {} left\n", name, CountText(rewritten, "einsum"), left);
  }
}

void Report(const std::vector<AttentionCount>& counts) {
  for (const AttentionCount& count : counts) {
    AppendToReport(kAttentionEvent, count.count, count.left_because);
  }
}

// What is fused by itself was measured on the CPU plugin alone.
void Fuse(const std::shared_ptr<ov::Model>& model, bool on_cpu) {
  const std::string choice = EnvironmentVariable(kSdpaVariable);
  if (choice == kSdpaAll) {
    Report(FuseAttention(model, AttentionChoice::kAll));
  } else if (choice != kSdpaNone && on_cpu) {
    Report(FuseAttention(model, AttentionChoice::kGaining));
  }
}

// A copy of the model with its einsums rewritten; it shares the constants' bytes. The model itself
// is the program's, and stays as it is. Null where OpenVINO refuses, or nothing would be changed.
std::shared_ptr<ov::Model> Prepared(const std::shared_ptr<const ov::Model>& model, bool on_cpu) {
  if (model == nullptr) return nullptr;
  if (!IsWorthPreparing(*model)) {
    if (!IsSet(kNoEinsumVariable)) Report(*model, std::vector<EinsumCount>());
    return nullptr;
  }
  try {
    std::shared_ptr<ov::Model> copy = model->clone();
    if (IsSet(kNoEinsumVariable)) return copy;
    Fuse(copy, on_cpu);
    const std::vector<EinsumCount> counts = EinsumToMatMul(copy);
    const size_t transposed = MatMulOfTransposedConstant(copy);
    const size_t scaled = ScaleScoresNotQueries(copy);
    const size_t rows = on_cpu ? CopyWrittenRows(copy) : 0;  // only there are rows views
    Report(*model, counts);
    if (transposed > 0) AppendToReport(kTransposedEvent, transposed);
    if (scaled > 0) AppendToReport(kScaledEvent, scaled);
    if (rows > 0) AppendToReport(kRowsEvent, rows);
    return copy;
  } catch (const std::exception& error) {
    Say("tare: a model is compiled as it is: {}\n", error.what());
    AppendToReport(kRefusedEvent, model->get_friendly_name(), error.what());
    return nullptr;
  }
}

std::string ParkFolder() {
  const std::string folder = EnvironmentVariable(kParkFolderVariable);
  return folder.empty() ? "/var/tmp" : folder;
}

void Report(const ParkingTotals& totals) {
  AppendToReport(kParkEvent, totals.parked_bytes, totals.file_backed_bytes, totals.left_because);
  if (IsSet(kLogVariable)) {
    Say("tare: {} MiB of constants parked, {} MiB in files already{}{}\n",
        totals.parked_bytes >> 20, totals.file_backed_bytes >> 20,
        totals.left_because.empty() ? "" : "; the heap's stay: ", totals.left_because);
  }
}

// Null where there is nothing to drop. Only what the CPU plugin is given is known to be packed and
// read no more.
std::unique_ptr<ConstantParking> Park(const std::shared_ptr<ov::Model>& copy) {
  if (IsSet(kNoParkVariable)) return nullptr;
  try {
    auto constants = std::make_unique<ConstantParking>(copy, ParkFolder());
    Report(constants->totals());
    if (!constants->empty()) return constants;
  } catch (const std::exception& error) {
    Say("tare: constants stay where they are: {}\n", error.what());
  }
  return nullptr;
}

constexpr std::chrono::milliseconds kLongestCompile{600'000};

void ReportSlack() { AppendToReport(kSlackEvent, ReturnHeapSlack()); }

HookCalls g_hook_calls = {};

// While a plugin packs, no slack is kept in the heap and what it packs lies in huge pages; at the
// end the heap is as it was left to itself.
class PackingHeap {
 public:
  PackingHeap() {
    KeepNoHeapSlack();
    ReportSlack();
    if (IsSet(kNoHugeVariable)) return;
    huge_.emplace(g_hook_calls, IsSet(kHugeVariable) ? HugePace::kAny : HugePace::kWhileQuick);
  }
  ~PackingHeap() {
    huge_.reset();
    ReportSlack();
    KeepHeapSlack();
  }
  PackingHeap(const PackingHeap&) = delete;
  PackingHeap& operator=(const PackingHeap&) = delete;

 private:
  std::optional<HugePages> huge_;
};

// Never destroyed: when the process ends, Python is gone before its arrays may be.
PackingQueue* const g_queue = new PackingQueue;

template <typename Real, typename... Rest>
ov::CompiledModel Compile(Real real, ov::Core* core, const std::shared_ptr<const ov::Model>& model,
                          const Rest&... rest) {
  const Compiling compiling;
  if (!compiling.is_outer()) return real(core, model, rest...);
  const std::shared_ptr<const ov::Model> copy = Prepared(model, /*on_cpu=*/false);
  return real(core, copy == nullptr ? model : copy, rest...);
}

ov::CompiledModel CompileOnDevice(CompileDevice real, ov::Core* core,
                                  const std::shared_ptr<const ov::Model>& model,
                                  const std::string& device, const ov::AnyMap& config) {
  const Compiling compiling;
  if (!compiling.is_outer()) return real(core, model, device, config);
  const std::shared_ptr<ov::Model> copy = Prepared(model, device == "CPU");
  if (copy == nullptr) return real(core, model, device, config);
  std::unique_ptr<ConstantParking> constants = device == "CPU" ? Park(copy) : nullptr;
  if (constants == nullptr) return real(core, copy, device, config);
  const PackingHeap heap;
  auto dropper =
      std::make_unique<PageDropper>([&] { constants->DropPages(); }, kDropPeriod, kLongestCompile);
  ov::CompiledModel compiled = real(core, copy, device, config);
  dropper.reset();
  g_queue->Add(std::move(constants));
  return compiled;
}

void Infer(InferCall real, ov::InferRequest* request) {
  if (!g_queue->waiting()) return real(request);
  const PackingHeap heap;
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
    const tare::HookCalls& hook, tare::PassCalls* calls) {
  tare::g_hook_calls = hook;
  calls->compile_default = &tare::Compile<tare::CompileDefault, ov::AnyMap>;
  calls->compile_device = &tare::CompileOnDevice;
  calls->compile_context = &tare::Compile<tare::CompileContext, ov::RemoteContext, ov::AnyMap>;
  tare::SetReadCalls(calls);
  calls->infer = &tare::Infer;
  calls->start_async = &tare::StartAsync;
  calls->wait = &tare::Wait;
  calls->wait_for = &tare::WaitFor;
}
