#include "openvino_engine/library_pages.h"

#include <link.h>

#include <string_view>
#include <utility>

#include "base/mapped_file.h"

namespace tare {
namespace {

using Parts = std::vector<std::span<const std::byte>>;

struct Search {
  std::string_view folder;
  Parts parts;
};

std::string_view FolderOf(std::string_view path) { return path.substr(0, path.rfind('/')); }

const std::byte* AddressOf(const dl_phdr_info& library, const ElfW(Phdr) & segment) {
  return reinterpret_cast<const std::byte*>(library.dlpi_addr + segment.p_vaddr);
}

// Whether the loader wrote into segments that are marked read-only.
bool HasTextRelocations(const dl_phdr_info& library, std::span<const ElfW(Phdr)> segments) {
  for (const ElfW(Phdr) & segment : segments) {
    if (segment.p_type != PT_DYNAMIC) continue;
    const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(AddressOf(library, segment));
    for (; entry->d_tag != DT_NULL; ++entry) {
      const bool flagged = entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0;
      if (flagged || entry->d_tag == DT_TEXTREL) return true;
    }
  }
  return false;
}

int AddParts(dl_phdr_info* library, size_t /*bytes*/, void* to) {
  Search& search = *static_cast<Search*>(to);
  if (FolderOf(library->dlpi_name) != search.folder) return 0;
  const std::span<const ElfW(Phdr)> segments(library->dlpi_phdr, library->dlpi_phnum);
  if (HasTextRelocations(*library, segments)) return 0;
  for (const ElfW(Phdr) & segment : segments) {
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    search.parts.emplace_back(AddressOf(*library, segment), segment.p_filesz);
  }
  return 0;
}

}  // namespace

std::vector<std::span<const std::byte>> ReadOnlyParts(const std::string& folder) {
  Search search = {.folder = folder, .parts = {}};
  dl_iterate_phdr(AddParts, &search);
  return std::move(search.parts);
}

void DropLibraryPages(const std::string& folder) {
  for (const std::span<const std::byte> part : ReadOnlyParts(folder)) DropMappedPages(part);
}

}  // namespace tare
