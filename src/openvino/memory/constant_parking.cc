#include "openvino/memory/constant_parking.h"

#include <dlfcn.h>

#include <map>
#include <openvino/core/graph_util.hpp>
#include <openvino/core/rt_info.hpp>
#include <openvino/op/util/multi_subgraph_base.hpp>
#include <utility>

#include "heap/c_library_malloc.h"
#include "openvino/memory/weight_parking.h"
#include "openvino/policy/choices.h"

namespace tare {
namespace {

using Constants = std::vector<std::shared_ptr<ov::op::v0::Constant>>;

// Constants, grouped by the bytes that they refer to.
using BySpan = std::map<std::pair<const void*, size_t>, Constants>;

void Collect(const ov::Model& model, BySpan* found) {
  for (const std::shared_ptr<ov::Node>& node : model.get_ordered_ops()) {
    if (const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(node)) {
      if (constant->get_element_type() != ov::element::string &&
          constant->get_byte_size() >= kLeastParkedBytes) {
        (*found)[{constant->get_data_ptr(), constant->get_byte_size()}].push_back(constant);
      }
    } else if (const auto loop = std::dynamic_pointer_cast<ov::op::util::MultiSubGraphOp>(node)) {
      for (size_t i = 0; i < loop->get_internal_subgraphs_size(); ++i) {
        Collect(*loop->get_function(static_cast<int>(i)), found);
      }
    }
  }
}

std::span<std::byte> BytesOf(const ov::op::v0::Constant& constant) {
  // Parking changes the backing of the memory, never its contents.
  auto* data = static_cast<std::byte*>(const_cast<void*>(constant.get_data_ptr()));
  return {data, constant.get_byte_size()};
}

// Holds Python's lock if Python runs in this process.
class PythonLock {
 public:
  PythonLock() {
    using IsInitialized = int (*)();
    using Ensure = int (*)();
    auto* initialized = reinterpret_cast<IsInitialized>(dlsym(RTLD_DEFAULT, "Py_IsInitialized"));
    auto* ensure = reinterpret_cast<Ensure>(dlsym(RTLD_DEFAULT, "PyGILState_Ensure"));
    release_ = reinterpret_cast<Release>(dlsym(RTLD_DEFAULT, "PyGILState_Release"));
    held_ =
        initialized != nullptr && ensure != nullptr && release_ != nullptr && initialized() != 0;
    if (held_) state_ = ensure();
  }
  ~PythonLock() {
    if (held_) release_(state_);
  }
  PythonLock(const PythonLock&) = delete;
  PythonLock& operator=(const PythonLock&) = delete;

 private:
  using Release = void (*)(int);
  Release release_ = nullptr;
  bool held_ = false;
  int state_ = 0;
};

}  // namespace

ConstantParking::ConstantParking(const std::shared_ptr<ov::Model>& copy,
                                 const std::string& folder) {
  BySpan found;
  Collect(*copy, &found);
  if (found.empty()) return;
  const MemoryMap map;  // constants stay in place while the model holds them
  std::vector<Constants> in_heap;
  for (const auto& [key, same] : found) {
    const std::span<std::byte> bytes = BytesOf(*same.front());
    const MemoryKind kind = KindOfMemory(map.Of(bytes));
    if (kind == MemoryKind::kAnonymous && HasOwnPages(WholePages(bytes))) {
      in_heap.push_back(same);
    } else if (kind != MemoryKind::kOther) {
      Place(same, bytes, map);
    }
  }
  if (!in_heap.empty()) Park(in_heap, folder);
}

void ConstantParking::Place(const Constants& same, std::span<std::byte> bytes,
                            const MemoryMap& map) {
  totals_.file_backed_bytes += bytes.size();
  const Result<std::shared_ptr<const FileView>> view = FileView::Of(map, bytes);
  if (view.ok()) {
    tare::DropPages(bytes);  // pages that the program itself has read
    return Replace(same, *view);
  }
  constants_.push_back(same.front());
  spans_.push_back(bytes);
}

void ConstantParking::Park(const std::vector<Constants>& in_heap, const std::string& folder) {
  if (!MallocIsTheCLibrarys()) {
    totals_.left_because = "the program replaces the C library's malloc";
    return;
  }
  uint64_t heap_bytes = 0;
  for (const Constants& same : in_heap) heap_bytes += same.front()->get_byte_size();
  Result<WeightParking> parking = WeightParking::Open(folder, heap_bytes);
  if (!parking.ok()) {
    totals_.left_because = parking.error().message();
    return;
  }
  for (const Constants& same : in_heap) {
    const Result<WeightParking::Parked> parked = parking->Park(BytesOf(*same.front()));
    if (!parked.ok()) {
      totals_.left_because = parked.error().message();
      return;
    }
    totals_.parked_bytes += parked->pages.size();
    Replace(same, parked->view);
  }
}

void ConstantParking::Replace(const Constants& same, const std::shared_ptr<const FileView>& view) {
  for (const auto& constant : same) {
    const auto owner = std::const_pointer_cast<FileView>(view);
    const auto viewed = std::make_shared<ov::op::v0::Constant>(
        constant->get_element_type(), constant->get_shape(), view->bytes().data(), owner);
    viewed->set_friendly_name(constant->get_friendly_name());
    ov::copy_runtime_info(constant, viewed);
    ov::replace_node(constant, viewed);
  }
  views_.push_back(view);
}

void ConstantParking::DropPages() const {
  for (const auto& view : views_) view->DropPages();
  for (const std::span<std::byte> span : spans_) tare::DropPages(span);
}

ConstantParking::~ConstantParking() {
  const PythonLock lock;
  constants_.clear();
}

}  // namespace tare
