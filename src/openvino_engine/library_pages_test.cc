#include "openvino_engine/library_pages.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <link.h>

#include <cstdint>
#include <fstream>
#include <sstream>

namespace tare {
namespace {

using Parts = std::vector<std::span<const std::byte>>;

uint64_t SumOf(const Parts& parts) {
  uint64_t sum = 0;
  for (const std::span<const std::byte> part : parts) {
    for (const std::byte byte : part) sum = sum * 31 + std::to_integer<uint64_t>(byte);
  }
  return sum;
}

// KiB in memory of the mapping that holds `address`.
uint64_t ResidentAt(const void* address) {
  std::ifstream file("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string first;
    words >> first;
    if (const size_t dash = first.find('-'); dash != std::string::npos) {
      const auto at = reinterpret_cast<uintptr_t>(address);
      inside = at >= std::stoull(first.substr(0, dash), nullptr, 16) &&
               at < std::stoull(first.substr(dash + 1), nullptr, 16);
    } else if (uint64_t kib = 0; inside && first == "Rss:" && words >> kib) {
      return kib;
    }
  }
  return 0;
}

class LibraryPagesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    library_ = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library_, nullptr) << dlerror();
    link_map* map = nullptr;
    ASSERT_EQ(dlinfo(library_, RTLD_DI_LINKMAP, &map), 0);
    const std::string path = map->l_name;
    folder_ = path.substr(0, path.rfind('/'));
    cosine_ = reinterpret_cast<double (*)(double)>(dlsym(library_, "cos"));
  }
  void TearDown() override { dlclose(library_); }

  void* library_ = nullptr;
  std::string folder_;
  double (*cosine_)(double) = nullptr;
};

TEST_F(LibraryPagesTest, PartsHoldTheLibrariesCode) {
  const auto* code = reinterpret_cast<const std::byte*>(dlsym(library_, "cosh"));
  bool found = false;
  for (const std::span<const std::byte> part : ReadOnlyParts(folder_)) {
    found = found || (code >= part.data() && code < part.data() + part.size());
  }
  EXPECT_TRUE(found);
}

TEST_F(LibraryPagesTest, DroppedPagesComeBackAsTheyWere) {
  const Parts parts = ReadOnlyParts(folder_);
  const uint64_t sum = SumOf(parts);
  const double expected = cosine_(0.5);
  const void* const code = reinterpret_cast<const void*>(dlsym(library_, "cosh"));
  const uint64_t resident = ResidentAt(code);
  DropLibraryPages(folder_);
  EXPECT_LT(ResidentAt(code), resident / 2);
  EXPECT_EQ(cosine_(0.5), expected);
  EXPECT_EQ(SumOf(parts), sum);
}

TEST_F(LibraryPagesTest, AnotherFoldersLibrariesAreLeft) {
  EXPECT_TRUE(ReadOnlyParts(folder_ + "/nothing").empty());
}

}  // namespace
}  // namespace tare
