#include "openvino/memory/memory_map.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <memory>
#include <utility>

namespace tare {

MemoryMap::MemoryMap() {
  const std::unique_ptr<FILE, int (*)(FILE*)> maps(std::fopen("/proc/self/maps", "re"), &fclose);
  if (maps == nullptr) return;
  char line[4600];
  while (std::fgets(line, sizeof(line), maps.get()) != nullptr) {
    Mapping found;
    char permissions[5] = {};
    int name_at = 0;
    if (std::sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %n",
                    &found.low, &found.high, permissions, &found.offset, &found.major, &found.minor,
                    &found.inode, &name_at) != 7) {
      continue;
    }
    found.permissions.assign(permissions, 4);
    found.name = line + name_at;
    if (found.name.ends_with('\n')) found.name.pop_back();
    mappings_.push_back(std::move(found));
  }
}

std::span<const Mapping> MemoryMap::Of(std::span<const std::byte> bytes) const {
  const uint64_t begin = reinterpret_cast<uintptr_t>(bytes.data());
  const uint64_t end = begin + bytes.size();
  const auto first = std::ranges::upper_bound(mappings_, begin, {}, &Mapping::high);
  uint64_t reached = begin;
  for (auto last = first; last != mappings_.end() && last->low <= reached; ++last) {
    reached = last->high;
    if (reached >= end) return {first, last + 1};
  }
  return {};
}

}  // namespace tare
