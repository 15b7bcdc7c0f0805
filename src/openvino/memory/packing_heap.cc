#include "openvino/memory/packing_heap.h"

#include "heap/heap_slack.h"
#include "openvino/run_report.h"
#include "trim/contract.h"

namespace tare {
namespace {

void ReportSlack() { AppendToReport(kSlackEvent, ReturnHeapSlack()); }

}  // namespace

PackingHeap::PackingHeap(const HugeAllocationCalls& calls, std::optional<HugePace> huge) {
  KeepNoHeapSlack();
  ReportSlack();
  if (huge) huge_.emplace(calls, *huge);
}

PackingHeap::~PackingHeap() {
  huge_.reset();
  ReportSlack();
  KeepHeapSlack();
}

}  // namespace tare
