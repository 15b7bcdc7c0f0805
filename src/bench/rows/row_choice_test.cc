#include "bench/rows/row_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/testing/temp_folder.h"
#include "bench/rows/devices.h"

namespace tare {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Names = std::vector<std::string>;

Names NamesOf(const Result<RowChoice>& choice) {
  Names names;
  if (!choice.ok()) return {choice.error().message()};
  for (const Backend* backend : choice->rows) names.emplace_back(backend->name);
  return names;
}

TEST(RowChoiceTest, EachRowRunsOnEachDeviceTheCpuFirst) {
  const Names rows = {"keras-torch", "native", "keras-openvino"};
  EXPECT_THAT(NamesOf(NamedRows(rows, Names{"cpu"})),
              ElementsAre("keras-torch", "native", "keras-openvino"));
  EXPECT_THAT(NamesOf(NamedRows(rows, Names{"gpu"})),
              ElementsAre("keras-torch:gpu", "keras-openvino:gpu"));
  const auto both = NamedRows(rows, Names{"cpu", "gpu"});
  EXPECT_THAT(NamesOf(both), ElementsAre("keras-torch", "native", "keras-openvino",
                                         "keras-torch:gpu", "keras-openvino:gpu"));
  EXPECT_THAT(both->only_cpu, ElementsAre("native"));
}

TEST(RowChoiceTest, AGpuRowMayBeNamedItself) {
  EXPECT_THAT(NamesOf(NamedRows(Names{"keras-jax:gpu"}, Names{"cpu"})),
              ElementsAre("keras-jax:gpu"));
  EXPECT_THAT(NamesOf(NamedRows(Names{"keras-jax", "keras-jax:gpu"}, Names{"cpu", "gpu"})),
              ElementsAre(HasSubstr("names keras-jax:gpu twice")));
}

TEST(RowChoiceTest, NoRowLeftOrKnownIsAnError) {
  EXPECT_THAT(NamesOf(NamedRows(Names{"native", "llama.cpp"}, Names{"gpu"})),
              ElementsAre(HasSubstr("these run on a CPU only: native, llama.cpp")));
  EXPECT_THAT(NamesOf(NamedRows(Names{"keras"}, Names{"gpu"})),
              ElementsAre(HasSubstr("no backend \"keras\"")));
}

TEST(RowChoiceTest, EveryGpuRowIsNamedAfterItsCpuRowAndInstalledApart) {
  for (const Backend& backend : AllBackends()) {
    const Backend* on_gpu = OnGpu(backend);
    EXPECT_EQ(backend.gpu != GpuKind::kNone, backend.name.ends_with(":gpu")) << backend.name;
    if (on_gpu == nullptr) continue;
    EXPECT_EQ(on_gpu->argument, on_gpu->name) << "the worker learns its device from it";
    EXPECT_EQ(BackendFolder(*on_gpu).find(':'), std::string::npos);
    EXPECT_NE(RequirementsId(*on_gpu), "") << on_gpu->requirements;
    const bool shared = on_gpu->gpu == GpuKind::kIntel;
    EXPECT_EQ(BackendFolder(*on_gpu) == BackendFolder(backend), shared);
  }
}

TEST(DevicesTest, RowsWithoutTheirDeviceSayWhatWasLookedFor) {
  setenv("TARE_NVML", "libno-such-nvml.so.1", 1);
  std::vector<Contender> contenders = {ContenderOf(**FindBackend("native")),
                                       ContenderOf(**FindBackend("keras-torch:gpu"))};
  EXPECT_FALSE(FindDevices(contenders).has_value());
  unsetenv("TARE_NVML");
  EXPECT_EQ(contenders[0].no_device, "");
  EXPECT_THAT(contenders[1].no_device, HasSubstr("libno-such-nvml.so.1"));
}

TEST(DevicesTest, IntelsRenderNodesAreFoundByTheirVendor) {
  const TempFolder folder;
  const DrmFolders drm = {folder.path() + "/dri", folder.path() + "/drm"};
  const auto add = [&](const std::string& name, const char* vendor) {
    std::filesystem::create_directories(drm.nodes);
    std::filesystem::create_directories(drm.classes + "/" + name + "/device");
    std::ofstream(drm.nodes + "/" + name) << "";
    std::ofstream(drm.classes + "/" + name + "/device/vendor") << vendor << "\n";
  };
  EXPECT_THAT(FindIntelGpus(drm).error().message(), HasSubstr("of 0 render nodes"));
  add("renderD128", "0x10de");
  add("card0", "0x8086");
  EXPECT_THAT(FindIntelGpus(drm).error().message(), HasSubstr("of 1 render node ("));
  add("renderD129", "0x8086");
  const auto found = FindIntelGpus(drm);
  ASSERT_TRUE(found.ok());
  EXPECT_THAT(*found, ElementsAre(drm.nodes + "/renderD129"));
}

}  // namespace
}  // namespace tare
