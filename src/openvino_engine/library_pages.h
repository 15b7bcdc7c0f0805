#ifndef TARE_OPENVINO_ENGINE_LIBRARY_PAGES_H_
#define TARE_OPENVINO_ENGINE_LIBRARY_PAGES_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace tare {

// The parts of the libraries loaded from `folder` that nothing ever writes to, code above all, as
// they lie in this process. A library that is unloaded takes its part with it.
std::vector<std::span<const std::byte>> ReadOnlyParts(const std::string& folder);

// Gives their pages back to the kernel; each comes from the page cache when it is next used. Of
// the code of OpenVINO most is used once, to compile a model.
void DropLibraryPages(const std::string& folder);

}  // namespace tare

#endif  // TARE_OPENVINO_ENGINE_LIBRARY_PAGES_H_
