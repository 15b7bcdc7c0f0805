#include "openvino/policy/choices.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "trim/contract.h"

namespace tare {
namespace {

constexpr const char* kVariables[] = {kNoEinsumVariable, kSdpaVariable,   kNoParkVariable,
                                      kHugeVariable,     kNoHugeVariable, kParkFolderVariable,
                                      kLogVariable};

class ChoicesTest : public ::testing::Test {
 protected:
  void SetUp() override { Clear(); }
  void TearDown() override { Clear(); }
  static void Clear() {
    for (const char* name : kVariables) unsetenv(name);
  }
  static void Set(const char* name, const char* value) { setenv(name, value, 1); }
};

TEST_F(ChoicesTest, ByItselfOnlyTheCpuGetsWhatWasMeasuredThere) {
  const TrimChoices cpu = ChoicesFor(true), other = ChoicesFor(false);
  EXPECT_TRUE(cpu.rewrites && other.rewrites);
  EXPECT_EQ(cpu.attention, AttentionChoice::kGaining);
  EXPECT_EQ(other.attention, AttentionChoice::kNone);
  EXPECT_TRUE(cpu.parks && cpu.copies_written_rows);
  EXPECT_FALSE(other.parks || other.copies_written_rows);
  EXPECT_EQ(cpu.huge, HugePace::kWhileQuick);
  EXPECT_EQ(cpu.park_folder, "/var/tmp");
  EXPECT_FALSE(cpu.logs);
}

TEST_F(ChoicesTest, AttentionIsFusedOrLeftOnAnyDeviceWhereThatIsAskedFor) {
  Set(kSdpaVariable, kSdpaAll);
  EXPECT_EQ(ChoicesFor(false).attention, AttentionChoice::kAll);
  Set(kSdpaVariable, kSdpaNone);
  EXPECT_EQ(ChoicesFor(true).attention, AttentionChoice::kNone);
  Set(kSdpaVariable, "");
  EXPECT_EQ(ChoicesFor(true).attention, AttentionChoice::kGaining);
}

TEST_F(ChoicesTest, EachFlagTurnsItsOwnOff) {
  Set(kNoEinsumVariable, "1");
  EXPECT_FALSE(ChoicesFor(true).rewrites);
  EXPECT_TRUE(ChoicesFor(true).parks);
  Set(kNoParkVariable, "1");
  EXPECT_FALSE(ChoicesFor(true).parks);
  Set(kHugeVariable, "1");
  EXPECT_EQ(ChoicesFor(true).huge, HugePace::kAny);
  Set(kNoHugeVariable, "1");
  EXPECT_EQ(ChoicesFor(true).huge, std::nullopt);
  Set(kNoParkVariable, "");
  EXPECT_TRUE(ChoicesFor(true).parks);
  Set(kParkFolderVariable, "/disk");
  EXPECT_EQ(ChoicesFor(true).park_folder, "/disk");
  Set(kLogVariable, "1");
  EXPECT_TRUE(ChoicesFor(true).logs);
}

}  // namespace
}  // namespace tare
