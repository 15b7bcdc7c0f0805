#ifndef TARE_OPENVINO_ENGINE_LIBRARY_PAGES_H_
#define TARE_OPENVINO_ENGINE_LIBRARY_PAGES_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace tare {

// The parts of the libraries loaded from `folder` that nothing ever writes to, mostly code. A part
// is valid until its library is unloaded.
std::vector<std::span<const std::byte>> ReadOnlyParts(const std::string& folder);

// Gives their pages back to the kernel; the next use brings each back from the page cache. Most of
// OpenVINO's code is used only once, to compile a model.
void DropLibraryPages(const std::string& folder);

}  // namespace tare

#endif  // TARE_OPENVINO_ENGINE_LIBRARY_PAGES_H_
