#ifndef TARE_OPENVINO_MEMORY_MEMORY_MAP_H_
#define TARE_OPENVINO_MEMORY_MEMORY_MAP_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tare {

// A line of /proc/self/maps.
struct Mapping {
  uint64_t low = 0, high = 0, offset = 0, inode = 0;
  unsigned major = 0, minor = 0;
  std::string permissions;  // four characters: "rw-p"
  std::string name;         // a file's path, "[heap]", or nothing
};

// The mappings of this process at the time when the object was created. Reading them again for each
// constant of a model would take as long as compiling a small model.
class MemoryMap {
 public:
  MemoryMap();

  // The mappings that hold `bytes`, in ascending order and without gaps. Empty if a byte was not
  // mapped, or if the map could not be read.
  std::span<const Mapping> Of(std::span<const std::byte> bytes) const;

 private:
  std::vector<Mapping> mappings_;  // ascending
};

}  // namespace tare

#endif  // TARE_OPENVINO_MEMORY_MEMORY_MAP_H_
