// Programs with a known need. Skipped, with the reason, where memory cgroups cannot be created.

#include "bench/plan/required.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "base/testing/temp_folder.h"
#include "base/units.h"
#include "bench/testing/cgroup_test.h"
#include "bench/testing/fake_worker.h"
#include "bench/testing/weighs_exactly.h"
#include "os/page_cache.h"

namespace tare {
namespace {

using ::testing::HasSubstr;

class RequiredTest : public CgroupTest {
 protected:
  RequiredRecord Find(const std::string& mode, const std::string& model = "model.gguf") {
    RequiredOptions options;
    options.run.command = {FakeWorker(), {"fake_worker", mode}, {}};
    options.run.run = TwoGenerations(model);
    options.run.stage_timeout_ns = 60'000'000'000;
    options.run.sample_interval_ns = 0;
    options.run.cgroups = &place_->parent();
    options.model_files = {model};
    // Tests run beside others, so times vary. Too little memory makes them far longer.
    options.time_factor = 2;
    return FindRequired(options, *interrupt_);
  }
};

#if TARE_WEIGHS_EXACTLY
constexpr uint64_t kNeed = 192 * kMebibyte;

size_t Count(const RequiredRecord& record, std::string_view outcome) {
  return static_cast<size_t>(std::ranges::count(record.probes, outcome, &RequiredProbe::outcome));
}

// The process's other memory: its heap, stack and program pages.
constexpr uint64_t kBesides = kMebibyte;

TEST_F(RequiredTest, OfAnonymousMemoryItIsWhatIsHeld) {
  const RequiredRecord record = Find("touch:192");
  ASSERT_TRUE(record.required_bytes.has_value()) << record.error;
  EXPECT_NEAR(*record.required_bytes, kNeed + kBesides, 0.02 * kNeed);
  EXPECT_GE(Count(record, "oom-limit"), 3u);
  EXPECT_GE(Count(record, "done"), 4u);
  EXPECT_FALSE(record.probes[0].limit_bytes.has_value());
  EXPECT_GT(record.unlimited_ns, 0u);
}

TEST_F(RequiredTest, OfAMappedFileThatIsReadAgainAndAgainItIsTheFile) {
  const TempFolder folder;
  const std::string path = folder.File("reread.bin");
  std::ofstream(path, std::ios::binary) << std::string(kNeed, 'w');
  const bool on_disk = EvictFile(path).cached_bytes == 0;
  const RequiredRecord record = Find("reread", path);
  if (!on_disk) GTEST_SKIP() << folder.path() << " is not on a disk";
  ASSERT_TRUE(record.required_bytes.has_value()) << record.error;
  EXPECT_NEAR(*record.required_bytes, kNeed + kBesides, 0.02 * kNeed);
  EXPECT_GE(Count(record, "too-slow"), 2u);
  // Each run must read it from disk.
  for (const RequiredProbe& probe : record.probes) {
    if (probe.outcome == "done") {
      EXPECT_GE(probe.disk_read_bytes.value_or(0), kNeed);
    }
  }
  EXPECT_GE(record.file_bytes, kNeed);
}

#endif  // TARE_WEIGHS_EXACTLY

TEST_F(RequiredTest, ARowThatFailsWithoutALimitHasNoneAndSaysWhy) {
  const RequiredRecord record = Find("error");
  EXPECT_FALSE(record.required_bytes.has_value());
  EXPECT_THAT(record.error, HasSubstr("without a limit it fails: load-error: no such model"));
  EXPECT_TRUE(record.probes.empty());
}

}  // namespace
}  // namespace tare
