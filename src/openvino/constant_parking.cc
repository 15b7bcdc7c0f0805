#include "openvino/constant_parking.h"

#include <dlfcn.h>

#include <openvino/op/util/multi_subgraph_base.hpp>
#include <set>
#include <string_view>
#include <utility>

#include "openvino/weight_parking.h"

namespace tare {
namespace {

using Constants = std::vector<std::shared_ptr<ov::op::v0::Constant>>;

// Below this a file costs more than the memory that it saves.
constexpr size_t kLeastBytes = size_t{1} << 20;

void Collect(const ov::Model& model, std::set<const void*>* seen, Constants* found) {
  for (const std::shared_ptr<ov::Node>& node : model.get_ordered_ops()) {
    if (const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(node)) {
      if (constant->get_element_type() != ov::element::string &&
          constant->get_byte_size() >= kLeastBytes &&
          seen->insert(constant->get_data_ptr()).second) {
        found->push_back(constant);
      }
    } else if (const auto loop = std::dynamic_pointer_cast<ov::op::util::MultiSubGraphOp>(node)) {
      for (size_t i = 0; i < loop->get_internal_subgraphs_size(); ++i) {
        Collect(*loop->get_function(static_cast<int>(i)), seen, found);
      }
    }
  }
}

std::span<std::byte> BytesOf(const ov::op::v0::Constant& constant) {
  // Parking changes what the memory is made of, never what it says.
  auto* data = static_cast<std::byte*>(const_cast<void*>(constant.get_data_ptr()));
  return {data, constant.get_byte_size()};
}

bool MallocIsTheCLibrarys() {
  void* malloc_address = dlsym(RTLD_DEFAULT, "malloc");
  Dl_info info;
  if (malloc_address == nullptr || dladdr(malloc_address, &info) == 0) return false;
  const std::string_view name = info.dli_fname;
  return name.find("/libc.so.6") != name.npos || name.find("/libc-2.") != name.npos;
}

// Holds Python's lock if this process has Python and it still runs.
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

ConstantParking::ConstantParking(const std::shared_ptr<const ov::Model>& model,
                                 const std::string& folder) {
  std::set<const void*> seen;
  Collect(*model, &seen, &constants_);
  Place(folder);
}

void ConstantParking::Place(const std::string& folder) {
  std::vector<std::span<std::byte>> in_heap;
  uint64_t heap_bytes = 0;
  for (const auto& constant : constants_) {
    const std::span<std::byte> bytes = BytesOf(*constant);
    const MemoryKind kind = KindOfMemory(bytes);
    if (kind == MemoryKind::kAnonymous && HasOwnPages(WholePages(bytes))) {
      in_heap.push_back(bytes);
      heap_bytes += bytes.size();
    } else if (kind != MemoryKind::kOther) {
      spans_.push_back(bytes);
      totals_.file_backed_bytes += bytes.size();
    }
  }
  if (in_heap.empty()) return;
  if (!MallocIsTheCLibrarys()) {
    totals_.left_because = "malloc is not the C library's own";
    return;
  }
  Result<WeightParking> parking = WeightParking::Open(folder, heap_bytes);
  if (!parking.ok()) {
    totals_.left_because = parking.error().message();
    return;
  }
  for (const std::span<std::byte> bytes : in_heap) {
    const Result<std::span<std::byte>> pages = parking->Park(bytes);
    if (!pages.ok()) {
      totals_.left_because = pages.error().message();
      return;
    }
    spans_.push_back(*pages);
    totals_.parked_bytes += pages->size();
    DropPages(*pages);
  }
}

ConstantParking::~ConstantParking() {
  const PythonLock lock;
  constants_.clear();
}

}  // namespace tare
