#ifndef TARE_OPENVINO_TESTING_MAPPED_PAGES_H_
#define TARE_OPENVINO_TESTING_MAPPED_PAGES_H_

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tare {

// The number of a span's pages in the page tables, from /proc/self/pagemap.
inline size_t MappedPages(std::span<const std::byte> pages) {
  const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const size_t count = pages.size() / page;
  std::vector<uint64_t> entries(count);
  const int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  const auto first = static_cast<off_t>(reinterpret_cast<uintptr_t>(pages.data()) / page * 8);
  EXPECT_EQ(pread(pagemap, entries.data(), count * 8, first), static_cast<ssize_t>(count * 8));
  close(pagemap);
  size_t mapped = 0;
  for (const uint64_t entry : entries) mapped += entry >> 63;
  return mapped;
}

}  // namespace tare

#endif  // TARE_OPENVINO_TESTING_MAPPED_PAGES_H_
